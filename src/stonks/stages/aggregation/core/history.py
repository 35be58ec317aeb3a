"""The past as a fit sees it: at every open what the trends said, and what the stocks then did.

Axes are session, ticker and, where there is one, window in the order of FITTED.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
import numpy as np

from stonks.model.market import Session
from stonks.model.trend import Window
from stonks.model.weights import FEATURES, LearnedWeights
from stonks.stages.aggregation.core.columns import Flags, Floats, MarketColumns, coded_market
from stonks.stages.aggregation.core.layout import lay_out
from stonks.stages.aggregation.core.outcomes import LATENCY
from stonks.stages.aggregation.core.table import TrendTable, aggregate
from stonks.stages.aggregation.core.trust import Verdict, trusted
from stonks.stages.aggregation.core.weights import WINDOWS, Weights

FITTED = {Window.D1: 1, Window.D7: 5, Window.D30: 21}
"""The windows that are turned into recommendations, and the sessions over which each is judged."""
_PLACES = [WINDOWS.index(window) for window in FITTED]
_DECAY = 0.94  # RiskMetrics' daily decay, as in risk.measures
_FEWEST_RETURNS = 20


class StockDay(msgspec.Struct, frozen=True, kw_only=True):
    """What a stock did in one session, splits and dividends taken out."""

    ticker: str
    starts_at: datetime
    intraday: float
    """Open to close, as a share."""
    daily: float | None
    """From the close before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """All that a fit is a function of; nothing in it was known after its last session's close."""

    sessions: Sequence[Session]
    tickers: tuple[str, ...]
    signals: MarketColumns
    verdicts: Sequence[Verdict]
    days: Sequence[StockDay]

    def before(self, session: int) -> datetime:
        """Return the last instant at which something counts for a session's open."""
        return self.sessions[session].opens_at - LATENCY


@dataclass(frozen=True, slots=True)
class Views:
    """What the trends of one version of the weights said at each open."""

    features: Floats
    """One axis more: FEATURES."""
    spoke: Flags
    """Whether there was any evidence."""
    confidence: Floats


@dataclass(frozen=True, slots=True)
class Results:
    """What followed each open over each window's horizon; NaN where it has not closed or there is no bar."""

    abnormal: Floats
    volatility: Floats
    """Standard deviation of the horizon's returns, as known at the open."""


def views_of(history: History, learned: LearnedWeights) -> Views:
    """Return what a version's trends would have said at each open: a function of the signals known a minute before."""
    shape = (len(history.sessions), len(history.tickers), len(FITTED))
    features, spoke, confidence = np.zeros((*shape, len(FEATURES))), np.zeros(shape, dtype=bool), np.zeros(shape)
    layout = lay_out(coded_market(trusted(history.signals, learned)))
    columns = [history.tickers.index(ticker) for ticker in layout.tickers]
    weights = Weights.of(learned)
    for row in range(len(history.sessions)):
        table = aggregate(layout, history.before(row), weights)
        features[row, columns] = _features(table)
        spoke[row, columns] = table.evidence.weight[:, _PLACES] > 0.0
        confidence[row, columns] = table.confidence[:, _PLACES]
    return Views(features=features, spoke=spoke, confidence=confidence)


def _features(table: TrendTable) -> Floats:
    """Return FEATURES of each ticker and window."""
    score = table.score[:, _PLACES]
    layers = table.layer_scores[:, _PLACES]
    momentum = np.broadcast_to(table.momentum[:, None], score.shape)
    own = (score * table.confidence[:, _PLACES], score, layers[..., 0], layers[..., 1], layers[..., 2], momentum)
    return np.stack(own, axis=-1)


def results_of(history: History) -> Results:
    """Return what each stock did against the mean of all, in from each open to the close that ends the horizon."""
    intraday, daily = _panels(history)
    market_intraday, market_daily = _mean(intraday), _mean(daily)
    volatility = _volatility(daily)
    shape = (*intraday.shape, len(FITTED))
    abnormal, spread = np.full(shape, np.nan), np.full(shape, np.nan)
    for place, horizon in enumerate(FITTED.values()):
        own, market = 1.0 + intraday, 1.0 + market_intraday
        for later in range(1, horizon):
            own = own * _shifted(1.0 + daily, later)
            market = market * _shifted(1.0 + market_daily, later)
        abnormal[..., place] = own - market
        spread[..., place] = volatility * math.sqrt(horizon)
    return Results(abnormal=abnormal, volatility=spread)


def _panels(history: History) -> tuple[Floats, Floats]:
    rows = {session.opens_at: number for number, session in enumerate(history.sessions)}
    columns = {ticker: number for number, ticker in enumerate(history.tickers)}
    intraday = np.full((len(rows), len(columns)), np.nan)
    daily = intraday.copy()
    for day in history.days:
        if day.starts_at in rows and day.ticker in columns:
            place = rows[day.starts_at], columns[day.ticker]
            intraday[place] = day.intraday
            daily[place] = np.nan if day.daily is None else day.daily
    return intraday, daily


def _mean(panel: Floats) -> Floats:
    known = ~np.isnan(panel)
    count = np.maximum(known.sum(axis=1, keepdims=True), 1)
    return np.asarray(np.where(known, panel, 0.0).sum(axis=1, keepdims=True) / count, dtype=np.float64)


def _shifted(panel: Floats, later: int) -> Floats:
    found = np.full_like(panel, np.nan)
    found[: max(0, len(panel) - later)] = panel[later:]
    return found


def _volatility(daily: Floats) -> Floats:
    """Return the exponentially weighted volatility of the sessions before each; NaN with fewer than twenty."""
    squares = np.log1p(daily) ** 2
    found = np.full_like(daily, np.nan)
    seen, total, variance = np.zeros(daily.shape[1]), np.zeros(daily.shape[1]), np.full(daily.shape[1], np.nan)
    for row, square in enumerate(squares):
        found[row] = np.sqrt(variance)
        known = ~np.isnan(square)
        seen, total = seen + known, total + np.where(known, square, 0.0)
        grown = np.where(seen > _FEWEST_RETURNS, _DECAY * variance + (1.0 - _DECAY) * square, total / _FEWEST_RETURNS)
        variance = np.where(known & (seen >= _FEWEST_RETURNS), grown, variance)
    return found


LOOK_BACK = timedelta(days=270)
"""How far back a fit looks: half a year of samples, and before it the signals of the longest window."""
