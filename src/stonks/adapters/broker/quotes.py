"""The two-sided price that a daily bar stands for: its open while the session runs, its close afterwards."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from stonks.model.market import Bar, Price

ADV_DAYS = 20
_BUCKETS = ((Decimal(100_000_000), Decimal("0.0002")), (Decimal(10_000_000), Decimal("0.0005")))
_THIN = Decimal("0.0015")
_TICK = Decimal("0.0001")


def spread(bars: Sequence[Bar]) -> Decimal:
    """Return ask less bid over their middle: 2, 5 or 15 basis points by the mean dollars traded a day in these bars.

    Over 100 million it is 2, over 10 million 5; without bars it is 15.
    """
    recent = bars[-ADV_DAYS:]
    if not recent:
        return _THIN
    traded = sum((bar.close * bar.volume for bar in recent), Decimal(0)) / len(recent)
    return next((width for least, width in _BUCKETS if traded >= least), _THIN)


def quote(bars: Sequence[Bar], now: datetime) -> Price | None:
    """Return the price at an instant from the bars that began by then, oldest first; None where there are none.

    While a session runs the market quotes all the time, so the price is of ``now``; afterwards it is of the close.
    """
    if not bars:
        return None
    last, running = bars[-1], now < bars[-1].ends_at
    middle = last.open if running else last.close
    half = (middle * spread(bars[:-1]) / 2).quantize(_TICK)
    return Price(ticker=last.ticker, bid=middle - half, ask=middle + half, at=now if running else last.ends_at)
