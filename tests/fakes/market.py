"""A market whose bars a test chose."""

from collections.abc import Sequence
from datetime import date, datetime

from stonks.model.market import Bar


class FakeMarket:
    """Serves these bars."""

    def __init__(self, bars: Sequence[Bar]) -> None:
        self._bars = sorted(bars, key=lambda bar: bar.starts_at)

    async def bar(self, ticker: str, day: date) -> Bar | None:
        return next((bar for bar in self._bars if bar.ticker == ticker and bar.starts_at.date() == day), None)

    async def bars(self, ticker: str, after: datetime, until: datetime) -> list[Bar]:
        return [bar for bar in self._bars if bar.ticker == ticker and after < bar.starts_at <= until]
