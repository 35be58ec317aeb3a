import msgspec
import pytest
from hypothesis import given, strategies as st

from stonks.stages.aggregation.core.co_mention import Together, mutual, renewal
from tests.fakes.signals import NOW


def beside(together: int, own: int, other: int, every: int, ticker: str = "DELL") -> Together:
    return Together(ticker=ticker, together=together, own=own, other=other, every=every)


@pytest.mark.parametrize(
    ("found", "share"),
    [
        (beside(5, 5, 5, 1000), 1.0),
        (beside(1, 100, 10, 1000), 0.0),
        (beside(0, 10, 10, 1000), -1.0),
        (beside(7, 7, 7, 7), 0.0),
    ],
)
def test_companies_that_meet_as_chance_would_have_it_are_strangers(found: Together, share: float) -> None:
    assert mutual(found) == pytest.approx(share)


def test_two_stories_make_no_relation_and_three_do() -> None:
    two, three = (renewal("AAPL", [beside(count, 10, 10, 500)], [], NOW).begun for count in (2, 3))

    assert two == ()
    assert [(edge.src, edge.dst, edge.relation, edge.known_at) for edge in three] == [
        ("AAPL", "DELL", "co_mention", NOW)
    ]


def test_a_relation_is_written_anew_when_its_weight_has_moved_and_ends_when_it_is_gone() -> None:
    (edge,) = renewal("AAPL", [beside(5, 10, 10, 500)], [], NOW).begun
    moved = msgspec.structs.replace(edge, weight=edge.weight - 0.3)

    assert renewal("AAPL", [beside(5, 10, 10, 500)], [edge], NOW) == renewal("AAPL", [], [], NOW)
    assert renewal("AAPL", [beside(5, 10, 10, 500)], [moved], NOW).ended == ("DELL",)
    assert renewal("AAPL", [], [edge], NOW).ended == ("DELL",)


counts = st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(0, 30), st.integers(0, 300)).map(
    lambda n: beside(n[0], n[0] + n[1], n[0] + n[2], n[0] + n[1] + n[2] + n[3] + 1)
)


@given(counts)
def test_a_weight_is_a_share_and_what_was_just_written_stands(found: Together) -> None:
    assert -1.0 - 1e-9 <= mutual(found) <= 1.0 + 1e-9

    begun = renewal("AAPL", [found], [], NOW).begun
    again = renewal("AAPL", [found], begun, NOW)

    assert all(0.1 <= edge.weight <= 1.0 and 0.0 < edge.confidence < 1.0 for edge in begun)
    assert (again.ended, again.begun) == ((), ())
