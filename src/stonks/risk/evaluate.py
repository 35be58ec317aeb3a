"""Every gate in order, none left out, then the size: one evaluation explains itself wholly."""

import math
from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

import msgspec

from stonks.model.decision import Check, Clamp
from stonks.risk import exposure as carried
from stonks.risk.asked import asked_size, held_to
from stonks.risk.breakers import BreakerKind, BreakerState
from stonks.risk.facts import Facts
from stonks.risk.gates import account, exposure, market, recommendation, sending
from stonks.risk.gates.ruling import Ruling, answer, positive
from stonks.risk.sizing import Sized, SizeInput, size


class Gate(NamedTuple):
    """A gate and whether exits must pass it too."""

    name: str
    asks: Callable[[Facts], Ruling]
    of_exits: bool


GATES = (
    Gate("state", account.state, of_exits=True),
    Gate("breaker", account.breaker, of_exits=False),
    Gate("duplicate", account.duplicate, of_exits=True),
    Gate("age", recommendation.age, of_exits=False),
    Gate("window", market.window, of_exits=True),
    Gate("quote", market.quote, of_exits=True),
    Gate("confidence", recommendation.confidence, of_exits=False),
    Gate("liquidity", market.liquidity, of_exits=True),
    Gate("name", exposure.name, of_exits=False),
    Gate("sector", exposure.sector, of_exits=False),
    Gate("gross_net", exposure.gross_and_net, of_exits=False),
    Gate("correlation", exposure.correlation, of_exits=False),
    Gate("earnings", market.earnings, of_exits=False),
    Gate("cooldown", account.cooldown, of_exits=False),
    Gate("positions", account.counts, of_exits=False),
    Gate("corporate_action", market.corporate_action, of_exits=False),
    Gate("tradability", market.tradability, of_exits=True),
    Gate("buying_power", exposure.power, of_exits=True),
)
"""Gates 1 to 18 of trading.md 3.1; the 19th, approval, needs the size and comes after it."""


_OF_RECOMMENDATIONS = frozenset({"age", "confidence"})
"""Gates that have nothing to look at where a person asks."""
_WAITS = "NEEDS_APPROVAL"


class Evaluation(msgspec.Struct, frozen=True, kw_only=True):
    """All checks in the order of the gates, what bound the size, and the first hard failure, if there is one.

    The quantity is zero where a hard check failed, unless a person's yes is all that is missing.
    """

    checks: tuple[Check, ...]
    clamps: tuple[Clamp, ...]
    sizing: dict[str, float]
    quantity: Decimal
    primary_reason: str | None
    needs_approval: bool = False
    """Whether a person's yes is all that is missing."""


def evaluate(facts: Facts) -> Evaluation:
    """Ask every gate and size the order; the quantity is zero where a hard check failed."""
    rulings = [_ask(gate, facts) for gate in GATES]
    caps = {code: cap for ruling in rulings for code, cap in ruling.caps.items()}
    sized = _exit_size(facts, caps) if facts.proposal.reduce_only else _entry_size(facts, caps)
    checks = [check for ruling in rulings for check in ruling.checks]
    if facts.proposal.reduce_only:
        checks.append(_not_asked("approval"))
    else:
        checks.extend(account.approval(facts, sized.weight).checks)
    checks.append(_size_check(facts, sized))
    return _conclude(checks, sized)


def recheck(facts: Facts, decided_price: float | None) -> Evaluation:
    """Ask again what may have changed since an order was decided, and whether the order is out of the ordinary.

    A stop that protects a position needs no fresh quote, only that the newest one has not passed it.
    """
    names = {"state", "breaker", "tradability"} | ({"quote"} if facts.proposal.stop_price is None else set())
    asked = [gate for gate in GATES if gate.name in names]
    checks = [check for gate in asked for check in _ask(gate, facts).checks]
    if facts.proposal.stop_price is not None:
        checks.append(_not_passed(facts, facts.proposal.stop_price))
    if not facts.proposal.reduce_only:
        checks += [sending.affordable(facts), sending.drift(facts, decided_price)]
        checks += [*sending.size_sanity(facts, decided_price), *sending.turnover(facts)]
    sized = Sized(quantity=facts.proposal.quantity, weight=0.0, steps={}, clamps=())
    return _conclude(checks, sized)


def _ask(gate: Gate, facts: Facts) -> Ruling:
    if facts.proposal.reduce_only and not gate.of_exits:
        return Ruling(checks=(_not_asked(gate.name),))
    if facts.proposal.manual and gate.name in _OF_RECOMMENDATIONS:
        return Ruling(checks=(_no_recommendation(gate.name),))
    return gate.asks(facts)


def _no_recommendation(gate: str) -> Check:
    """Return that a gate was neither passed nor stops anything: a person's order has no recommendation to judge."""
    return Check(
        gate=gate,
        code="NO_RECOMMENDATION",
        passed=False,
        hard=False,
        observed="asked for by a person",
        limit=None,
        data_as_of=None,
    )


def _not_asked(gate: str) -> Check:
    return Check(
        gate=gate,
        code="NOT_ASKED_OF_EXITS",
        passed=True,
        hard=False,
        observed=None,
        limit=None,
        data_as_of=None,
    )


def _entry_size(facts: Facts, caps: dict[str, float]) -> Sized:
    if facts.proposal.manual:
        return asked_size(facts, caps)
    price = facts.market.price
    names = facts.book.sectors().keys() | {facts.proposal.ticker}
    given = SizeInput(
        probability=facts.proposal.probability,
        probability_low=facts.proposal.probability_low,
        contradiction=facts.proposal.contradiction,
        volatility=facts.market.volatility,
        atr=facts.market.atr,
        price=None if price is None else float(price.ask),
        equity=facts.book.equity,
        names=len(names),
        held=carried.name_weight(facts) if positive(facts.book.equity) else 0.0,
        results=facts.book.results,
        share=_weekly_share(facts),
        caps=caps,
    )
    return held_to(size(given, facts.policy.sizes), facts.proposal.quantity, given.price or 0.0, given.equity or 1.0)


def _weekly_share(facts: Facts) -> float:
    """Return what a bad week leaves of a size."""
    bad = any(b.kind is BreakerKind.WEEKLY_LOSS and b.state is BreakerState.OPEN for b in facts.book.breakers or ())
    return facts.policy.breakers.weekly_share if bad else 1.0


def _exit_size(facts: Facts, caps: dict[str, float]) -> Sized:
    """Return what is left now: what trades a day makes it smaller, down to one share, and never stops it."""
    wanted, price, equity = facts.proposal.quantity, facts.market.price, positive(facts.book.equity)
    bid = None if price is None else positive(float(price.bid))
    if bid is None or equity is None or "ADV_CAP" not in caps:
        return Sized(quantity=wanted, weight=0.0, steps={}, clamps=())
    weight = float(wanted) * bid / equity
    steps = {"weight": weight, "price": bid}
    if weight <= caps["ADV_CAP"]:
        return Sized(quantity=wanted, weight=weight, steps=steps, clamps=())
    allowed = Decimal(math.floor(caps["ADV_CAP"] * equity / bid))
    return Sized(
        quantity=max(allowed, min(wanted, Decimal(1))),
        weight=caps["ADV_CAP"],
        steps=steps,
        clamps=(Clamp(code="ADV_CAP", before=weight, after=caps["ADV_CAP"]),),
    )


def _size_check(facts: Facts, sized: Sized) -> Check:
    return answer(
        "size",
        sized.refusal or "SIZE",
        passed=sized.refusal is None,
        observed=sized.steps.get("notional", float(sized.quantity)),
        limit=None if facts.proposal.reduce_only else facts.policy.sizes.min_notional,
        as_of=facts.book.as_of,
    )


def _not_passed(facts: Facts, stop: Decimal) -> Check:
    price = facts.market.price
    return answer(
        "stop",
        "STOP_PASSED",
        passed=price is None or price.bid > stop,
        observed=None if price is None else float(price.bid),
        limit=float(stop),
        as_of=None if price is None else price.at,
    )


def _conclude(checks: list[Check], sized: Sized) -> Evaluation:
    failures = [check.code for check in checks if check.hard and not check.passed]
    failed = next(iter(failures), None)
    waits = failures == [_WAITS]
    return Evaluation(
        checks=tuple(checks),
        clamps=sized.clamps,
        sizing=sized.steps,
        quantity=sized.quantity if failed is None or waits else Decimal(0),
        primary_reason=failed,
        needs_approval=waits,
    )
