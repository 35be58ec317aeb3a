from typing import Any

import pytest
from hypothesis import given, strategies as st

from stonks.model.company import CompanyEdge
from stonks.model.signal import EventType, HalfLife, Layer
from stonks.stages.aggregation.core.relations import RELATIONS, EventClass, class_of
from stonks.stages.aggregation.core.signal_propagation import Competitive, Origin, propagate
from tests.fakes.signals import NOW, make_signal


def edge(src: str, dst: str, relation: str = "partner", weight: float = 1.0) -> CompanyEdge:
    return CompanyEdge(
        src=src, dst=dst, relation=relation, weight=weight, confidence=0.5, valid_from=NOW, source="test"
    )


def news(*, named: tuple[str, ...] = (), **fields: Any) -> Origin:  # noqa: ANN401 - as make_signal takes them
    return Origin(signal=make_signal(1, **({"event_type": "contract_win"} | fields)), named=named)


def by_ticker(found: tuple[Competitive, ...]) -> dict[str, Competitive]:
    return {each.signal.ticker: each for each in found}


def test_a_relation_passes_its_share_of_an_effect_on() -> None:
    (passed,) = propagate([news(direction=0.8, strength=0.5)], [edge("AAPL", "DELL", weight=0.8)], NOW)

    assert passed.signal.ticker == "DELL"
    assert passed.signal.direction == 0.8
    assert passed.signal.strength == pytest.approx(0.5 * 0.25 * 0.8)
    assert passed.signal.confidence == pytest.approx(0.5 * 0.6)
    assert passed.signal.half_life is HalfLife.B2
    assert (passed.record.relation, passed.record.hops) == ("partner", 1)


def test_a_competitors_misfortune_is_good_and_its_beaten_forecast_too() -> None:
    edges = [edge("AAPL", "DELL", "competitor")]

    (recall,) = propagate([news(event_type="recall", direction=-1.0)], edges, NOW)
    (beat,) = propagate([news(event_type="earnings_beat")], edges, NOW)

    assert recall.signal.direction == 1.0
    assert beat.signal.direction == 1.0


def test_a_second_relation_passes_half_of_its_share_on() -> None:
    found = by_ticker(propagate([news()], [edge("AAPL", "DELL", "parent"), edge("DELL", "UNH", "parent")], NOW))

    assert found["UNH"].signal.strength == pytest.approx(0.7 * 0.7 * 0.5)
    assert found["UNH"].signal.confidence == pytest.approx(0.25 * 0.6)
    assert found["UNH"].record.hops == 2


def test_nothing_goes_three_relations_far() -> None:
    chain = [edge(src, dst, "parent") for src, dst in (("AAPL", "B"), ("B", "C"), ("C", "D"))]

    assert by_ticker(propagate([news()], chain, NOW)).keys() == {"B", "C"}


def test_a_company_reached_in_two_ways_hears_the_louder_one() -> None:
    edges = [edge("AAPL", "DELL", "partner"), edge("AAPL", "DELL", "parent")]

    (passed,) = propagate([news()], edges, NOW)

    assert passed.record.relation == "parent"


def test_a_faint_effect_is_not_passed_on() -> None:
    edges = [edge("AAPL", "DELL")]

    assert propagate([news(direction=0.3, strength=0.3)], edges, NOW) == ()
    assert len(propagate([news(direction=0.4, strength=0.4)], edges, NOW)) == 1


def test_news_that_concerns_the_company_alone_is_not_passed_on() -> None:
    assert propagate([news(event_type="buyback")], [edge("AAPL", "DELL", "competitor")], NOW) == ()
    assert class_of("no such event", 1.0) is None


def test_companies_that_the_document_names_are_not_told_again() -> None:
    assert propagate([news(named=("DELL",))], [edge("AAPL", "DELL")], NOW) == ()


def test_an_unknown_relation_carries_nothing() -> None:
    assert propagate([news()], [edge("AAPL", "DELL", "neighbour")], NOW) == ()


def test_every_event_and_relation_has_a_factor_in_range() -> None:
    for event in EventType:
        for direction in (-1.0, 1.0):
            kind = class_of(event, direction)
            assert kind is None or all(abs(relation.factor(kind)) <= 0.7 for relation in RELATIONS.values())
    assert {class_of(event, sign) for event in EventType for sign in (-1.0, 1.0)} >= set(EventClass)


companies = st.sampled_from(["AAPL", "A", "B", "C"])
graphs = st.lists(st.builds(edge, companies, companies, st.sampled_from(sorted(RELATIONS)), st.floats(0.0, 1.0)))


@given(graphs)
def test_a_circle_of_relations_never_comes_back_to_its_origin(edges: list[CompanyEdge]) -> None:
    found = propagate([news(event_type="earnings_beat")], edges, NOW)

    assert "AAPL" not in by_ticker(found)
    assert len(found) == len(by_ticker(found))


@given(graphs)
def test_what_was_passed_on_is_not_passed_on_again(edges: list[CompanyEdge]) -> None:
    first = propagate([news(event_type="earnings_beat")], edges, NOW)

    assert all(each.signal.layer is Layer.COMPETITIVE for each in first)
    assert propagate([Origin(signal=each.signal) for each in first], edges, NOW) == ()


@given(graphs)
def test_an_effect_only_gets_weaker_on_its_way(edges: list[CompanyEdge]) -> None:
    for each in propagate([news(event_type="earnings_beat")], edges, NOW):
        assert each.signal.strength <= 0.7
        assert each.signal.confidence <= 0.6
