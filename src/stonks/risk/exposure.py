"""How much of the account is where, and how much room each cap leaves; all in shares of equity."""

from stonks.model.order import Side
from stonks.risk.correlation import UNKNOWN
from stonks.risk.facts import Book, Facts

COST_MARGIN = 1.03
"""Brokers hold back a little more than an order's cost while it is open."""


def weights(book: Book) -> dict[str, float]:
    """Return each name's signed share of equity, working buys counted as if filled; sells free nothing before they are.

    Equity must be known and above zero.
    """
    equity = book.equity or 0.0
    totals: dict[str, float] = {}
    for holding in book.holdings:
        totals[holding.ticker] = totals.get(holding.ticker, 0.0) + holding.value / equity
    for order in book.resting:
        if order.side is Side.BUY:
            totals[order.ticker] = totals.get(order.ticker, 0.0) + order.value / equity
    return totals


def name_weight(facts: Facts) -> float:
    """Return what the proposal's name takes already."""
    return abs(weights(facts.book).get(facts.proposal.ticker, 0.0))


def sector_weight(facts: Facts) -> float:
    """Return what the proposal's sector takes already."""
    sectors = facts.book.sectors()
    return sum(abs(weight) for ticker, weight in weights(facts.book).items() if sectors[ticker] == facts.market.sector)


def gross_and_net(book: Book) -> tuple[float, float]:
    """Return the sum of absolute and of signed weights."""
    values = weights(book).values()
    return sum(map(abs, values)), sum(values)


def buying_power(book: Book) -> float | None:
    """Return dollars that no working buy needs, or None where cash is unknown."""
    if book.cash is None:
        return None
    return book.cash - sum(order.value * COST_MARGIN for order in book.resting if order.side is Side.BUY)


def correlation_to_book(facts: Facts) -> float:
    """Return the mean correlation to the other names, weighted by what they take; an empty book gives 0."""
    others = _others(facts)
    total = sum(others.values())
    if total == 0:
        return 0.0
    return sum(weight * facts.market.correlations.get(name, UNKNOWN) for name, weight in others.items()) / total


def heaviest_twin(facts: Facts) -> tuple[str, float] | None:
    """Return the heavy holding that moves most like the proposal's name, if one is above the policy's likeness."""
    limits = facts.policy.limits
    twins = [
        (facts.market.correlations.get(name, UNKNOWN), name)
        for name, weight in _others(facts).items()
        if weight > limits.twin_weight
    ]
    likeness, name = max(twins, default=(0.0, ""))
    return (name, likeness) if likeness >= limits.twin_correlation else None


def _others(facts: Facts) -> dict[str, float]:
    return {name: abs(weight) for name, weight in weights(facts.book).items() if name != facts.proposal.ticker}
