"""The whole pipeline on a slice of the bundled tape."""

import dataclasses
import json
import random
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
import msgspec
import pytest
import pytest_asyncio

from benchmarks.protection import PROMISE, read
from stonks.app import App
from stonks.model.document import Quote, Source
from stonks.ports.sources import Fetched, Sources
from stonks.replay.summary import Summary
from stonks.supervisor import Supervisor
from tests.system.replaying import LATE_APRIL, Urls, empty_database, replayed

pytestmark = pytest.mark.asyncio(loop_scope="session")

END_STATES = {"extracted", "classified", "duplicate", "rejected", "withdrawn"}


class Played(msgspec.Struct):
    app: App
    summary: Summary
    rows: asyncpg.Connection


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def played(servers: Supervisor, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Played]:
    """One replay that every test of this module looks at."""
    url = await empty_database(Urls.of(servers), "replay_once")
    data = tmp_path_factory.mktemp("replay")
    async with replayed(url, str(servers.redis_url), data, span=LATE_APRIL) as (app, summary):
        connection = await asyncpg.connect(url)
        await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=json.dumps, decoder=json.loads)
        yield Played(app, summary, connection)
        await connection.close()


async def test_every_document_ends_in_a_named_state_and_no_job_dies(played: Played) -> None:
    rows = await played.rows.fetch("SELECT status, status_reason, count(*) FROM documents GROUP BY 1, 2")

    assert {row["status"] for row in rows} <= END_STATES
    assert all(row["status_reason"] for row in rows if row["status"] in {"duplicate", "rejected", "withdrawn"})
    assert played.summary.dead_letters == 0
    assert await played.rows.fetchval("SELECT count(*) FROM jobs WHERE done_at IS NULL AND dead_at IS NULL") == 0


async def test_every_stored_quote_is_a_verbatim_span_of_its_document(played: Played) -> None:
    rows = await played.rows.fetch(
        """
        SELECT document_id, evidence, normalized_sha256
        FROM (SELECT document_id, evidence FROM document_impact_records
              UNION ALL SELECT document_id, evidence FROM global_events) AS said
        JOIN documents ON documents.id = said.document_id
        """
    )
    walked = 0
    for row in rows:
        digest = row["normalized_sha256"]
        text = (await played.app.ports.objects.get(f"normalized/sha256/{digest[:2]}/{digest[2:]}")).decode()
        for quote in msgspec.convert(row["evidence"], list[Quote]):
            assert text[quote.start : quote.end] == quote.quote
            walked += 1

    assert walked >= len(rows) > 20


async def test_every_order_leads_back_to_sentences_and_raw_bytes(played: Played) -> None:
    orders = await played.rows.fetch("SELECT id, decision_id, leg FROM orders")
    assert any(order["leg"] == "entry" for order in orders)

    for order in orders:
        chain = await played.rows.fetch(
            """
            SELECT d.checks, d.sizing, r.thesis_template, s.document_id, doc.raw_sha256
            FROM trading_decisions AS d
            JOIN recommendations AS r ON r.id = d.recommendation_id
            JOIN recommendation_evidence AS e ON e.recommendation_id = r.id
            JOIN signals AS s ON s.id = e.signal_id
            LEFT JOIN documents AS doc ON doc.id = s.document_id
            WHERE d.id = $1
            """,
            order["decision_id"],
        )
        assert chain
        assert len(chain[0]["checks"]) >= 19
        for link in chain:
            if link["raw_sha256"] is not None:
                digest = link["raw_sha256"]
                assert await played.app.ports.objects.get(f"raw/sha256/{digest[:2]}/{digest[2:]}")


async def test_nothing_that_a_recommendation_rests_on_was_known_later(played: Played) -> None:
    late = await played.rows.fetchval(
        """
        SELECT count(*) FROM recommendations AS r
        JOIN recommendation_evidence AS e ON e.recommendation_id = r.id
        JOIN signals AS s ON s.id = e.signal_id
        LEFT JOIN documents AS d ON d.id = s.document_id
        WHERE s.known_at > r.generated_at OR d.known_at > r.generated_at
        """
    )

    assert late == 0


async def test_no_execution_precedes_the_decision_that_asked_for_it(played: Played) -> None:
    early = await played.rows.fetchval(
        "SELECT count(*) FROM fills JOIN orders ON orders.id = fills.order_id WHERE fills.at <= orders.created_at"
    )

    assert early == 0
    assert played.summary.fills > 0


async def test_every_entry_is_protected_at_the_exchange_as_it_is_filled(played: Played) -> None:
    report = await read(played.rows)

    assert len(report.entries) > 0
    assert report.worst <= PROMISE
    assert report.bare == timedelta(0)


async def test_positions_and_cash_are_the_fold_of_fills(played: Played) -> None:
    account = await played.app.ports.broker.account(played.app.clock.now())
    folded = await played.rows.fetch(
        """
        SELECT ticker, sum(CASE side WHEN 'buy' THEN quantity ELSE -quantity END) AS quantity
        FROM fills GROUP BY ticker HAVING sum(CASE side WHEN 'buy' THEN quantity ELSE -quantity END) <> 0
        """
    )

    assert {row["ticker"]: row["quantity"] for row in folded} == account.positions
    assert account.cash >= 0


async def test_a_second_run_decides_the_same(played: Played, servers: Supervisor, tmp_path: Path) -> None:
    url = await empty_database(Urls.of(servers), "replay_again")
    async with replayed(url, str(servers.redis_url), tmp_path, span=LATE_APRIL) as (_, summary):
        assert summary == played.summary


async def test_the_order_in_which_documents_arrive_at_one_instant_changes_nothing(
    played: Played, servers: Supervisor, tmp_path: Path
) -> None:
    url = await empty_database(Urls.of(servers), "replay_shuffled")

    async with replayed(url, str(servers.redis_url), tmp_path, span=LATE_APRIL, change=shuffled) as (_, summary):
        assert summary == played.summary


def shuffled(app: App) -> App:
    return dataclasses.replace(app, ports=dataclasses.replace(app.ports, sources=ShuffledSources(app.ports.sources)))


class ShuffledSources:
    """The same sources, each poll in another order."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._random = random.Random(7)

    def sources(self) -> Sequence[Source]:
        return self._sources.sources()

    async def fetch(self, source: Source, now: datetime) -> Fetched:
        fetched = await self._sources.fetch(source, now)
        documents = self._random.sample(fetched.documents, len(fetched.documents))
        return msgspec.structs.replace(fetched, documents=tuple(documents))


async def test_ids_are_derived_from_what_they_identify(played: Played) -> None:
    ids = [row["id"] for row in await played.rows.fetch("SELECT id FROM documents")]

    assert all(isinstance(each, UUID) and each.version == 5 for each in ids)
