from datetime import UTC, date, datetime

import pytest

from stonks.model.errors import Malformed
from stonks.model.fact import TrendFact
from stonks.model.job import LakePublishJob
from stonks.stages.lake_publisher.core import Day, day_of


def test_a_day_is_twenty_four_hours_of_utc() -> None:
    assert day_of(LakePublishJob(table="trends", day="2025-04-09", cause="test")) == Day(
        table="trends",
        day=date(2025, 4, 9),
        fact=TrendFact,
        start=datetime(2025, 4, 9, tzinfo=UTC),
        end=datetime(2025, 4, 10, tzinfo=UTC),
    )


@pytest.mark.parametrize(("table", "day"), [("secrets", "2025-04-09"), ("trends", "yesterday")])
def test_what_is_no_table_or_no_day_is_malformed(table: str, day: str) -> None:
    with pytest.raises(Malformed):
        day_of(LakePublishJob(table=table, day=day, cause="test"))
