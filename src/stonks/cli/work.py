"""``stonks work``: some stages in a process of their own."""

import asyncio
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from stonks.cli.options import Data, ProbePort
from stonks.cli.session import logged, run, stop_on_signal

if TYPE_CHECKING:
    from stonks.app import Running, Servers
    from stonks.ports.clock import Barrier


def work(
    stages: Annotated[list[str], typer.Argument(metavar="STAGE...", help="Stages to run, by name.")],
    data: Data = None,
    port: ProbePort = 0,
) -> None:
    """Run these stages in this process, against the servers of the settings. SIGTERM gives unfinished jobs back."""
    run(_work(stages, data, port))


async def _work(names: list[str], data: Data, port: int) -> None:
    from stonks.app import means_live, open_app, open_live, open_servers
    from stonks.runtime.logs import configure_logs
    from stonks.settings import read_settings

    stop = stop_on_signal()
    settings = read_settings(data_dir=data)
    configure_logs(settings.log_level)
    async with open_servers(settings) as servers:
        if means_live(settings):
            async with open_live(settings, servers) as running:
                await _run(running, servers, names, Turn(stop, port))
        else:
            async with open_app(settings, servers, follows=True) as app, app.clock.follow():
                await _run(app, servers, names, Turn(stop, port, app.clock))


class Turn(NamedTuple):
    """How long a process works, where its probes are, and in a replay whose turn it is."""

    stop: asyncio.Event
    port: int
    barrier: "Barrier | None" = None


async def _run(running: "Running", servers: "Servers", names: list[str], turn: Turn) -> None:
    from stonks.cli.probing import probing
    from stonks.model.errors import Refused
    from stonks.runtime.pipeline import run_stages

    known = {stage.name: stage for stage in running.stages}
    if unknown := set(names) - known.keys():
        raise Refused(f"no stage {', '.join(sorted(unknown))}: there are {', '.join(known)}")
    async with probing(running.ports, running.telemetry, names, turn.port) as address:
        typer.echo(f"working    {', '.join(names)}   {address}")
        with logged("work", servers, names, address=address):
            stages = [known[name] for name in names]
            await run_stages(stages, running.ports, turn.barrier, turn.stop, telemetry=running.telemetry)
