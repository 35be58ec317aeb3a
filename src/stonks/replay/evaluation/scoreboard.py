"""Everything that is measured of one run, as one value."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
import numpy as np

from stonks.model.market import Session
from stonks.replay.evaluation.calibration import Calibration, calibration
from stonks.replay.evaluation.conviction import Hits, hits
from stonks.replay.evaluation.panel import (
    DailyReturn,
    Floats,
    Grid,
    Returns,
    Said,
    day_scores,
    night_scores,
    returns_of,
)
from stonks.replay.evaluation.placebo import SHUFFLES, Canary, Placebos, canary, placebos
from stonks.replay.evaluation.portfolio import COST, Spread, spread, tercile_weights
from stonks.replay.evaluation.ranks import Coefficient, coefficient
from stonks.replay.evaluation.sharpe import SharpeRatio, plain_ratio, sharpe_ratio


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What held for a company at the open of a session: a trend's score or a recommendation's probability."""

    ticker: str
    opens_at: datetime
    value: float


class LayerRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Closed outcomes of one layer over one horizon, each story of a company once."""

    layer: str
    sessions: int
    outcomes: int
    hit_rate: float | None
    abnormal: float | None
    """Mean abnormal return in the signals' direction."""


class VersionRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A fitted version of the weights with the figures it was judged by."""

    version: str
    fitted_at: datetime
    activated_at: datetime | None
    outcomes: int
    log_loss: float | None
    base_log_loss: float | None
    verdict: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """All that a scoreboard is a function of."""

    sessions: Sequence[Session]
    tickers: Sequence[str]
    returns: Sequence[DailyReturn]
    said: Sequence[Said]
    trends: Sequence[Standing] = ()
    probabilities: Sequence[Standing] = ()
    layers: Sequence[LayerRecord] = ()
    versions: Sequence[VersionRecord] = ()
    tried: Sequence[float] = ()
    """Ratios of the trials before this one."""


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of score against one kind of return."""

    name: str
    tradable: bool
    """Whether the score was known before the return began."""
    coverage: float
    """Share of sessions and companies with a score."""
    coefficient: Coefficient
    hits: tuple[Hits, ...]


class Scoreboard(msgspec.Struct, frozen=True, kw_only=True):
    """What a run came to."""

    first: str
    last: str
    sessions: int
    companies: int
    cost: float
    columns: tuple[Column, ...]
    placebos: dict[str, Placebos]
    """By the name of the column whose scores were moved."""
    canary: Canary
    probabilities: Calibration | None
    spread: Spread | None
    sharpe: SharpeRatio | None
    layers: tuple[LayerRecord, ...]
    versions: tuple[VersionRecord, ...]

    @property
    def sound(self) -> bool:
        """Whether no placebo and no canary speaks against the measure itself."""
        drawn = [one for each in self.placebos.values() for one in msgspec.structs.astuple(each) if one is not None]
        return not self.canary.alarm and all(one.passed is not False for one in drawn)


def score(evidence: Evidence, *, cost: float = COST, draws: int = SHUFFLES) -> Scoreboard:
    """Return the scoreboard; the order of the rows of the evidence does not matter.

    Args:
        evidence: what was said, and what happened then.
        cost: of trading one dollar once.
        draws: of each placebo.
    """
    ordered = tuple(sorted(evidence.sessions, key=lambda session: session.opens_at))
    grid = Grid(ordered, tuple(sorted(evidence.tickers)))
    returns = returns_of(grid, evidence.returns)
    by_day, by_night = day_scores(grid, evidence.said), night_scores(grid, evidence.said)
    earned, net = spread(tercile_weights(by_night, returns.intraday), returns.intraday, cost)
    ratio = plain_ratio(net)
    return Scoreboard(
        first=str(ordered[0].day) if ordered else "",
        last=str(ordered[-1].day) if ordered else "",
        sessions=len(ordered),
        companies=len(grid.tickers),
        cost=cost,
        columns=_columns(grid, returns, (by_day, by_night), evidence),
        placebos={
            "same session": placebos(by_day, returns.daily, draws=draws),
            "overnight": placebos(by_night, returns.intraday, draws=draws),
        },
        canary=canary(by_day, returns.daily),
        probabilities=_calibrated(standing(grid, evidence.probabilities), returns.intraday),
        spread=earned,
        sharpe=None if ratio is None else sharpe_ratio(net, (*evidence.tried, ratio)),
        layers=tuple(evidence.layers),
        versions=tuple(evidence.versions),
    )


def _columns(grid: Grid, returns: Returns, scores: tuple[Floats, Floats], evidence: Evidence) -> tuple[Column, ...]:
    by_day, by_night = scores
    last = np.full((min(1, len(by_day)), len(grid.tickers)), np.nan)
    later = np.vstack([returns.intraday[1:], last])
    trends = standing(grid, evidence.trends)
    return (
        _column("same session", by_day, returns.daily, tradable=False),
        _column("overnight", by_night, returns.intraday, tradable=True),
        _column("next session", by_day, later, tradable=True),
        _column("trend at the open", trends, returns.intraday, tradable=True),
    )


def _column(name: str, scores: Floats, returns: Floats, *, tradable: bool) -> Column:
    return Column(
        name=name,
        tradable=tradable,
        coverage=float((~np.isnan(scores)).mean()) if scores.size else 0.0,
        coefficient=coefficient(scores, returns),
        hits=hits(scores, returns),
    )


def standing(grid: Grid, rows: Sequence[Standing]) -> Floats:
    """Return a panel of what held at each open."""
    at = {session.opens_at: number for number, session in enumerate(grid.sessions)}
    column = {ticker: number for number, ticker in enumerate(grid.tickers)}
    panel = grid.empty()
    for row in rows:
        if row.opens_at in at and row.ticker in column:
            panel[at[row.opens_at], column[row.ticker]] = row.value
    return panel


def _calibrated(probabilities: Floats, returns: Floats) -> Calibration | None:
    both = ~np.isnan(probabilities + returns)
    return calibration(probabilities[both], (returns[both] > 0.0).astype(np.float64))
