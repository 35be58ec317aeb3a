"""Scores and returns side by side: one row a session, one column a company, NaN where there is nothing to say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias
from uuid import UUID

import msgspec
import numpy as np
import numpy.typing as npt

from stonks.model.market import Session

Floats: TypeAlias = npt.NDArray[np.float64]

LATENCY = timedelta(seconds=60)
"""How long after something is known an order on it can be at the exchange (signals.md 5.5)."""
PRIOR_WEIGHT = 0.2
"""Weight of the prior that pulls a score to zero, as in aggregation (ADR 11)."""


class DailyReturn(msgspec.Struct, frozen=True, kw_only=True):
    """What one company's price did in one session; splits and dividends are taken out of both."""

    ticker: str
    starts_at: datetime
    intraday: float
    """Open to close, as a share of the open."""
    daily: float | None
    """From the close before; None for the first bar there is."""


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """One signal of the company layer as the panel counts it."""

    ticker: str
    cluster_id: UUID
    known_at: datetime
    direction: float
    weight: float
    """At birth, undecayed (signals.md 4.1)."""


@dataclass(frozen=True, slots=True)
class Grid:
    """The sessions and companies that are looked at, and where each stands."""

    sessions: tuple[Session, ...]
    tickers: tuple[str, ...]

    @property
    def shape(self) -> tuple[int, int]:
        """Sessions x companies."""
        return len(self.sessions), len(self.tickers)

    def empty(self) -> Floats:
        """Return a panel with nothing in it."""
        return np.full(self.shape, np.nan)


@dataclass(frozen=True, slots=True)
class Returns:
    """Returns against the equal-weight mean of all companies with a bar, in two forms of one session."""

    intraday: Floats
    """Open to close."""
    daily: Floats
    """Close to close."""


def returns_of(grid: Grid, rows: Sequence[DailyReturn]) -> Returns:
    """Return the abnormal returns of every session and company that has a bar."""
    at = {session.opens_at: number for number, session in enumerate(grid.sessions)}
    column = {ticker: number for number, ticker in enumerate(grid.tickers)}
    intraday, daily = grid.empty(), grid.empty()
    for row in rows:
        if row.starts_at in at and row.ticker in column:
            place = at[row.starts_at], column[row.ticker]
            intraday[place] = row.intraday
            daily[place] = np.nan if row.daily is None else row.daily
    return Returns(intraday=abnormal(intraday), daily=abnormal(daily))


def abnormal(panel: Floats) -> Floats:
    """Return each row less its mean over the companies it has."""
    known = ~np.isnan(panel)
    count = np.maximum(known.sum(axis=1, keepdims=True), 1)
    mean = np.where(known, panel, 0.0).sum(axis=1, keepdims=True) / count
    return np.asarray(panel - mean, dtype=np.float64)


def day_scores(grid: Grid, said: Sequence[Said]) -> Floats:
    """Return what each session's news says: all that was known after the close before and by its own."""
    closes = [session.closes_at for session in grid.sessions]
    return _scores(grid, said, closes, closes[:1] + closes[:-1])


def night_scores(grid: Grid, said: Sequence[Said]) -> Floats:
    """Return what the news of a night says: known after the close before, and early enough to trade at the open."""
    closes = [session.closes_at for session in grid.sessions]
    opens = [session.opens_at - LATENCY for session in grid.sessions]
    return _scores(grid, said, opens, closes[:1] + closes[:-1])


def _scores(grid: Grid, said: Sequence[Said], until: Sequence[datetime], after: Sequence[datetime]) -> Floats:
    """Return the shrunk mean direction of the stories known in (after, until] of each session; the first has none."""
    column = {ticker: number for number, ticker in enumerate(grid.tickers)}
    ends = np.array([moment.timestamp() for moment in until])
    starts = np.array([moment.timestamp() for moment in after])
    stories: dict[tuple[int, int, UUID], list[Said]] = {}
    for one in said:
        moment = one.known_at.timestamp()
        row = int(np.searchsorted(ends, moment))
        if 0 < row < len(ends) and starts[row] < moment and one.ticker in column and one.weight > 0.0:
            stories.setdefault((row, column[one.ticker], one.cluster_id), []).append(one)
    return _folded(grid, stories)


def _folded(grid: Grid, stories: Mapping[tuple[int, int, UUID], Sequence[Said]]) -> Floats:
    """Return the panel of these stories: each weighs its strongest report and says the weighted mean of all."""
    weight, lean = np.zeros(grid.shape), np.zeros(grid.shape)
    for (row, number, _), told in sorted(stories.items(), key=lambda story: str(story[0])):
        loudest = max(one.weight for one in told)
        weight[row, number] += loudest
        mean = sum(one.weight * one.direction for one in told) / sum(one.weight for one in told)
        lean[row, number] += loudest * mean
    with np.errstate(invalid="ignore"):
        return np.where(weight > 0.0, lean / (weight + PRIOR_WEIGHT), np.nan)
