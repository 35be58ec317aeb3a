"""The tables that stonks status prints."""

from datetime import timedelta
from typing import Any

from msgspec.structs import replace
from rich.console import Console

from stonks.api.health import Readiness
from stonks.api.standing import pipeline, ui_config
from stonks.cli.status import counters, documents, headline, queues, soundness, sources
from stonks.model.errors import Unreachable
from stonks.model.job import QUEUES
from stonks.ports.bundle import Ports
from tests.fakes.world import World

NARROW = 100


def printed(*parts: Any, width: int = NARROW) -> str:  # noqa: ANN401 - whatever rich prints
    console = Console(width=width, color_system=None, highlight=False)
    with console.capture() as capture:
        console.print(*parts, sep="\n")
    return capture.get()


def rows_of(text: str) -> dict[str, list[str]]:
    return {line.split()[0]: line.split() for line in text.splitlines() if line.strip()}


async def test_status_shows_every_queue_and_source_and_where_the_clock_is(world: World) -> None:
    shell, standing = await ui_config(world.ports), await pipeline(world.ports)

    text = printed(headline(shell), queues(standing), documents(standing), sources(standing), width=200)

    assert text.startswith("REPLAY april-2025: 2025-04-30 20:10:00 UTC (99%, at aggregation), account paper")
    assert all(queue in text for queue in QUEUES)
    rows = rows_of(text)
    assert rows["filings"][1] == "replayed"
    assert rows["bars"][1] == "paused"
    assert rows["parser"][:6] == ["parser", "parsing", "1", "0", "0", "2"]
    assert str(len(world.seeded.documents)) not in rows["duplicate"]


async def test_what_happened_to_the_jobs_of_each_queue_is_counted(world: World) -> None:
    standing = await pipeline(world.ports)

    rows = rows_of(printed(counters(standing)))

    assert list(rows)[1:] == list(QUEUES)
    assert rows["parsing"][:6] == ["parsing", "2", "0", "0", "0", "2"]
    assert rows["parsing"][-4:] == ["1", "s", "1", "s"]
    assert rows["aggregation"][1] == "1"
    assert " 60 min" in printed(counters(standing))


async def test_queues_and_counters_stand_in_a_hundred_columns_whole(world: World) -> None:
    standing = await pipeline(world.ports)
    crowded = [
        replace(stage, queues=[replace(queue, waiting=98_765, done_total=9_876_543) for queue in stage.queues])
        for stage in standing.stages
    ]

    text = printed(queues(replace(standing, stages=crowded)), counters(standing))

    without_a_queue = 2  # the scheduler and trading
    assert len(text.splitlines()) == len(QUEUES) + without_a_queue + 1 + len(QUEUES) + 1
    assert "9876543" in text


async def test_servers_are_told_with_how_fast_they_answer_or_why_not(world: World) -> None:
    async def gone() -> None:
        raise Unreachable("nobody is there")

    standing = await pipeline(world.ports)

    line = printed(soundness(await Readiness(world.ports, {"elsewhere": gone}).health(), standing), width=300)

    assert line.startswith("database ")
    assert line.count(" ms") == 4
    assert "elsewhere nobody is there, nobody has reconciled yet" in line


async def test_whether_somebody_reconciles_is_told(world: World) -> None:
    async def told(ago: timedelta) -> str:
        await world.connection.execute(
            """INSERT INTO poll_turns (stage, polled_at) VALUES ('reconciler', now() - $1::interval)
               ON CONFLICT (stage) DO UPDATE SET polled_at = excluded.polled_at""",
            ago,
        )
        return printed(soundness(await health(world.ports), await pipeline(world.ports)), width=300)

    assert "reconciled 3 s ago\n" in await told(timedelta(seconds=3))
    assert "reconciled 10 min ago: no stage runs" in await told(timedelta(minutes=10))


async def health(ports: Ports) -> Any:  # noqa: ANN401 - what the API tells
    return await Readiness(ports, {}).health()
