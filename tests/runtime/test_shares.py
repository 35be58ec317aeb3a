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

        assert abs(given_so_far[EXTRACTION] - 2 * given_so_far[MACRO]) <= 2
    assert given_so_far.total() == sum(hands)


def test_what_one_queue_has_no_jobs_for_the_other_gets() -> None:
    shares = Shares({EXTRACTION: 2, MACRO: 1})

    assert shares.plan(9, [MACRO]) == {MACRO: 9}
    assert shares.plan(9, []) == {}


def test_a_queue_that_was_empty_is_owed_nothing() -> None:
    shares = Shares({EXTRACTION: 2, MACRO: 1})
    shares.gave(MACRO, 60)

    shares.forget()

    assert shares.plan(9, (EXTRACTION, MACRO)) == {EXTRACTION: 6, MACRO: 3}
