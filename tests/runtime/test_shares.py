from collections import Counter

import hypothesis.strategies as st
from hypothesis import given

from stonks.runtime.shares import Shares

EXTRACTION, MACRO = "extraction", "macro_classification"


@given(st.lists(st.integers(0, 30), max_size=30))
def test_while_both_queues_have_jobs_one_gets_twice_as_many_within_two(hands: list[int]) -> None:
    shares, given_so_far = Shares({EXTRACTION: 2, MACRO: 1}), Counter[str]()

    for free in hands:
        for queue, jobs in shares.plan(free, (EXTRACTION, MACRO)).items():
            shares.gave(queue, jobs)
            given_so_far[queue] += jobs
        shares.settle()

        assert abs(given_so_far[EXTRACTION] - 2 * given_so_far[MACRO]) <= 2
    assert given_so_far.total() == sum(hands)


@given(
    before=st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(0, 30)), max_size=10),
    after=st.lists(st.integers(0, 30), max_size=20),
)
def test_whatever_a_queue_lacked_before_the_bound_holds_from_when_both_have_jobs(
    before: list[tuple[int, int, int]], after: list[int]
) -> None:
    shares, since = Shares({EXTRACTION: 2, MACRO: 1}), Counter[str]()

    for free, some, few in before:
        plan = shares.plan(free, (EXTRACTION, MACRO))
        shares.gave(EXTRACTION, min(plan[EXTRACTION], some))
        shares.gave(MACRO, min(plan[MACRO], few))
        shares.settle()
    for free in after:
        for queue, jobs in shares.plan(free, (EXTRACTION, MACRO)).items():
            shares.gave(queue, jobs)
            since[queue] += jobs
        shares.settle()

        assert abs(since[EXTRACTION] - 2 * since[MACRO]) <= 2


def test_of_two_equal_queues_none_is_served_first_every_time() -> None:
    shares, turns = Shares({EXTRACTION: 1, MACRO: 1}), []

    for _ in range(4):
        (queue,) = shares.plan(1, (EXTRACTION, MACRO))
        shares.gave(queue, 1)
        shares.settle()
        turns.append(queue)

    assert turns == [EXTRACTION, MACRO, EXTRACTION, MACRO]


def test_what_one_queue_has_no_jobs_for_the_other_gets() -> None:
    shares = Shares({EXTRACTION: 2, MACRO: 1})

    assert shares.plan(9, [MACRO]) == {MACRO: 9}
    assert shares.plan(9, []) == {}


def test_a_queue_that_was_empty_is_owed_nothing() -> None:
    shares = Shares({EXTRACTION: 2, MACRO: 1})
    shares.gave(MACRO, 60)

    shares.settle()

    assert shares.plan(9, (EXTRACTION, MACRO)) == {EXTRACTION: 6, MACRO: 3}
