from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg
import msgspec
import pytest
import pytest_asyncio

from stonks.adapters.store.postgres import PostgresStore
from stonks.model.audit import AuditEntry
from stonks.ports.audit import append_audit, audit_entries, verify_audit
from tests.fakes.signals import NOW

ENTRY = AuditEntry(
    at=NOW, actor="ann", action="trading.halt", object="paper", after={"state": "halted"}, reason="odd", request_id="r1"
)
PLAIN = AuditEntry(at=NOW, actor="bob", action="source.run", object="feed")


@pytest_asyncio.fixture
async def connection(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


async def write(store: PostgresStore, *entries: AuditEntry) -> None:
    for entry in entries:
        async with store.transaction() as transaction:
            await append_audit(transaction, entry)


async def test_entries_are_read_newest_first_and_page_by_page(store: PostgresStore) -> None:
    await write(store, ENTRY, PLAIN, ENTRY)

    first = await audit_entries(store, 2)
    rest = await audit_entries(store, 2, before=first[-1].seq)

    assert [row.actor for row in (*first, *rest)] == ["ann", "bob", "ann"]
    assert (rest[0].reason, rest[0].request_id, rest[0].after) == ("odd", "r1", {"state": "halted"})
    assert [row.actor for row in await audit_entries(store, 9, actor="bob")] == ["bob"]
    assert await audit_entries(store, 9, action="trading.resume") == []


async def test_an_empty_chain_and_a_whole_one_are_intact(store: PostgresStore) -> None:
    empty = await verify_audit(store)
    await write(store, ENTRY, PLAIN, msgspec.structs.replace(ENTRY, at=NOW + timedelta(microseconds=1)))
    whole = await verify_audit(store)

    assert (empty.entries, empty.head, empty.intact) == (0, None, True)
    assert (whole.entries, whole.broken_at, whole.intact) == (3, None, True)
    assert whole.head == (await audit_entries(store, 1))[0].hash


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit SET reason = 'fine' WHERE seq = 2",
        "UPDATE audit SET reason = NULL, request_id = NULL WHERE seq = 2",
        "UPDATE audit SET after = NULL WHERE seq = 2",
        "UPDATE audit SET actor = 'bob' WHERE seq = 2",
        "UPDATE audit SET at = at + interval '1 microsecond' WHERE seq = 2",
        "DELETE FROM audit WHERE seq = 1",
        """UPDATE audit SET actor = 'bob',
           hash = audit_hash(prev_hash, at, 'bob', action, object, before, after, reason, request_id) WHERE seq = 2""",
    ],
)
async def test_a_changed_past_shows(store: PostgresStore, connection: asyncpg.Connection, change: str) -> None:
    await write(store, PLAIN, ENTRY, PLAIN)
    await connection.execute("ALTER TABLE audit DISABLE TRIGGER audit_only_grows")
    await connection.execute(change)

    proof = await verify_audit(store)

    assert not proof.intact
    assert proof.broken_at in {2, 3}


@pytest.mark.parametrize("change", ["UPDATE audit SET actor = 'bob'", "DELETE FROM audit", "TRUNCATE audit"])
async def test_the_audit_is_only_added_to(store: PostgresStore, connection: asyncpg.Connection, change: str) -> None:
    await write(store, ENTRY)

    with pytest.raises(asyncpg.RestrictViolationError):
        await connection.execute(change)


async def test_entries_from_before_reasons_were_covered_hash_as_they_did(
    store: PostgresStore, connection: asyncpg.Connection
) -> None:
    await write(store, PLAIN)

    assert await connection.fetchval(
        """SELECT hash = encode(sha256(convert_to(jsonb_build_array(prev_hash, extract(epoch FROM at), actor, action,
               object, before, after)::text, 'UTF8')), 'hex') FROM audit"""
    )
