"""A situation in which buying is recommended, to be changed in one place by a test."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from stonks.model.trend import Direction, Driver, Trend, Window
from stonks.stages.recommendation.core.situation import Situation, Voice
from tests.fakes.signals import NOW

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
ZIGZAG = tuple(100.0 + (day % 2) * 2.0 for day in range(60))
"""Sixty closes that swing by 2 % and end where they are at their highest."""


def voice(number: int, **changes: Any) -> Voice:  # noqa: ANN401 - each field has its own type
    plain: dict[str, Any] = {
        "signal_id": UUID(int=number),
        "publisher": f"{'ABCDEFGH'[number]} Times",
        "event_type": "earnings_beat",
        "known_at": NOW - 2 * HOUR,
        "quality": 0.8,
        "verified_ratio": 1.0,
    }
    return Voice(**(plain | changes))


def driver(number: int, contribution: float, share: float = 0.2) -> Driver:
    return Driver(signal_id=UUID(int=number), contribution=contribution, weight_share=share)


def trend(**changes: Any) -> Trend:  # noqa: ANN401
    plain: dict[str, Any] = {
        "id": UUID(int=1000),
        "ticker": "AAPL",
        "window": Window.D1,
        "as_of": NOW,
        "score": 0.45,
        "direction": Direction.BULLISH,
        "strength": 0.75,
        "confidence": 0.7,
        "p_sign": 0.995,
        "contradiction": 0.1,
        "contradiction_entropy": 0.2,
        "n_eff": 5.0,
        "weight": 1.5,
        "layer_scores": {"company": 0.4, "macro": 0.05, "competitive": 0.0},
        "momentum": 0.1,
        "acceleration": 0.0,
        "drivers": (driver(1, 0.4, 0.3), driver(2, 0.3), driver(3, -0.05, 0.1)),
        "suppressions": (),
        "source_share": 0.3,
        "newest_known_at": NOW - HOUR,
        "weights_version": "prior-1",
        "input_hash": "a hash",
    }
    return Trend(**(plain | changes))


def situation(**changes: Any) -> Situation:  # noqa: ANN401
    """Return a situation with these fields changed; ``trend`` takes a dict of changes to the trend."""
    plain = Situation(
        trend=trend(**changes.pop("trend", {})),
        company="Apple Inc.",
        voices=(voice(1), voice(2), voice(3, event_type="antitrust")),
        closes=ZIGZAG,
        closed_at=tuple(NOW - 17 * HOUR - DAY * (len(ZIGZAG) - 1 - n) for n in range(len(ZIGZAG))),
        price=Decimal(102),
        dollar_volume=5e9,
    )
    return msgspec.structs.replace(plain, **changes)


def mirrored(changes: dict[str, Any]) -> dict[str, Any]:
    """Return changes to a trend that turn it around."""
    plain = trend(**changes)
    turned = {Direction.BULLISH: Direction.BEARISH, Direction.BEARISH: Direction.BULLISH}
    return changes | {
        "score": -plain.score,
        "direction": turned.get(plain.direction, plain.direction),
        "drivers": tuple(msgspec.structs.replace(d, contribution=-d.contribution) for d in plain.drivers),
    }
