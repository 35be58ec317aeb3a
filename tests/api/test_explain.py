"""The chain from an order down to the sentence."""

import pytest

from stonks.api.answers.chain import Chain
from stonks.api.explain import explain
from stonks.model.errors import Refused
from tests.fakes.world import World


def layers(chain: Chain) -> set[str]:
    return {item.signal.layer for item in (*chain.evidence_for, *chain.evidence_against)}


async def test_an_order_leads_down_to_sentences_that_stand_in_their_stored_texts(world: World) -> None:
    chain = await explain(world.ports, str(world.seeded.entries[0]))

    assert chain.kind == "order"
    assert chain.decision is not None
    assert chain.decision.verdict == "act"
    assert chain.recommendation.id == chain.decision.recommendation_id
    assert chain.intact
    items = [*chain.evidence_for, *chain.evidence_against]
    assert items
    for item in items:
        assert item.document is not None
        text = (await world.client.get(f"/api/v1/documents/{item.document.id}/text")).text
        for quote in item.quotes:
            assert quote.before + quote.quote + quote.after in text


async def test_order_decision_and_recommendation_lead_to_the_same_chain(world: World) -> None:
    entry = await explain(world.ports, str(world.seeded.entries[0]))
    assert entry.decision is not None

    decision = await explain(world.ports, str(entry.decision.id))
    recommendation = await explain(world.ports, str(entry.recommendation.id))

    assert entry.timeline == decision.timeline == recommendation.timeline
    assert entry.evidence_for == decision.evidence_for == recommendation.evidence_for
    assert [entry.kind, decision.kind, recommendation.kind] == ["order", "decision", "recommendation"]


async def test_a_stop_is_explained_by_the_entry_it_protects(world: World) -> None:
    stop = await explain(world.ports, str(world.seeded.stops[0]))

    assert stop.kind == "order"
    assert {order.leg for order in stop.orders} == {"entry", "stop"}
    assert stop.orders[0].recommendation_id == stop.recommendation.id


async def test_every_layer_leads_to_a_document(world: World) -> None:
    seen: dict[str, int] = {}
    for ident in world.seeded.recommendations:
        chain = await explain(world.ports, str(ident))
        for item in (*chain.evidence_for, *chain.evidence_against):
            seen[item.signal.layer] = seen.get(item.signal.layer, 0) + 1
            assert item.document is not None
            assert item.quotes
            assert (item.event is not None) == (item.signal.layer == "macro")
            assert (item.via is not None) == (item.signal.layer == "competitive")
            if item.via is not None:
                assert [step.dst for step in item.via.path] == [item.signal.ticker]
                assert item.via.path[0].src == item.via.origin_ticker

    assert set(seen) == {"company", "macro", "competitive"}


async def test_a_quote_that_is_not_in_its_text_is_told_apart(world: World) -> None:
    await world.connection.execute(
        """UPDATE document_impact_records SET evidence = '[{"quote": "made up", "start": 0, "end": 7}]'"""
    )
    chains = [await explain(world.ports, str(ident)) for ident in world.seeded.recommendations]
    chain = next(chain for chain in chains if "company" in layers(chain))

    assert not chain.intact
    company = next(item for item in (*chain.evidence_for, *chain.evidence_against) if item.signal.layer == "company")
    assert [(quote.verbatim, quote.before, quote.after) for quote in company.quotes] == [(False, "", "")]


async def test_the_timeline_goes_forward(world: World) -> None:
    chain = await explain(world.ports, str(world.seeded.entries[0]))

    steps = [step.what for step in chain.timeline]
    decided = [step for step in chain.timeline if step.what in {"trend", "recommended", "decided"}]
    assert {"known", "trend", "recommended", "decided", "order claimed", "filled"} <= set(steps)
    assert [step.at for step in decided] == sorted(step.at for step in decided)


async def test_the_beginning_of_an_id_is_enough_while_it_is_unique(world: World) -> None:
    whole = world.seeded.entries[0]

    assert (await explain(world.ports, str(whole)[:12])).id == whole
    assert (await explain(world.ports, whole.hex)).id == whole


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        ("", "is not an id"),
        ("no-such", "is not an id"),
        ("0" * 33, "is not an id"),
        ("00000000-0000", "begins with"),
    ],
)
async def test_what_is_no_id_is_refused_with_the_reason(world: World, wanted: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        await explain(world.ports, wanted)


async def test_a_beginning_that_several_share_is_refused_with_their_names(world: World) -> None:
    digits = {ident.hex[0] for ident in world.seeded.recommendations}

    with pytest.raises(Refused, match="give more of it"):
        await explain(world.ports, digits.pop())


async def test_an_order_without_a_recommendation_says_so(world: World) -> None:
    ident = world.seeded.stops[0]
    await world.connection.execute("UPDATE orders SET parent_id = NULL WHERE id = $1", ident)

    with pytest.raises(Refused, match="no recommendation stands behind it"):
        await explain(world.ports, str(ident))
