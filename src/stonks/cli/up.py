"""``stonks up``: the whole system in one process tree."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stonks.cli.options import Data, Port, Speed
from stonks.cli.session import logged, run, stop_on_signal

if TYPE_CHECKING:
    from stonks.settings import Settings


def up(
    data: Data = None,
    speed: Speed = 0.5,
    port: Port = None,
    *,
    live: Annotated[bool, typer.Option("--live", help="Read live sources in real time; orders stay on paper.")] = False,
) -> None:
    """Run everything: servers, every stage, the API and the dashboard. Ctrl-C stops it all."""
    run(_up(data, speed, port, live=live))


async def _up(data: Data, speed: float, port: Port, *, live: bool) -> None:
    from stonks.app import LIVE, log_to_file, means_live
    from stonks.settings import read_settings

    settings = read_settings(data_dir=data, api_port=port, sources_url=LIVE if live else None)
    log = log_to_file(settings)
    stop = stop_on_signal()
    if means_live(settings):
        await _live(settings, log, stop)
    else:
        await _replay(settings, log, stop, speed)


async def _live(settings: "Settings", log: Path, stop: asyncio.Event) -> None:
    from stonks.app import open_live, open_servers
    from stonks.cli.playing import serving, working

    async with (
        open_servers(settings, shared=False) as servers,
        open_live(settings, servers) as running,
        serving(running, names := [stage.name for stage in running.stages]) as address,
    ):
        sources = running.ports.sources.sources()
        asked = ", ".join(source.name for source in sources if source.stopped is None)
        _welcome(f"LIVE       {asked}", servers.embedded, address, log)
        for source in sources:
            if source.stopped is not None:
                typer.echo(f"stopped    {source.name}: {source.stopped}")
        with logged("up", servers, names, address=address):
            async with working(running, barrier=None):
                await stop.wait()


async def _replay(settings: "Settings", log: Path, stop: asyncio.Event, speed: float) -> None:
    from stonks.app import open_app, open_servers
    from stonks.cli.playing import play, serving, working

    async with (
        open_servers(settings, shared=False) as servers,
        open_app(settings, servers) as app,
        serving(app, names := [stage.name for stage in app.stages]) as address,
    ):
        _welcome(f"REPLAY     {app.tape.manifest.title}", servers.embedded, address, log)
        typer.echo("your own   set STONKS_SOURCES_URL to a tape, STONKS_DATABASE_URL and STONKS_REDIS_URL to servers")
        typer.echo("live       stonks up --live --data DIR reads the real world, orders stay on paper")
        with logged("up", servers, names, address=address):
            await play(app, stop, days_per_second=speed)
            if not stop.is_set():
                typer.echo("The tape has come to its end. Everything it led to is on the dashboard. Ctrl-C stops.")
                async with working(app, barrier=None):
                    await stop.wait()


def _welcome(what: str, embedded: tuple[str, ...], address: str, log: Path) -> None:
    typer.echo(what)
    typer.echo("broker     paper exchange: no real money can move")
    typer.echo(f"servers    {', '.join(embedded) or 'yours'}{' (embedded)' if embedded else ''}")
    typer.echo(f"log        {log}")
    typer.echo(f"dashboard  {address}")
