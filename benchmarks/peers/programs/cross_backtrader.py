"""Trades crossing averages with backtrader, and says what that took.

    python cross_backtrader.py BARS FAST SLOW [orders]

BARS is a JSON list of bars: seconds since 1970, open, high, low, close, volume. Without ``orders`` the averages are
followed and nothing is bought. The answer is JSON: CPU seconds of the run alone, orders that filled, and what is left.
"""

import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import backtrader as bt


class Bars(bt.feed.DataBase):
    """Bars from memory."""

    def __init__(self, bars: list[list[float]]) -> None:
        """Play these bars."""
        super().__init__()
        self._bars = iter(bars)

    def _load(self) -> bool:
        bar = next(self._bars, None)
        if bar is None:
            return False
        at, opened, high, low, close, volume = bar
        self.lines.datetime[0] = bt.date2num(datetime.fromtimestamp(at, UTC).replace(tzinfo=None))
        self.lines.open[0], self.lines.high[0], self.lines.low[0], self.lines.close[0] = opened, high, low, close
        self.lines.volume[0], self.lines.openinterest[0] = volume, 0
        return True


class Cross(bt.Strategy):
    """Holds shares while the fast average is above the slow one."""

    params = (("fast", 10), ("slow", 30), ("orders", True))

    def __init__(self) -> None:
        """Follow both averages."""
        self.fast = bt.indicators.SMA(self.data.close, period=self.p.fast)
        self.slow = bt.indicators.SMA(self.data.close, period=self.p.slow)
        self.filled = 0
        self.working = None

    def notify_order(self, order: bt.Order) -> None:
        """Count fills."""
        if order.status in (order.Completed, order.Canceled, order.Rejected, order.Margin):
            self.filled += order.status == order.Completed
            self.working = None

    def next(self) -> None:
        """Buy or sell where the averages say so and nothing is on its way."""
        if not self.p.orders or self.working is not None:
            return
        above = self.fast[0] > self.slow[0]
        if above and not self.position:
            self.working = self.buy(size=100)
        elif not above and self.position:
            self.working = self.close()


def main() -> None:
    """Run and answer."""
    bars = json.loads(Path(sys.argv[1]).read_text())
    engine = bt.Cerebro(stdstats=False)
    engine.adddata(Bars(bars))
    engine.addstrategy(Cross, fast=int(sys.argv[2]), slow=int(sys.argv[3]), orders="orders" in sys.argv)
    engine.broker.setcash(100_000)
    started = time.process_time()
    (strategy,) = engine.run()
    seconds = time.process_time() - started
    print(json.dumps({"seconds": seconds, "orders": strategy.filled, "left": engine.broker.getvalue()}))


if __name__ == "__main__":
    main()
