from datetime import UTC, datetime
from decimal import Decimal

import pytest

from stonks.adapters.sources.figures import finite, instant_of, within_our_time
from stonks.model.errors import Malformed


@pytest.mark.parametrize("figure", ["NaN", "sNaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_no_figure(figure: str) -> None:
    with pytest.raises(Malformed):
        finite(Decimal(1), Decimal(figure))


@pytest.mark.parametrize("millis", [-1, 10**30, 4_102_444_800_000])
def test_no_bar_is_of_an_instant_outside_our_time(millis: int) -> None:
    with pytest.raises(Malformed):
        instant_of(millis)


@pytest.mark.parametrize("at", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
def test_the_ends_of_the_calendar_are_outside_our_time(at: datetime) -> None:
    with pytest.raises(Malformed):
        within_our_time(at)


def test_an_instant_of_our_time_is_utc() -> None:
    assert instant_of(1_744_117_200_000) == datetime(2025, 4, 8, 13, tzinfo=UTC)
