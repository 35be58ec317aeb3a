"""What stonks dlq prints, and whom it picks."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, STDOUT
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

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


# ---------------------------------------------------------------------------------------------- the command itself


@dataclass
class Command:
    """``stonks dlq`` in a process of its own, on the servers of a test."""

    environment: dict[str, str]

    async def __call__(self, *arguments: str) -> tuple[int, str]:
        """Run it and return its exit code and all that it printed."""
        command = [sys.executable, "-m", "stonks", "dlq", *arguments]
        process = await asyncio.create_subprocess_exec(*command, env=self.environment, stdout=PIPE, stderr=STDOUT)
        printed, _ = await process.communicate()
        return process.returncode or 0, printed.decode()


@pytest.fixture
def stonks_dlq(world: World, redis_url: str, tmp_path: Path) -> Command:
    urls = {"STONKS_DATABASE_URL": world.database_url, "STONKS_REDIS_URL": redis_url}
    return Command({"PATH": "/usr/bin:/bin", "STONKS_DATA_DIR": str(tmp_path), **urls})


async def test_a_group_is_looked_at_tried_out_and_brought_back_one_by_one(world: World, stonks_dlq: Command) -> None:
    (group,) = json.loads((await stonks_dlq("list", "--json"))[1])

    tried = await stonks_dlq("retry", "--group", group["group"], "--dry-run")
    untouched = await dead_letters(world.ports, "parsing", 10)
    one = await stonks_dlq("retry", group["example"]["id"][:12])
    rest = await stonks_dlq("retry", "parsing", "--group", group["group"], "--rate", "100")
    again = await stonks_dlq("retry", group["example"]["id"][:12])

    assert tried[0] == 0
    assert tried[1].endswith("2 jobs would be tried again; nothing was done\n")
    assert len(untouched) == 2
    assert (one, rest, again) == (
        (0, "1 of 1 jobs tried again\n"),
        (0, "1 of 1 jobs tried again\n"),
        (0, "0 of 0 jobs tried again\n"),
    )
    assert await dead_letters(world.ports, "parsing", 10) == []


async def test_what_is_discarded_needs_a_reason_which_the_log_keeps(
    world: World, stonks_dlq: Command, tmp_path: Path
) -> None:
    without, message = await stonks_dlq("discard", "parsing")
    code, printed = await stonks_dlq("discard", "parsing", "--reason", "sent by mistake", "--limit", "1")

    lines = [json.loads(line) for line in (tmp_path / "log" / "stonks.jsonl").read_text().splitlines()]
    assert (without, "--reason" in message) == (2, True)
    assert (code, printed) == (0, "1 of 1 jobs discarded\n")
    assert [line["why"] for line in lines if line["event"] == "letter.discarded"] == ["sent by mistake"]
    assert len(await dead_letters(world.ports, "parsing", 10)) == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("retry",), "name queues, ids of letters or a --group, or give --all"),
        (("retry", "parsing", "--all"), "name queues, ids of letters or a --group, or give --all"),
        (("retry", "parsng"), "parsng is neither a queue"),
        (("show", "0000"), "no dead letter and no group 0000"),
    ],
)
async def test_what_cannot_be_meant_is_refused_in_a_sentence(
    stonks_dlq: Command, arguments: tuple[str, ...], sentence: str
) -> None:
    code, printed = await stonks_dlq(*arguments)

    assert code == 1
    assert sentence in " ".join(printed.split())
