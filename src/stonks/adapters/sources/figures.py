"""Figures as data services send them: JSON lets them say NaN, infinity, and instants that no calendar has."""

from datetime import UTC, datetime
from decimal import Decimal

from stonks.model.errors import Malformed

_FIRST, _LAST = 0, 4_102_444_800_000  # 1970 and 2100


def instant_of(millis: int) -> datetime:
    """Return the UTC instant that many milliseconds after 1970.

    Raises:
        Malformed: it is none between 1970 and 2100.
    """
    if not _FIRST <= millis < _LAST:
        raise Malformed(f"{millis} is no instant of our time")
    return datetime.fromtimestamp(millis / 1000, UTC)


def within_our_time(at: datetime) -> datetime:
    """Return an aware instant in UTC.

    Raises:
        Malformed: it is none between 1970 and 2100.
    """
    try:
        millis = int(at.timestamp() * 1000)
    except (ValueError, OverflowError) as wrong:
        raise Malformed(f"{at} is no instant of our time") from wrong
    instant_of(millis)
    return at.astimezone(UTC)


def finite(*figures: Decimal) -> None:
    """Return if every figure is a number.

    Raises:
        Malformed: one is NaN or infinite.
    """
    for figure in figures:
        if not figure.is_finite():
            raise Malformed(f"{figure} is no figure")
