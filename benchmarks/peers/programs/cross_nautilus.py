"""Trades crossing averages with NautilusTrader, and says what that took.

    python cross_nautilus.py BARS FAST SLOW [orders]

BARS is a JSON list of bars: seconds since 1970, open, high, low, close, volume. Without ``orders`` the averages are
followed and nothing is bought. The answer is JSON: CPU seconds of the run alone, orders that filled, and what is left.
"""

import json
import sys
import time
from decimal import Decimal
from pathlib import Path

from nautilus_trader.backtest.engine import BacktestEngine, BacktestEngineConfig
from nautilus_trader.config import LoggingConfig
from nautilus_trader.indicators import SimpleMovingAverage
from nautilus_trader.model.currencies import USD
from nautilus_trader.model.data import Bar, BarType
from nautilus_trader.model.enums import AccountType, OmsType, OrderSide
from nautilus_trader.model.events import OrderFilled
from nautilus_trader.model.identifiers import Venue
from nautilus_trader.model.instruments import Equity
from nautilus_trader.model.objects import Money, Price, Quantity
from nautilus_trader.test_kit.providers import TestInstrumentProvider
from nautilus_trader.trading.strategy import Strategy

VENUE = "XNAS"


class Cross(Strategy):
    """Holds shares while the fast average is above the slow one."""

    def __init__(self, instrument: Equity, bar_type: BarType, sizes: tuple[int, int], *, orders: bool) -> None:
        """Follow both averages of these bars."""
        super().__init__()
        self.instrument, self.bar_type, self.orders = instrument, bar_type, orders
        self.fast, self.slow = SimpleMovingAverage(sizes[0]), SimpleMovingAverage(sizes[1])
        self.filled = 0

    def on_start(self) -> None:
        """Ask for bars."""
        self.register_indicator_for_bars(self.bar_type, self.fast)
        self.register_indicator_for_bars(self.bar_type, self.slow)
        self.subscribe_bars(self.bar_type)

    def on_bar(self, bar: Bar) -> None:  # noqa: ARG002 - theirs
        """Buy or sell where the averages say so."""
        if not self.orders or not self.indicators_initialized():
            return
        above = self.fast.value > self.slow.value
        if above and self.portfolio.is_flat(self.instrument.id):
            self.submit_order(
                self.order_factory.market(self.instrument.id, OrderSide.BUY, self.instrument.make_qty(100))
            )
        elif not above and self.portfolio.is_net_long(self.instrument.id):
            self.close_all_positions(self.instrument.id)

    def on_order_filled(self, event: OrderFilled) -> None:  # noqa: ARG002 - theirs
        """Count fills."""
        self.filled += 1


def main() -> None:
    """Run and answer."""
    raw = json.loads(Path(sys.argv[1]).read_text())
    engine = BacktestEngine(BacktestEngineConfig(logging=LoggingConfig(bypass_logging=True)))
    instrument = TestInstrumentProvider.equity(symbol="AAPL", venue=VENUE)
    engine.add_venue(Venue(VENUE), OmsType.NETTING, AccountType.CASH, [Money(100_000, USD)], base_currency=USD)
    engine.add_instrument(instrument)
    bar_type = BarType.from_str(f"AAPL.{VENUE}-1-MINUTE-LAST-EXTERNAL")
    engine.add_data([bar_of(bar_type, each) for each in raw])
    strategy = Cross(instrument, bar_type, (int(sys.argv[2]), int(sys.argv[3])), orders="orders" in sys.argv)
    engine.add_strategy(strategy)
    started = time.process_time()
    engine.run()
    seconds = time.process_time() - started
    left = engine.portfolio.account(Venue(VENUE)).balance_total(USD).as_double()
    print(json.dumps({"seconds": seconds, "orders": strategy.filled, "left": left}))


def bar_of(bar_type: BarType, numbers: list[float]) -> Bar:
    """Return a bar in their words; it is known a minute after it began."""
    at, *prices, volume = numbers
    closes = int((at + 60) * 1_000_000_000)
    figures = [Price(Decimal(str(price)), 2) for price in prices]
    return Bar(bar_type, *figures, Quantity(volume, 0), closes, closes)


if __name__ == "__main__":
    main()
