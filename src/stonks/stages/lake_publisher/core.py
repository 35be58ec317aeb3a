"""Which rows a day of a fact table holds."""

from datetime import UTC, date, datetime, timedelta

import msgspec

from stonks.model.errors import Malformed
from stonks.model.fact import FACTS, Fact
from stonks.model.job import LakePublishJob


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """One UTC day of one fact table: the half-open span [start, end), and the type of its rows."""

    table: str
    day: date
    fact: type[Fact]
    start: datetime
    end: datetime


def day_of(job: LakePublishJob) -> Day:
    """Return what a job asks for; of a day that is not over it holds what is there, and is to be published again.

    Raises:
        Malformed: there is no such table, or the day is not a date.
    """
    if job.table not in FACTS:
        raise Malformed(f"the lake has no table {job.table!r}, only {', '.join(FACTS)}")
    try:
        day = date.fromisoformat(job.day)
    except ValueError as wrong:
        raise Malformed(f"not a day: {job.day!r}") from wrong
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return Day(table=job.table, day=day, fact=FACTS[job.table], start=start, end=start + timedelta(days=1))
