from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, strategies as st

from stonks.model.company import Company
from stonks.model.fact import FACTS
from stonks.model.job import AggregationJob, LakePublishJob
from stonks.model.market import Session
from stonks.model.standing import Standing
from stonks.stages.scheduler.core import (
    AFTER_OPEN,
    BEFORE_HOURS,
    CATCH_UP,
    LONGEST_BACKOFF,
    MarkKind,
    backoff,
    due,
    due_at,
    is_busy,
    mark_jobs,
    next_run,
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


def test_who_is_asked_for_is_polled_at_once_though_paused_or_failing_but_not_when_stopped_or_running() -> None:
    asked = msgspec.structs.replace(source(minutes=60, failures=3), paused=True, asked_at=NOW)

    assert due([asked], NOW) == [asked]
    assert due([msgspec.structs.replace(asked, stopped="no key")], NOW) == []
    assert due([msgspec.structs.replace(asked, running_since=NOW)], NOW) == []


def test_a_stopped_source_is_never_due() -> None:
    assert due([msgspec.structs.replace(source(minutes=None), stopped="no key")], NOW) == []


def test_what_came_due_while_nobody_was_awake_comes_within_a_minute_and_not_at_once() -> None:
    slept = [source(f"source {number}", minutes=-600) for number in range(40)]
    slept = [msgspec.structs.replace(one, adapter="feed") for one in slept]

    starts = [due_at(one, NOW) for one in slept]

    assert all(NOW <= at <= NOW + CATCH_UP for at in starts)
    assert len(set(starts)) == 40
    assert max(sum(at <= other < at + timedelta(seconds=5) for other in starts) for at in starts) < 15
    assert [one.name for one in due(slept, NOW + CATCH_UP, NOW)] == sorted(one.name for one in slept)


def test_a_recorded_source_is_never_put_off() -> None:
    assert due_at(source(minutes=-600), NOW) == NOW - timedelta(minutes=600)


def test_what_is_only_just_due_is_not_put_off_by_a_start() -> None:
    just = msgspec.structs.replace(source(minutes=-5), adapter="feed")

    assert due_at(just, NOW) == NOW - CADENCE


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


# ------------------------------------------------------------------------------------------------ cadence

HALF_DAY = Session(
    day=date(2025, 7, 3),
    opens_at=datetime(2025, 7, 3, 13, 30, tzinfo=UTC),
    closes_at=datetime(2025, 7, 3, 17, tzinfo=UTC),
)
QUIET = timedelta(minutes=30)


def paced(closed: timedelta | None = QUIET) -> Standing:
    return msgspec.structs.replace(source(), closed_cadence=closed)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2025-04-07T10:59", False),
        ("2025-04-07T11:00", True),
        ("2025-04-07T18:00", True),
        ("2025-04-07T23:59", True),
        ("2025-04-08T00:00", False),
        ("2025-04-06T15:00", False),
        ("2025-07-03T20:59", True),
        ("2025-07-03T21:00", False),
    ],
)
def test_busy_hours_reach_from_before_the_open_until_after_the_close_of_a_half_day_too(
    now: str, *, expected: bool
) -> None:
    assert is_busy([FRIDAY, MONDAY, HALF_DAY], datetime.fromisoformat(now + "Z")) is expected


def test_a_source_is_polled_by_its_cadence_in_busy_hours_and_by_its_closed_one_in_quiet_ones() -> None:
    sunday = MONDAY.opens_at - timedelta(days=1)

    assert next_run(paced(), MONDAY.opens_at, [FRIDAY, MONDAY]) == MONDAY.opens_at + CADENCE
    assert next_run(paced(), sunday, [FRIDAY, MONDAY]) == sunday + QUIET
    assert next_run(paced(None), sunday, [FRIDAY, MONDAY]) == sunday + CADENCE


def test_without_a_calendar_every_hour_counts_as_busy() -> None:
    assert next_run(paced(), NOW, []) == NOW + CADENCE


def test_nobody_sleeps_beyond_the_begin_of_busy_hours_by_more_than_a_cadence() -> None:
    begin = MONDAY.opens_at - BEFORE_HOURS

    woken = next_run(paced(), begin - timedelta(minutes=3), [FRIDAY, MONDAY])

    assert begin <= woken <= begin + CADENCE


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
