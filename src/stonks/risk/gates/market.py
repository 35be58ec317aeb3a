"""Gates on the instrument and its market: hours, quote, liquidity, calendar, whether it can be traded at all."""

from datetime import date, timedelta

from stonks.model.decision import Check
from stonks.model.order import Side
from stonks.risk.facts import Facts
from stonks.risk.gates.ruling import Ruling, answer, at_least, at_most, missing, positive, soft
from stonks.risk.hours import days_between, may_enter, may_exit

_SECOND = timedelta(seconds=1)
_REPORT_DUE = 82
_REPORT_OVERDUE = 100
"""Days after a report in which the next one may come unannounced."""


def window(facts: Facts) -> Ruling:
    """Inside the session, away from its edges; exits may go until the close."""
    limits, exits = facts.policy.limits, facts.proposal.reduce_only
    asks = may_exit if exits else may_enter
    check = answer(
        "window",
        "OUTSIDE_WINDOW",
        passed=asks(facts.sessions, limits, facts.now),
        observed=facts.now.isoformat(),
        limit=f"{_minutes(limits.after_open)} after the open to "
        + ("the close" if exits else f"{_minutes(limits.before_close)} before the close"),
        as_of=facts.now,
    )
    return Ruling(checks=(check,))


def _minutes(span: timedelta) -> str:
    return f"{span // timedelta(minutes=1)} min"


def quote(facts: Facts) -> Ruling:
    """A fresh price, and for entries a narrow one."""
    limits, price, age = facts.policy.limits, facts.market.price, facts.quote_age
    at = None if price is None else price.at
    seconds = None if age is None else age / _SECOND
    fresh = at_most("quote", "QUOTE_STALE", seconds, limits.max_quote_age / _SECOND, at)
    if facts.proposal.reduce_only:
        return Ruling(checks=(fresh,))
    spread = None if price is None or price.mid <= 0 else float((price.ask - price.bid) / price.mid)
    return Ruling(checks=(fresh, at_most("quote", "SPREAD_WIDE", spread, limits.max_spread, at)))


def liquidity(facts: Facts) -> Ruling:
    """No more than a share of what trades a day, which shrinks an exit and never stops it; no entry in penny stocks."""
    limits, market = facts.policy.limits, facts.market
    adv, equity = positive(market.adv), positive(facts.book.equity)
    allowed, as_of = f"at most {limits.adv_share:.1%} of it", market.bars_as_of
    if adv is None or equity is None:
        check, caps = missing("liquidity", "ADV_CAP", allowed, as_of), {}
    else:
        check = answer("liquidity", "ADV_CAP", passed=True, observed=adv, limit=allowed, as_of=as_of)
        caps = {"ADV_CAP": limits.adv_share * adv / equity}
    if facts.proposal.reduce_only:
        return Ruling(checks=(soft(check),), caps=caps)
    middle, at = (None, None) if market.price is None else (float(market.price.mid), market.price.at)
    floor = at_least("liquidity", "PRICE_LOW", middle, limits.min_price, at)
    return Ruling(checks=(check, floor), caps=caps)


def earnings(facts: Facts) -> Ruling:
    """No entry in the sessions around a report; where the next date is unknown, none while one is due.

    A calendar that knows of no report at all is recorded as missing and stops nothing: no free source has them all.
    """
    limits, today = facts.policy.limits, facts.now.date()
    allowed = f"{limits.blackout_before} sessions before to {limits.blackout_after} after"
    ahead = min((day for day in facts.market.earnings if day >= today), default=None)
    behind = max((day for day in facts.market.earnings if day < today), default=None)
    if ahead is None and behind is None:
        return Ruling(checks=(soft(missing("earnings", "EARNINGS_BLACKOUT", allowed, None)),))
    quiet = _days_off(facts, ahead, behind)
    check = answer(
        "earnings",
        "EARNINGS_BLACKOUT",
        passed=quiet,
        observed=f"last {behind or 'unknown'}, next {ahead or 'unknown'}",
        limit=allowed,
        as_of=facts.now,
    )
    return Ruling(checks=(check,))


def _days_off(facts: Facts, ahead: date | None, behind: date | None) -> bool:
    limits, today = facts.policy.limits, facts.now.date()
    if ahead is not None and days_between(facts.sessions, today, ahead) <= limits.blackout_before:
        return False
    if behind is not None and days_between(facts.sessions, behind, today) <= limits.blackout_after:
        return False
    return ahead is not None or behind is None or not _REPORT_DUE <= (today - behind).days <= _REPORT_OVERDUE


def corporate_action(facts: Facts) -> Ruling:
    """No entry on the ex-date of a split nor on the session before."""
    today = facts.now.date()
    near = [day for day in facts.market.splits if day >= today and days_between(facts.sessions, today, day) <= 1]
    check = answer(
        "corporate_action",
        "CORP_ACTION_WINDOW",
        passed=not near,
        observed=min(near).isoformat() if near else "none near",
        limit="not on the ex-date or the session before",
        as_of=facts.now,
    )
    return Ruling(checks=(check,))


def tradability(facts: Facts) -> Ruling:
    """A tracked company; and a sale only of what is held and not yet promised, for the account is cash."""
    ticker, selling = facts.proposal.ticker, facts.proposal.side is Side.SELL
    tracked = facts.market.sector is not None
    checks: tuple[Check, ...] = (
        answer(
            "tradability",
            "NOT_TRADABLE",
            passed=tracked,
            observed=facts.market.sector if tracked else "not tracked",
            limit="a tracked company",
            as_of=facts.book.as_of,
        ),
    )
    if selling:
        free = float(facts.book.sellable(ticker))
        wanted = float(facts.proposal.quantity)
        covered = answer(
            "tradability",
            "NOT_SHORTABLE",
            passed=0 < wanted <= free,
            observed=wanted,
            limit=free,
            as_of=facts.book.as_of,
        )
        checks = (*checks, covered)
    return Ruling(checks=checks)
