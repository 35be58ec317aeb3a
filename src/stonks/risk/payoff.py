"""What closed trades say of the next one: how much a gain is worth in losses."""

from collections.abc import Sequence

from stonks.risk.facts import Results
from stonks.risk.trades import ClosedTrade


def results_of(trades: Sequence[ClosedTrade]) -> Results:
    """Return how many trades there are and their mean gain over their mean loss; no payoff where one of them lacks."""
    gains = [float(trade.profit) for trade in trades if trade.profit > 0]
    losses = [-float(trade.profit) for trade in trades if trade.profit < 0]
    known = gains and losses
    payoff = (sum(gains) / len(gains)) / (sum(losses) / len(losses)) if known else None
    return Results(trades=len(gains) + len(losses), payoff=payoff)
