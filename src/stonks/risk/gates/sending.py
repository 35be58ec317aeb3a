"""What is asked as an order goes out: can it be paid still, has the price moved, is it out of the ordinary."""

import math
from datetime import datetime

from stonks.model.decision import Check
from stonks.risk import exposure as carried
from stonks.risk.facts import Facts, Habits
from stonks.risk.gates.ruling import answer, at_most, missing, positive

FEWEST = 10
"""Orders from which on there is something ordinary to compare with."""


def affordable(facts: Facts) -> Check:
    """Return whether the cash that other orders leave pays for this one, with a margin for costs."""
    price, free = facts.market.price, carried.buying_power(facts.book)
    if price is None or free is None or not math.isfinite(free):
        return missing("buying_power", "INSUFFICIENT_BP", "free cash", facts.book.as_of)
    cost = float(facts.proposal.quantity * price.ask) * carried.COST_MARGIN
    return at_most("buying_power", "INSUFFICIENT_BP", cost, free, facts.book.as_of)


def drift(facts: Facts, decided_price: float | None) -> Check:
    """Return whether the price is still about where the order was decided."""
    return at_most("drift", "PRICE_DRIFT", _off(facts, decided_price), facts.policy.limits.max_drift, _priced_at(facts))


def size_sanity(facts: Facts, decided_price: float | None) -> tuple[Check, Check]:
    """Return whether the order costs about what this account's entries do, and names about the market's price.

    Fewer than ten orders before it are nothing to compare with.
    """
    habits, limits, price = facts.book.habits, facts.policy.limits, facts.market.price
    cost = None if price is None else float(facts.proposal.quantity * price.ask)
    named = None if facts.proposal.limit is None else float(facts.proposal.limit)
    off = _off(facts, decided_price if named is None else named)
    return (
        _ordinary(habits, cost, limits.max_over_median, facts.now),
        at_most("size_sanity", "SIZE_SANITY", off, limits.max_off_last, _priced_at(facts)),
    )


def turnover(facts: Facts) -> tuple[Check, Check]:
    """Return whether one more entry now is within what may be sent a minute and a day."""
    habits, limits = facts.book.habits, facts.policy.limits
    minute, day = (None, None) if habits is None else (habits.last_minute + 1, habits.last_day + 1)
    return (
        at_most("turnover", "TURNOVER", minute, limits.orders_a_minute, facts.now),
        at_most("turnover", "TURNOVER", day, limits.orders_a_day, facts.now),
    )


def _ordinary(habits: Habits | None, cost: float | None, factor: float, now: datetime) -> Check:
    median = None if habits is None else positive(habits.median)
    if habits is None or cost is None or (habits.orders >= FEWEST and median is None):
        return missing("size_sanity", "SIZE_SANITY", f"at most {factor:g} times the median order", now)
    if habits.orders < FEWEST or median is None:
        few = f"{habits.orders} orders before it"
        return answer("size_sanity", "SIZE_SANITY", passed=True, observed=few, limit=f"from {FEWEST} on", as_of=now)
    return at_most("size_sanity", "SIZE_SANITY", cost, factor * median, now)


def _off(facts: Facts, price: float | None) -> float | None:
    """Return how far the market's price lies from another one, as a share of that; None where either is unknown."""
    now = facts.market.price
    if now is None or price is None or not math.isfinite(price) or price <= 0:
        return None
    return abs(float(now.mid) / price - 1)


def _priced_at(facts: Facts) -> datetime | None:
    return None if facts.market.price is None else facts.market.price.at
