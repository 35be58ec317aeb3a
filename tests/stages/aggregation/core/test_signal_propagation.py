from typing import Any

import pytest
from hypothesis import given, strategies as st

from stonks.model.company import CompanyEdge, Related
from stonks.model.signal import EventType, HalfLife, Layer
from stonks.stages.aggregation.core.relations import RELATIONS, EventClass, class_of
from stonks.stages.aggregation.core.signal_propagation import (
    HOP_FACTOR,
    MIN_EFFECT,
    Competitive,
    Origin,
    graph_of,
    paths_from,
    propagate,
)
from tests.fakes.signals import NOW, make_signal


def edge(src: str, dst: str, relation: str = "partner", weight: float = 1.0, confidence: float = 0.5) -> CompanyEdge:
    return CompanyEdge(
        src=src, dst=dst, relation=relation, weight=weight, confidence=confidence, valid_from=NOW, source="test"
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
    assert (passed.record.relation, passed.record.hops, passed.record.lag_expected_days) == ("partner", 1, 5.0)


@pytest.mark.parametrize(
    ("relation", "event", "direction", "arrives"),
    [
        ("competitor", "recall", -1.0, 0.25),
        ("competitor", "contract_win", 1.0, -0.20),
        ("competitor", "earnings_beat", 1.0, 0.35),
        ("competitor", "m_and_a_target", 1.0, 0.20),
        ("customer", "earnings_miss", -1.0, -0.45),
        ("customer", "cyber", -1.0, -0.30),
        ("supplier", "outage", -1.0, -0.20),
        ("supplier", "guidance_cut", -1.0, 0.05),
        ("partner", "product", -1.0, -0.25),
        ("parent", "litigation_regulatory", -1.0, -0.70),
        ("sub_industry", "earnings_beat", 1.0, 0.20),
        ("sub_industry", "recall", -1.0, None),
        ("co_mention", "guidance_raise", 1.0, 0.15),
        ("customer", "m_and_a_target", 1.0, None),
    ],
)
def test_what_arrives_is_the_table_of_relation_and_kind(
    relation: str, event: str, direction: float, arrives: float | None
) -> None:
    found = propagate([news(event_type=event, direction=direction)], [edge("AAPL", "DELL", relation)], NOW)

    assert [one.signal.direction * one.signal.strength for one in found] == (
        [] if arrives is None else [pytest.approx(arrives)]
    )


def test_a_second_relation_passes_half_of_its_share_on_and_the_record_names_both() -> None:
    found = by_ticker(propagate([news()], [edge("AAPL", "DELL", "parent"), edge("DELL", "UNH", "parent")], NOW))

    assert found["UNH"].signal.strength == pytest.approx(0.7 * 0.7 * 0.5)
    assert found["UNH"].signal.confidence == pytest.approx(0.25 * 0.6)
    assert found["UNH"].record.hops == 2
    assert [(step.src, step.dst) for step in found["UNH"].record.path] == [("AAPL", "DELL"), ("DELL", "UNH")]
    assert found["UNH"].record.lag_expected_days == 2.0


def test_nothing_goes_three_relations_far() -> None:
    chain = [edge(src, dst, "parent") for src, dst in (("AAPL", "B"), ("B", "C"), ("C", "D"))]

    assert by_ticker(propagate([news()], chain, NOW)).keys() == {"B", "C"}


def test_a_company_reached_in_two_ways_hears_the_louder_one() -> None:
    edges = [edge("AAPL", "DELL", "partner"), edge("AAPL", "DELL", "parent")]

    (passed,) = propagate([news()], edges, NOW)

    assert passed.record.relation == "parent"


def test_being_alike_counts_only_where_nothing_closer_is_known() -> None:
    alike = edge("AAPL", "DELL", "sub_industry")

    (only,) = propagate([news(event_type="earnings_beat")], [alike], NOW)
    (closer,) = propagate([news(event_type="earnings_beat")], [alike, edge("AAPL", "DELL", "competitor", 0.4)], NOW)

    assert (only.record.relation, closer.record.relation) == ("sub_industry", "competitor")
    assert closer.signal.strength == pytest.approx(0.4 * 0.35)


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
    assert set(RELATIONS) == set(Related)


companies = st.sampled_from(["AAPL", "A", "B", "C"])
units = st.floats(0.0, 1.0)
graphs = st.lists(st.builds(edge, companies, companies, st.sampled_from(sorted(RELATIONS)), units, units), max_size=14)
events = st.sampled_from(["earnings_beat", "recall", "contract_win", "m_and_a_target"])


@given(graphs, events)
def test_a_circle_of_relations_never_comes_back_to_its_origin(edges: list[CompanyEdge], event: str) -> None:
    found = propagate([news(event_type=event)], edges, NOW)

    assert "AAPL" not in by_ticker(found)
    assert len(found) == len(by_ticker(found))
    assert all(1 <= each.record.hops == len(each.record.path) <= 2 for each in found)
    assert all(each.record.path[0].src == "AAPL" and each.record.path[-1].dst == each.signal.ticker for each in found)


@given(graphs)
def test_what_was_passed_on_is_not_passed_on_again(edges: list[CompanyEdge]) -> None:
    first = propagate([news(event_type="earnings_beat")], edges, NOW)

    assert all(each.signal.layer is Layer.COMPETITIVE for each in first)
    assert propagate([Origin(signal=each.signal) for each in first], edges, NOW) == ()


@given(graphs, events)
def test_an_effect_only_gets_weaker_on_its_way(edges: list[CompanyEdge], event: str) -> None:
    for each in propagate([news(event_type=event)], edges, NOW):
        assert MIN_EFFECT <= each.signal.strength <= 0.7
        assert each.signal.confidence <= 0.6


@given(graphs, st.floats(0.1, 1.0))
def test_the_opposite_news_arrives_as_the_opposite(edges: list[CompanyEdge], direction: float) -> None:
    good = propagate([news(event_type="recall", direction=direction)], edges, NOW)
    bad = propagate([news(event_type="recall", direction=-direction)], edges, NOW)

    assert [each.signal.direction for each in good] == [-each.signal.direction for each in bad]
    assert [each.signal.strength for each in good] == [each.signal.strength for each in bad]


@given(graphs, st.randoms(use_true_random=False))
def test_the_order_of_the_edges_does_not_matter(edges: list[CompanyEdge], random: Any) -> None:  # noqa: ANN401
    shuffled = random.sample(edges, len(edges))

    assert propagate([news(event_type="recall")], shuffled, NOW) == propagate([news(event_type="recall")], edges, NOW)


@given(graphs, st.sampled_from(list(EventClass)))
def test_the_way_that_is_chosen_is_the_best_of_all_ways_by_hand(edges: list[CompanyEdge], kind: EventClass) -> None:
    graph = graph_of(edges)

    best: dict[str, float] = {}
    for first in graph.edges:
        if first.src != "AAPL":
            continue
        share = RELATIONS[first.relation].factor(kind) * first.weight
        best[first.dst] = max(best.get(first.dst, 0.0), abs(share))
        for second in graph.edges:
            if second.src == first.dst and second.dst != "AAPL":
                further = abs(share * RELATIONS[second.relation].factor(kind) * second.weight * HOP_FACTOR)
                best[second.dst] = max(best.get(second.dst, 0.0), further)

    found = {path.ticker: abs(path.factor) for path in paths_from(graph, "AAPL", kind)}
    assert found == pytest.approx({ticker: share for ticker, share in best.items() if share})
