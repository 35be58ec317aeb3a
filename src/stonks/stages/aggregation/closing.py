"""What a session's close brings beside trends: the outcomes of signals whose horizon has closed."""

from datetime import datetime, timedelta

from stonks.ports.stage import Commit
from stonks.stages.aggregation.core.outcomes import (
    HORIZONS,
    PendingSignal,
    SessionMove,
    outcomes_of,
)

STILL_OPEN = timedelta(days=45)
"""Age at which a signal that cannot be judged, for want of bars, is given up."""
CALM = timedelta(days=100)
"""How much further back the company's own bars are read, for the volatility before."""


async def close_horizons(commit: Commit, ticker: str, now: datetime) -> None:
    """Write the outcomes of a ticker's signals that can be judged by now; one that is written never changes."""
    since = now - STILL_OPEN
    pending = await commit.rows(
        PendingSignal, "outcomes.pending", ticker=ticker, since=since, now=now, horizons=len(HORIZONS)
    )
    if not pending:
        return
    moves = await commit.rows(SessionMove, "outcomes.market", ticker=ticker, since=since, calm=since - CALM, now=now)
    if found := list(outcomes_of(pending, moves, now)):
        await commit.run("outcomes.save", outcomes=found)
