"""Learning from outcomes: which version of the weights is in force, and once a week whether a new one takes its place.

All of it is a function of rows known before the instant of the work, so that it does not matter which of a session's
closing jobs does it, nor what the others of that instant have written.
"""

import asyncio
from datetime import datetime, timedelta

import msgspec

from stonks.model.market import Session
from stonks.model.weights import PRIOR_WEIGHTS, LearnedWeights
from stonks.ports.stage import Commit
from stonks.ports.store import Reader
from stonks.stages.aggregation.core.candidate import FEWEST_OUTCOMES, Candidate, propose
from stonks.stages.aggregation.core.columns import MarketColumns
from stonks.stages.aggregation.core.history import LOOK_BACK, History, StockDay
from stonks.stages.aggregation.core.trust import Verdict

EVERY = timedelta(days=6, hours=12)
"""Time between two fits: a week, less what sessions close earlier on some days."""


class _Version(msgspec.Struct, frozen=True):
    body: LearnedWeights


async def in_force(reader: Reader, now: datetime) -> LearnedWeights:
    """Return the newest version that was activated before an instant, else the prior."""
    row = await reader.row(_Version, "weights.in_force", now=now)
    return PRIOR_WEIGHTS if row is None else row.body


async def learn(commit: Commit, now: datetime) -> None:
    """Fit a version where it is time to, and keep it with its figures, activated or not."""
    if not await commit.value("weights.due", fewest=FEWEST_OUTCOMES, now=now, since=now - EVERY):
        return
    base = await in_force(commit, now)
    candidate = await asyncio.to_thread(propose, await history_of(commit, now), base, now)
    await _save(commit, candidate, base, now)


async def history_of(reader: Reader, now: datetime) -> History:
    """Return what is known before an instant of the last months."""
    since = now - LOOK_BACK
    span = {"starts_at": since, "ends_at": now}
    days = await reader.rows(StockDay, "evaluation.returns", **span)
    signals = await reader.rows(MarketColumns, "weights.signals", since=since, now=now)
    sessions = await reader.rows(Session, "evaluation.sessions", **span)
    first = min(signals[0].known_at, default=now.timestamp())
    return History(
        sessions=[session for session in sessions if session.opens_at.timestamp() > first],
        tickers=tuple(sorted({*signals[0].ticker, *(day.ticker for day in days)})),
        signals=signals[0],
        verdicts=await reader.rows(Verdict, "weights.verdicts", since=since, now=now),
        days=days,
    )


async def _save(commit: Commit, candidate: Candidate, base: LearnedWeights, now: datetime) -> None:
    gain = candidate.gain
    await commit.run(
        "weights.save",
        version=candidate.learned.version,
        body=candidate.learned,
        log_loss=gain and gain.log_loss,
        activated_at=now if candidate.activates else None,
        fitted_at=now,
        base=base.version,
        base_log_loss=gain and gain.base_log_loss,
        gain_error=gain and gain.error,
        outcomes=candidate.outcomes,
        verdict=candidate.verdict,
    )
