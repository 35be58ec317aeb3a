"""The tree that stonks explain prints."""

from typing import Any

from rich.console import Console

from stonks.api.explain import explain
from stonks.cli.explain import tree
from tests.fakes.world import World


def printed(renderable: Any) -> str:  # noqa: ANN401 - whatever rich prints
    console = Console(width=400, color_system=None, highlight=False)
    with console.capture() as capture:
        console.print(renderable)
    return capture.get()


async def test_the_tree_goes_from_the_order_down_to_the_sentence_and_the_raw_bytes(world: World) -> None:
    chain = await explain(world.ports, str(world.seeded.entries[0]))

    text = printed(tree(chain))

    assert chain.decision is not None
    item = (chain.evidence_for or chain.evidence_against)[0]
    assert item.document is not None
    parts = [
        f"order {world.seeded.entries[0]}",
        f"decision act: {chain.decision.quantity} shares",
        "recommendation BUY",
        "trend bullish",
        item.document.title,
        item.quotes[0].quote,
        item.document.raw_sha256,
    ]
    places = [text.index(part) for part in parts]
    assert places == sorted(places)


async def test_every_gate_is_shown_with_what_was_seen_and_allowed(world: World) -> None:
    chain = await explain(world.ports, str(world.seeded.skipped[0]))

    lines = printed(tree(chain)).splitlines()

    assert chain.decision is not None
    reason = str(chain.decision.primary_reason)
    failed = next(line for line in lines if reason in line and " no " in line)
    assert len(failed.split()) >= 5
    shown = [check.code for check in chain.decision.checks if any(check.code in line for line in lines)]
    assert len(shown) == 16


async def test_a_macro_impact_shows_its_terms_and_a_passed_on_signal_its_way(world: World) -> None:
    await world.connection.execute("UPDATE macro_impact_records SET missing = '{geo,size}', size = 1.15")
    await world.connection.execute(
        """
        UPDATE competitive_signal_records SET relation = 'pattern', hops = 0, path = '[]', pattern =
            '{"event_type": "product", "events": 12, "effect": 0.4, "past": [{"entered_at": "2025-03-03T14:30:00+00:00",
              "direction": -1, "own_return": 0.031, "abnormal": 0.021, "z": 2.1, "signal_ids": ["abc"]}]}'
        WHERE signal_id IN (SELECT signal_id FROM competitive_signal_records ORDER BY signal_id LIMIT 3)
        """
    )
    await world.connection.execute(
        """
        INSERT INTO recommendation_evidence (recommendation_id, signal_id, weight_share, side, contribution)
        SELECT $1, signal_id, 0.1, 'for', 0.1 FROM competitive_signal_records ORDER BY signal_id LIMIT 4
        ON CONFLICT DO NOTHING
        """,
        world.seeded.recommendations[0],
    )

    told = [printed(tree(await explain(world.ports, str(ident)))) for ident in world.seeded.recommendations]

    macro = next(text for text in told if "event " in text and "impact " in text)
    assert "size factor 1.15" in macro
    assert "geo:US " in macro
    assert "not known: geo, size" in macro
    assert any("is sector_peer to" in text and "weight 0.40, confidence 0.70, says sectors" in text for text in told)
    assert any("felt within about 5 days" in text for text in told)
    assert "pattern of its own past: event_type product, events 12, effect 0.4" in told[0]
    assert "2025-03-03T14:30: news -1, return +3.10%, abnormal +2.10%, +2.10 deviations" in told[0]


async def test_a_quote_that_is_not_in_its_text_is_shouted(world: World) -> None:
    await world.connection.execute(
        """UPDATE document_impact_records SET evidence = '[{"quote": "made [up]", "start": 0, "end": 9}]'"""
    )

    texts = [printed(tree(await explain(world.ports, str(ident)))) for ident in world.seeded.recommendations[:20]]

    assert any("NOT IN THE STORED TEXT made [up]" in text for text in texts)


async def test_a_reading_by_a_model_leads_to_its_call_and_to_why_it_was_in_vain(world: World) -> None:
    call = "6d9cbbb1-9d8c-5a35-9f2e-0d4c2ad29f7c"
    await world.connection.execute(
        """INSERT INTO llm_calls (id, agent, model, prompt_version, cache_key, outcome, attempt, verdicts, called_at)
           VALUES ($1, 'document-extractor', 'attentive:1b', 'document-extractor-1', 'k', 'reject', 3, $2, now())""",
        call,
        '[{"check": "nonce", "passed": true}, {"check": "quote", "passed": false, "detail": "not in the text"}]',
    )
    await world.connection.execute(
        """UPDATE document_intelligence
           SET model = 'attentive:1b', prompt_version = 'document-extractor-1', degraded = true, call_id = $1""",
        call,
    )

    chain = await explain(world.ports, str(world.seeded.entries[0]))

    item = next(item for item in (*chain.evidence_for, *chain.evidence_against) if item.signal.layer == "company")
    assert item.reader is not None
    assert item.reader.call is not None
    assert (str(item.reader.call.id), item.reader.call.outcome) == (call, "reject")
    told = f"attentive:1b, prompt document-extractor-1, call {call}: reject, degraded (quote: not in the text)"
    assert told in printed(tree(chain))
