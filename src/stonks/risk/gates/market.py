"""Gates on the instrument and its market: hours, quote, liquidity, calendar, whether it can be traded at all."""

from datetime import date, timedelta
from decimal import Decimal

from stonks.model.decision import Check
from stonks.model.market import Asset, Price
from stonks.model.order import Side
from stonks.risk.facts import Facts
from stonks.risk.gates.ruling import Ruling, answer, at_least, at_most, missing, positive, soft
from stonks.risk.hours import covers, days_between, may_enter, may_exit

_SECOND = timedelta(seconds=1)
_REPORT_DUE = 82
_REPORT_OVERDUE = 100
"""Days after a report in which the next one may come unannounced."""


def window(facts: Facts) -> Ruling:
    """Inside the session, away from its edges; exits may go until the close."""
    limits, exits = facts.policy.limits, facts.proposal.reduce_only
    until = "the close" if exits else f"{_minutes(limits.before_close)} before the close"
    allowed = f"{_minutes(limits.after_open)} after the open to {until}"
    if not covers(facts.sessions, facts.now):
        return Ruling(checks=(missing("window", "OUTSIDE_WINDOW", allowed, None),))
    check = answer(
        "window",
        "OUTSIDE_WINDOW",
        passed=(may_exit if exits else may_enter)(facts.sessions, limits, facts.now),
        observed=facts.now.isoformat(),
        limit=allowed,
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
    return Ruling(checks=(fresh, at_most("quote", "SPREAD_WIDE", _spread(price), limits.max_spread, at)))


def _spread(price: Price | None) -> float | None:
    """Return ask less bid over their middle, or None where they are no prices or cross."""
    if price is None or not (price.bid.is_finite() and price.ask.is_finite()) or not 0 < price.bid <= price.ask:
        return None
    return float((price.ask - price.bid) / price.mid)


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

    A calendar that knows of no report, or of none for longer than two reports lie apart, is recorded as missing and
    stops nothing: no free source has them all.
    """
    limits, today = facts.policy.limits, facts.now.date()
    allowed = f"{limits.blackout_before} sessions before to {limits.blackout_after} after"
    ahead = min((day for day in facts.market.earnings if day >= today), default=None)
    behind = max((day for day in facts.market.earnings if day < today), default=None)
    if ahead is None and (behind is None or (today - behind).days > _REPORT_OVERDUE):
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
    """No entry on the ex-date of a split, spin-off or merger, nor on the session before."""
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
    """An instrument that the broker takes such orders in now; and a sale only of what is held and not promised.

    What the broker said may be unknown or old when a position is left: that is recorded and stops no exit.
    """
    exits, asset = facts.proposal.reduce_only, facts.market.asset
    limits, checks = facts.policy.limits, [] if facts.proposal.reduce_only else [_tracked(facts)]
    if asset is None or not timedelta(0) <= facts.now - asset.known_at <= limits.max_asset_age:
        unknown = missing("tradability", "NOT_TRADABLE", "tradable", None if asset is None else asset.known_at)
        checks.append(soft(unknown) if exits else unknown)
    else:
        checks.extend(_allowed(facts, asset))
    if exits or facts.proposal.side is Side.SELL:
        checks.append(_covered(facts))
    return Ruling(checks=tuple(checks))


def _tracked(facts: Facts) -> Check:
    sector = facts.market.sector
    return answer(
        "tradability",
        "NOT_TRADABLE",
        passed=sector is not None,
        observed=sector or "not tracked",
        limit="a tracked company",
        as_of=facts.book.as_of,
    )


def _allowed(facts: Facts, asset: Asset) -> list[Check]:
    """Return what the broker says of the instrument; parts of shares only where it deals in them."""
    whole = facts.proposal.quantity == facts.proposal.quantity.to_integral_value()
    said = (
        ("NOT_TRADABLE", asset.tradable, "tradable"),
        ("HALTED_SYMBOL", not asset.halted, "not halted"),
        ("NOT_FRACTIONABLE", whole or asset.fractionable, "whole shares"),
    )
    return [
        answer(
            "tradability",
            code,
            passed=passed,
            observed=limit if passed else f"not {limit}".removeprefix("not not "),
            limit=limit,
            as_of=asset.known_at,
        )
        for code, passed, limit in said
    ]


def _covered(facts: Facts) -> Check:
    """Return whether the account has what it would sell: it is a cash account, in which nothing is sold short."""
    ticker, wanted = facts.proposal.ticker, facts.proposal.quantity
    selling = facts.proposal.side is Side.SELL
    free = facts.book.sellable(ticker) if selling else max(Decimal(0), -facts.book.held(ticker))
    return answer(
        "tradability",
        "NOT_SHORTABLE" if selling else "NOT_REDUCING",
        passed=0 < wanted <= free,
        observed=float(wanted),
        limit=float(free),
        as_of=facts.book.as_of,
    )
