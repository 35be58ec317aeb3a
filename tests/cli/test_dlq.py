"""What stonks dlq list prints."""

from stonks.api.standing import dead_letters
from stonks.cli.dlq import as_text
from tests.fakes.world import World


async def test_a_dead_letter_is_its_reason_and_its_bytes(world: World) -> None:
    letters = await dead_letters(world.ports, "parsing", 1)

    first, payload = as_text(letters).splitlines()

    assert first.startswith("parsing #0")
    assert first.endswith("malformed: document_id: expected a UUID")
    assert payload.strip().startswith('{"document_id":')


def test_nothing_dead_is_said_so() -> None:
    assert as_text([]) == "no dead letters"
