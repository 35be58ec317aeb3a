"""What a ticker's trends are compared with: its own momentum before, and how far off earlier projections were.

How far off is reckoned once a day, by the first job of the day, from what was settled before it; every job of the day
then goes by the same, whatever their order.
"""

from datetime import UTC, datetime, time, timedelta

from stonks.model.trend import Window
from stonks.ports.stage import Commit
from stonks.stages.aggregation.core.momentum import Past, compared
from stonks.stages.aggregation.core.projection import FEWEST, HORIZONS, LEANS, LEVEL, Hindsight, ProjectionError
from stonks.stages.aggregation.core.trend import Outlook

REMEMBERED = timedelta(days=90)
"""Age of the oldest outcomes by which intervals go."""


async def recall(commit: Commit, ticker: str, now: datetime) -> tuple[Past, Hindsight]:
    """Return what is known of a ticker's past and of the errors of projections by the day of ``now``."""
    (past,) = await commit.rows(Past, "projections.past", ticker=ticker, now=now)
    errors = await _errors(commit, now)
    if not errors:
        await _reckon(commit, now)
        errors = await _errors(commit, now)
    return past, Hindsight.of(errors, past.earnings_in_days)


async def record(commit: Commit, outlook: Outlook, past: Past) -> None:
    """Write what became of the projections made for this instant, and the momentum beside its past."""
    trend = outlook.trends[0]
    made_at = [trend.as_of - horizon for horizon in HORIZONS]
    await commit.run("projections.settle", ticker=trend.ticker, now=trend.as_of, made_at=made_at, bounds=list(LEANS))
    momentum = compared(trend.ticker, trend.as_of, trend.momentum, trend.acceleration, past)
    await commit.run("projections.keep_momentum", momentum=momentum)


async def _errors(commit: Commit, now: datetime) -> list[ProjectionError]:
    return await commit.rows(ProjectionError, "projections.errors", day=now.astimezone(UTC).date())


async def _reckon(commit: Commit, now: datetime) -> None:
    day = now.astimezone(UTC).date()
    midnight = datetime.combine(day, time(), UTC)
    await commit.run(
        "projections.reckon",
        day=day,
        windows=list(Window),
        horizons=list(HORIZONS),
        since=midnight - REMEMBERED,
        before=midnight,
        fewest=FEWEST,
        level=LEVEL,
    )
