"""What stonks dlq list prints."""

from datetime import timedelta

import msgspec

from stonks.api.standing import dead_letters
from stonks.cli.dlq import as_text, revive
from stonks.model.job import ExtractionJob
from stonks.runtime.ledger import Ledger, record
from tests.fakes.world import World


async def test_a_dead_letter_is_its_reason_and_its_bytes(world: World) -> None:
    letters = await dead_letters(world.ports, "parsing", 1)

    first, payload = as_text(letters).splitlines()

    assert first.startswith("parsing #0")
    assert first.endswith("malformed: document_id: expected a UUID")
    assert payload.strip().startswith('{"document_id":')


def test_nothing_dead_is_said_so() -> None:
    assert as_text([]) == "no dead letters"


async def test_a_retried_job_waits_again_and_is_open_in_the_ledger(world: World) -> None:
    ports, document = world.ports, world.seeded.documents[0]
    job = ExtractionJob(document_id=document)
    async with ports.store.transaction() as transaction:
        pushes = await record(transaction, [job])
    await ports.queue.claim("extraction", 100, timedelta(hours=1))
    await ports.queue.enqueue(pushes, high_water=100)
    (claimed,) = await ports.queue.claim("extraction", 1, timedelta(hours=1))
    await ports.queue.bury("extraction", claimed.token, reason="refused", error="no")
    await Ledger(ports.store).bury([job], "refused", ports.clock.now())

    moved = await revive(ports, "extraction", 10)

    is_open = await world.connection.fetchval(
        "SELECT done_at IS NULL AND dead_at IS NULL FROM jobs WHERE job_id = $1", job.key
    )
    (again,) = await ports.queue.claim("extraction", 10, timedelta(hours=1))
    assert moved == 1
    assert is_open
    assert msgspec.json.decode(again.payload, type=ExtractionJob) == job


async def test_a_malformed_job_goes_back_as_it_is(world: World) -> None:
    before = [letter.payload for letter in await dead_letters(world.ports, "parsing", 10)]

    moved = await revive(world.ports, "parsing", 1)

    assert moved == 1
    assert [letter.payload for letter in await dead_letters(world.ports, "parsing", 10)] == before[:1]
