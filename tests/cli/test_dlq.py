"""What stonks dlq prints, and whom it picks."""

from datetime import UTC, datetime, timedelta

import msgspec

from stonks.api.dead_letters import dead_letter, dead_letter_groups, dead_letters
from stonks.cli.dlq import batches
from stonks.cli.letters import body_as_text, escaped, groups_as_text, letters_as_text, payload_as_text, plan_as_text
from stonks.model.job import ExtractionJob
from stonks.ports.queue import DeadLetter
from stonks.runtime.ledger import Ledger, record
from stonks.runtime.letters import Wanted, find_letters, find_rows
from tests.fakes.world import World

SOON = timedelta(minutes=1)


async def a_dead_extraction(world: World, error: str = "no") -> ExtractionJob:
    """A job whose document is known, buried by its worker in queue and ledger."""
    ports, job = world.ports, ExtractionJob(document_id=world.seeded.documents[0])
    async with ports.store.transaction() as transaction:
        pushes = await record(transaction, [job])
    await ports.queue.claim("extraction", 100, timedelta(hours=1))
    await ports.queue.enqueue(pushes, high_water=100)
    (claimed,) = await ports.queue.claim("extraction", 1, SOON)
    await ports.queue.bury("extraction", claimed.token, reason="refused", error=error)
    await Ledger(ports.store).bury([job], "refused", ports.clock.now())
    return job


async def test_what_failed_in_the_same_way_is_one_group(world: World) -> None:
    groups = await dead_letter_groups(world.ports)

    first, times, example = groups_as_text(groups).splitlines()

    assert first == "parsing  2 x malformed: document_id: expected a UUID"
    assert times.startswith(f"  group {groups[0].group}, first 20")
    assert example.startswith(f"  such as {groups[0].example.id[:8]}  ")
    assert '{"document_id":' in example


async def test_a_letter_of_the_list_is_its_id_its_reason_and_its_bytes(world: World) -> None:
    letters = await dead_letters(world.ports, "parsing", 1)

    first, payload = letters_as_text(letters).splitlines()

    assert first.startswith(f"parsing {letters[0].id[:8]}  ")
    assert first.endswith("malformed: document_id: expected a UUID")
    assert payload.strip().startswith('{"document_id":')


def test_nothing_dead_is_said_so() -> None:
    assert groups_as_text([]) == letters_as_text([]) == "no dead letters"


async def test_a_letter_is_shown_with_its_row_and_its_document(world: World) -> None:
    job = await a_dead_extraction(world)
    (letter,) = await find_letters(world.ports, Wanted(queues=("extraction",)))
    row = await world.connection.fetchrow("SELECT title, status FROM documents WHERE id = $1", job.document_id)
    assert row is not None

    text = body_as_text(await dead_letter(world.ports, letter), alike=3)

    rows = dict(line.split(maxsplit=1) for line in text.splitlines())
    assert rows["letter"] == letter.id
    assert rows["group"].endswith(", 3 alike")
    assert rows["error"] == "no"
    assert rows["deliveries"] == "1, and 0 crashes"
    assert rows["ledger"].startswith(f"{job.key}, written down")
    assert rows["ledger"].endswith(": refused")
    assert rows["document"].startswith(f"{job.document_id}  {row['status']}")
    assert rows["title"].endswith(row["title"])
    assert rows["payload"] == msgspec.json.encode(job).decode()


def test_bytes_that_are_no_text_are_shown_as_escapes_and_cannot_move_the_cursor() -> None:
    assert payload_as_text(b'\xff{"a":1}\x1b[2J') == '\\xff{"a":1}\\x1b[2J'
    assert escaped("a\u202egpj\nb") == "a\\u202egpj\\nb"
    assert escaped("Zürich 株式") == "Zürich 株式"


async def test_a_dry_run_says_what_would_become_of_each(world: World) -> None:
    job = await a_dead_extraction(world)
    letters = await find_letters(world.ports, Wanted())

    text = plan_as_text(letters, await find_rows(world.ports, letters), "tried again")
    discarding = plan_as_text(letters, await find_rows(world.ports, letters), "discarded")

    assert f"{job.key}: goes back, its row is opened again, its document waits again if it failed" in text
    assert text.count("goes back, and is written down when it is taken in hand") == 2
    assert "its row stays dead and keeps the reason" in discarding
    assert text.endswith("3 jobs would be tried again; nothing was done")


def test_a_rate_gives_parts_of_a_seconds_worth() -> None:
    at = datetime(2025, 1, 1, tzinfo=UTC)
    letters = [
        DeadLetter(place=0, queue="parsing", payload=b"", reason="", error="", at=at, id=str(n)) for n in range(7)
    ]

    assert [len(part) for part in batches(letters, None)] == [7]
    assert [len(part) for part in batches(letters, 3)] == [3, 3, 1]
    assert [len(part) for part in batches(letters, 0.5)] == [1] * 7
