"""The simulated market of a tape: every daily bar, also that of the session that is running."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime

from stonks.model.market import Bar
from stonks.model.tape import Tape


class RecordedMarket:
    """Serves a tape's bars to the paper exchange, which is the world in which they happen."""

    def __init__(self, tape: Tape) -> None:
        """Serve the bars of this tape."""
        self._bars: dict[str, list[Bar]] = defaultdict(list)
        for bar in sorted(tape.bars, key=lambda bar: bar.starts_at):
            self._bars[bar.ticker].append(bar)
        self._starts = {ticker: [bar.starts_at for bar in bars] for ticker, bars in self._bars.items()}
        self._days = {(bar.ticker, bar.starts_at.date()): bar for bar in tape.bars}

    async def bar(self, ticker: str, day: date) -> Bar | None:
        """Return the bar of one trading day, or None where nothing traded."""
        return self._days.get((ticker, day))

    async def bars(self, ticker: str, after: datetime, until: datetime) -> Sequence[Bar]:
        """Return the bars that start in (after, until], oldest first."""
        starts = self._starts.get(ticker, [])
        return self._bars.get(ticker, [])[bisect_right(starts, after) : bisect_right(starts, until)]
