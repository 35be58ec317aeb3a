from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, strategies as st

from stonks.model.company import Company
from stonks.model.fact import FACTS
from stonks.model.job import AggregationJob, LakePublishJob
from stonks.model.market import Session
from stonks.stages.scheduler.core import (
    AFTER_OPEN,
    LONGEST_BACKOFF,
    MarkKind,
    Standing,
    backoff,
    due,
    due_at,
    mark_jobs,
    passed_marks,
    sub_industry_edges,
)

NOW = datetime(2025, 4, 7, 12, tzinfo=UTC)
CADENCE = timedelta(minutes=5)


def source(name: str = "wire", *, minutes: int | None = 0, failures: int = 0) -> Standing:
    next_run_at = None if minutes is None else NOW + timedelta(minutes=minutes)
    return Standing(
        name=name, adapter="tape", cadence=CADENCE, freshness_slo=CADENCE, next_run_at=next_run_at, failures=failures
    )


def running(minutes: int) -> Standing:
    return msgspec.structs.replace(source(), running_since=NOW - timedelta(minutes=minutes))


# ------------------------------------------------------------------------------------------------ sources


@pytest.mark.parametrize(
    ("standing", "expected"),
    [
        (source(minutes=None), True),
        (source(minutes=0), True),
        (source(minutes=-600), True),
        (source(minutes=1), False),
        (msgspec.structs.replace(source(), paused=True), False),
        (running(1), False),
        (running(15), True),
        (source(failures=1), False),
        (source(minutes=-5, failures=1), True),
    ],
)
def test_a_source_is_due_at_its_time_unless_paused_running_or_failing(standing: Standing, *, expected: bool) -> None:
    assert (due([standing], NOW) == [standing]) is expected


def test_sources_that_are_due_come_by_name() -> None:
    assert [one.name for one in due([source("b"), source("a")], NOW)] == ["a", "b"]


@given(st.integers(0, 40), st.sampled_from(["a", "b", "wire"]))
def test_each_failure_puts_a_source_off_for_longer_up_to_a_limit(failures: int, name: str) -> None:
    now, after = (backoff(source(name, failures=count)) for count in (failures, failures + 1))

    assert timedelta() <= now <= LONGEST_BACKOFF
    assert after > now or now >= LONGEST_BACKOFF * 0.75
    assert due_at(source(name, failures=failures)) == NOW + now


def test_sources_that_fail_together_do_not_come_back_together() -> None:
    waits = {backoff(source(f"source {number}", failures=3)) for number in range(20)}

    assert len(waits) == 20
    assert backoff(source("a", failures=3)) == backoff(source("a", failures=3))


# ------------------------------------------------------------------------------------------------ sessions

FRIDAY = Session(
    day=date(2025, 4, 4),
    opens_at=datetime(2025, 4, 4, 13, 30, tzinfo=UTC),
    closes_at=datetime(2025, 4, 4, 20, tzinfo=UTC),
)
MONDAY = Session(
    day=date(2025, 4, 7),
    opens_at=datetime(2025, 4, 7, 13, 30, tzinfo=UTC),
    closes_at=datetime(2025, 4, 7, 20, tzinfo=UTC),
)


@pytest.mark.parametrize(
    ("after", "now", "expected"),
    [
        ("2025-04-07T13:35", "2025-04-07T13:39", []),
        ("2025-04-07T13:35", "2025-04-07T13:40", [MarkKind.OPEN]),
        ("2025-04-07T13:40", "2025-04-07T20:00", [MarkKind.CLOSE]),
        ("2025-04-07T20:00", "2025-04-07T23:00", []),
        ("2025-04-07T00:00", "2025-04-08T00:00", [MarkKind.OPEN, MarkKind.CLOSE]),
    ],
)
def test_a_mark_is_passed_once_at_the_first_look_that_is_not_before_it(
    after: str, now: str, expected: list[MarkKind]
) -> None:
    marks = passed_marks([FRIDAY, MONDAY], datetime.fromisoformat(after + "Z"), datetime.fromisoformat(now + "Z"))

    assert [mark.kind for mark in marks] == expected


@given(st.lists(st.integers(0, 6 * 24 * 60), min_size=2, max_size=12).map(sorted))
def test_however_often_one_looks_every_mark_is_passed_exactly_once(minutes: list[int]) -> None:
    start = datetime(2025, 4, 3, tzinfo=UTC)
    looks = [start + timedelta(minutes=minute) for minute in minutes]

    marks = [mark for one, two in pairwise(looks) for mark in passed_marks([FRIDAY, MONDAY], one, two)]

    assert marks == passed_marks([FRIDAY, MONDAY], looks[0], looks[-1])


def test_a_close_publishes_its_day_and_again_the_days_since_the_session_before() -> None:
    (friday, monday) = [
        mark
        for mark in passed_marks([FRIDAY, MONDAY], datetime(2025, 1, 1, tzinfo=UTC), MONDAY.closes_at)
        if mark.lake_days
    ]

    assert friday.lake_days == (FRIDAY.day,)
    assert [day.day for day in monday.lake_days] == [4, 5, 6, 7]


def test_a_mark_asks_for_every_company_once_and_a_close_for_every_table() -> None:
    opening, closing = passed_marks([MONDAY], MONDAY.opens_at, MONDAY.closes_at)

    assert opening.at == MONDAY.opens_at + AFTER_OPEN
    assert mark_jobs(opening, ["V", "BA"]) == [
        AggregationJob(ticker="BA", cause="session:2025-04-07:open"),
        AggregationJob(ticker="V", cause="session:2025-04-07:open"),
    ]
    jobs = mark_jobs(closing, ["BA"])
    assert [job.table for job in jobs if isinstance(job, LakePublishJob)] == list(FACTS)
    assert len({job.key for job in jobs}) == len(jobs) == 1 + len(FACTS)


# ------------------------------------------------------------------------------------------------ companies


def test_companies_of_one_sub_industry_are_related_both_ways_and_others_not() -> None:
    companies = [
        Company(ticker="KO", name="Coca-Cola", sub_industry="Soft Drinks"),
        Company(ticker="PEP", name="PepsiCo", sub_industry="Soft Drinks"),
        Company(ticker="BA", name="Boeing", sub_industry="Aerospace & Defense"),
        Company(ticker="X", name="X"),
        Company(ticker="Y", name="Y"),
    ]

    edges = sub_industry_edges(companies, NOW)

    assert [(edge.src, edge.dst, edge.relation) for edge in edges] == [
        ("KO", "PEP", "sub_industry"),
        ("PEP", "KO", "sub_industry"),
    ]
    assert all(edge.valid_from == NOW for edge in edges)
