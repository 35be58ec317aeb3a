"""Gates on the account: its state, its breakers, what it decided already, and how much it does a day."""

from stonks.model.decision import Check
from stonks.model.order import Side
from stonks.risk.facts import Facts, TradingState
from stonks.risk.gates.ruling import Ruling, answer, at_most, missing
from stonks.risk.hours import opened_since


def state(facts: Facts) -> Ruling:
    """Halted lets nothing pass, reducing only what reduces."""
    at, reduces = facts.book.state, facts.reduces
    limit = "active or reducing" if reduces else "active"
    if at is None:
        return Ruling(checks=(missing("state", "TRADING_HALTED", limit, facts.book.as_of),))
    check = answer(
        "state",
        "REDUCE_ONLY" if at is TradingState.REDUCING else "TRADING_HALTED",
        passed=at is TradingState.ACTIVE or (at is TradingState.REDUCING and reduces),
        observed=at.value,
        limit=limit,
        as_of=facts.book.as_of,
    )
    return Ruling(checks=(check,))


def breaker(facts: Facts) -> Ruling:
    """No open breaker covers the account, the sector or the ticker; a half-open one lets a probe's size pass."""
    if facts.book.breakers is None:
        return Ruling(checks=(missing("breaker", "BREAKER_OPEN", "none open", facts.book.as_of),))
    place = facts.proposal.ticker, facts.market.sector
    covering = [b for b in facts.book.breakers if b.covers(*place)]
    names = ", ".join(sorted(f"{b.kind}@{b.scope}" for b in covering))
    probes = any(b.probes(*place) for b in facts.book.breakers)
    check = answer(
        "breaker",
        "BREAKER_OPEN",
        passed=not covering,
        observed=names or ("half open" if probes else "none open"),
        limit="none open",
        as_of=facts.book.as_of,
    )
    return Ruling(checks=(check,), caps={"PROBE": facts.policy.breakers.probe_share} if probes else {})


def duplicate(facts: Facts) -> Ruling:
    """One decision a recommendation, one working order a ticker and side."""
    ticker, side = facts.proposal.ticker, facts.proposal.side
    working = sum(order.ticker == ticker and order.side is side for order in facts.book.resting)
    check = answer(
        "duplicate",
        "DUPLICATE_DECISION",
        passed=not facts.proposal.decided and working == 0,
        observed="decided before" if facts.proposal.decided else f"{working} working",
        limit="0 working",
        as_of=facts.book.as_of,
    )
    return Ruling(checks=(check,))


def cooldown(facts: Facts) -> Ruling:
    """A ticker that was sold rests; after a stop twice as long."""
    last = max((e for e in facts.book.exits if e.ticker == facts.proposal.ticker), key=lambda e: e.at, default=None)
    if last is None:
        return Ruling(checks=(_cooldown(facts, "no exit", passed=True, limit="none needed"),))
    factor = 2 if last.stopped else 1
    rest = facts.policy.limits.cooldown
    sessions, time = opened_since(facts.sessions, last.at, facts.now), facts.now - last.at
    check = _cooldown(
        facts,
        f"{sessions} sessions, {time}",
        passed=sessions >= rest.sessions * factor and time >= rest.time * factor,
        limit=f"{rest.sessions * factor} sessions, {rest.time * factor}",
    )
    return Ruling(checks=(check,))


def _cooldown(facts: Facts, observed: str, *, passed: bool, limit: str) -> Check:
    return answer("cooldown", "COOLDOWN", passed=passed, observed=observed, limit=limit, as_of=facts.book.as_of)


def counts(facts: Facts) -> Ruling:
    """So many names at once, so many entries a session."""
    book, limits = facts.book, facts.policy.limits
    names = {holding.ticker for holding in book.holdings}
    names |= {order.ticker for order in book.resting if order.side is Side.BUY}
    names.add(facts.proposal.ticker)
    return Ruling(
        checks=(
            at_most("positions", "MAX_POSITIONS", len(names), limits.max_positions, book.as_of),
            at_most("positions", "MAX_NEW", book.entries_today + 1, limits.max_new, book.as_of),
        )
    )


def approval(facts: Facts, weight: float) -> Ruling:
    """Entries above the mode's share of equity wait for a person."""
    share = facts.policy.limits.approval_share.get(facts.proposal.mode.value)
    check = answer(
        "approval",
        "NEEDS_APPROVAL",
        passed=share is None or weight <= share,
        observed=weight,
        limit="never asks" if share is None else share,
        as_of=facts.book.as_of,
    )
    return Ruling(checks=(check,))
