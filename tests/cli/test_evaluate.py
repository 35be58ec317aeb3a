"""What stonks evaluate prints of a world that others have seeded."""

import msgspec

from stonks.cli.scoreboard import as_text
from stonks.replay.evaluation.reading import evaluate
from stonks.replay.evaluation.scoreboard import Scoreboard
from tests.fakes.world import World


async def test_a_scoreboard_says_what_could_be_traded_and_how_many_were_tried(world: World) -> None:
    text = as_text(await evaluate(world.ports.store))

    assert "cannot be traded" in text
    assert "look-ahead canary" in text
    assert max(map(len, text.splitlines())) <= 120


async def test_a_program_reads_the_same_figures(world: World) -> None:
    board = await evaluate(world.ports.store)

    assert msgspec.json.decode(msgspec.json.encode(board), type=Scoreboard) == board
