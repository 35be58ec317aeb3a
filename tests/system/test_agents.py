"""The whole pipeline with a language model whose every third answer is at fault."""

import json
from pathlib import Path

import asyncpg
import pytest

from stonks.model.identity import object_key
from stonks.supervisor import Supervisor
from tests.fakes.ollama import MODEL, Fault, Ollama, open_ollama
from tests.system.replaying import Span, Urls, empty_database, replayed

pytestmark = pytest.mark.asyncio(loop_scope="session")

DAY = Span.of_days("2025-04-01", "2025-04-01")
"""Early on the tape: what was known before a replay begins is read at its start."""
QUOTED = """
    SELECT normalized_sha256, evidence FROM document_impact_records JOIN documents ON documents.id = document_id
    UNION ALL
    SELECT normalized_sha256, evidence FROM global_events JOIN documents ON documents.id = document_id
"""


async def test_nothing_dies_of_a_bad_model_and_every_quote_stays_verbatim(servers: Supervisor, tmp_path: Path) -> None:
    url = await empty_database(Urls.of(servers), "replay_model")
    server = Ollama(tuple(Fault), share=0.33, seed=3, delay=0.1)
    async with open_ollama(server):
        llm_url = f"ollama://{server.base.removeprefix('http://')}/{MODEL}"
        async with replayed(url, str(servers.redis_url), tmp_path, span=DAY, llm_url=llm_url) as (_, summary):
            connection = await asyncpg.connect(url)
            quoted = await connection.fetch(QUOTED)
            outcomes = {row["outcome"] for row in await connection.fetch("SELECT DISTINCT outcome FROM llm_calls")}
            ended = {row["status"] for row in await connection.fetch("SELECT DISTINCT status FROM documents")}
            await connection.close()

    assert summary.dead_letters == 0
    assert ended <= {"extracted", "classified", "duplicate", "rejected", "withdrawn"}
    assert {"accept", "degraded"} <= outcomes
    for row in quoted:
        text = (tmp_path / "objects" / object_key("normalized", row["normalized_sha256"])).read_text("utf-8")
        for quote in json.loads(row["evidence"]):
            assert text[quote["start"] : quote["end"]] == quote["quote"]
    assert quoted
