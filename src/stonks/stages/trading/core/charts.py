"""What a ticker's known bars say about it, worked out once a day of bars and kept."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

import msgspec

from stonks.model.market import Bar, Session
from stonks.risk.correlation import UNKNOWN, correlation, returns_by_day
from stonks.risk.hours import last_closed
from stonks.risk.measures import annual_volatility, average_dollar_volume, average_true_range


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """Liquidity in dollars a day, range in dollars, annual volatility and daily log returns up to the newest bar."""

    ticker: str
    as_of: datetime
    adv: float | None
    atr: float | None
    volatility: float | None
    returns: dict[date, float]


def draw(bars: Sequence[Bar]) -> Chart:
    """Return the chart of one ticker's bars, oldest first, at least one."""
    return Chart(
        ticker=bars[-1].ticker,
        as_of=bars[-1].known_at,
        adv=average_dollar_volume(bars),
        atr=average_true_range(bars),
        volatility=annual_volatility(bars),
        returns=returns_by_day(bars),
    )


def is_stale(chart: Chart | None, sessions: Sequence[Session], now: datetime) -> bool:
    """Return whether a session is over whose bar the chart lacks."""
    closed = last_closed(sessions, now)
    return chart is None or (closed is not None and chart.as_of < closed.closes_at)


class Charts:
    """The charts of all tickers in use and how alike they move; a pair is worked out once for each pair of charts."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._charts: dict[str, Chart] = {}
        self._likeness: dict[tuple[str, str], tuple[datetime, datetime, float]] = {}

    def get(self, ticker: str) -> Chart | None:
        """Return a ticker's chart, if there is one."""
        return self._charts.get(ticker)

    def add(self, chart: Chart) -> None:
        """Keep a chart in place of the ticker's older one."""
        self._charts[chart.ticker] = chart

    def likeness(self, ticker: str, others: Iterable[str]) -> dict[str, float]:
        """Return the correlation of a ticker with each other one; what has no chart counts as of the same sector."""
        return {other: self._pair(*sorted((ticker, other))) for other in others if other != ticker}

    def _pair(self, one: str, other: str) -> float:
        first, second = self._charts.get(one), self._charts.get(other)
        if first is None or second is None:
            return UNKNOWN
        kept = self._likeness.get((one, other))
        if kept is not None and kept[:2] == (first.as_of, second.as_of):
            return kept[2]
        value = correlation(first.returns, second.returns)
        self._likeness[one, other] = (first.as_of, second.as_of, value)
        return value
