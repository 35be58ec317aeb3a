"""``stonks up``: the whole system in one process tree."""

from pathlib import Path

import typer

from stonks.cli.options import Data, Port, Speed
from stonks.cli.session import logged, run, stop_on_signal


def up(data: Data = None, speed: Speed = 0.5, port: Port = None) -> None:
    """Run everything: servers, every stage, the API and the dashboard. Ctrl-C stops it all."""
    run(_up(data, speed, port))


async def _up(data: Data, speed: float, port: Port) -> None:
    from stonks.app import log_to_file, open_app, open_servers
    from stonks.cli.playing import play, serving, working
    from stonks.settings import read_settings

    settings = read_settings(data_dir=data, api_port=port)
    log = log_to_file(settings)
    stop = stop_on_signal()
    async with (
        open_servers(settings, shared=False) as servers,
        open_app(settings, servers) as app,
        serving(app, names := [stage.name for stage in app.stages]) as address,
    ):
        _welcome(app.tape.manifest.title, servers.embedded, address, log)
        with logged("up", servers, names, address=address):
            await play(app, stop, days_per_second=speed)
            if not stop.is_set():
                typer.echo("The tape has come to its end. Everything it led to is on the dashboard. Ctrl-C stops.")
                async with working(app, barrier=None):
                    await stop.wait()


def _welcome(title: str, embedded: tuple[str, ...], address: str, log: Path) -> None:
    typer.echo(f"REPLAY     {title}")
    typer.echo("broker     paper exchange: no real money can move")
    typer.echo(f"servers    {', '.join(embedded) or 'yours'}{' (embedded)' if embedded else ''}")
    typer.echo(f"log        {log}")
    typer.echo(f"dashboard  {address}")
    typer.echo("your own   set STONKS_SOURCES_URL to a tape, STONKS_DATABASE_URL and STONKS_REDIS_URL to servers")
