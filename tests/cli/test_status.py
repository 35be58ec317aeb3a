"""The tables that stonks status prints."""

from rich.console import Console

from stonks.api.standing import pipeline, ui_config
from stonks.cli.status import documents, headline, queues, sources
from stonks.model.job import QUEUES
from tests.fakes.world import World


async def test_status_shows_every_queue_and_source_and_where_the_clock_is(world: World) -> None:
    shell, standing = await ui_config(world.ports), await pipeline(world.ports)

    console = Console(width=200, color_system=None, highlight=False)
    with console.capture() as capture:
        console.print(headline(shell), queues(standing), documents(standing), sources(standing), sep="\n")
    text = capture.get()

    assert text.startswith("REPLAY april-2025: 2025-04-30 20:10:00 UTC (99%, at aggregation), account paper")
    assert all(queue in text for queue in QUEUES)
    row = {line.split()[0]: line for line in text.splitlines() if line.strip()}
    assert row["filings"].split()[1] == "replayed"
    assert row["bars"].split()[1] == "paused"
    assert row["parser"].split()[:6] == ["parser", "parsing", "1", "0", "0", "2"]
    assert str(len(world.seeded.documents)) not in row["duplicate"]
