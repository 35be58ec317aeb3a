"""``stonks servers``: only PostgreSQL and Valkey, for workers that are started one by one."""

import typer

from stonks.cli.options import Data, ProbePort
from stonks.cli.session import logged, run, stop_on_signal


def servers(data: Data = None, port: ProbePort = 0) -> None:
    """Start the embedded PostgreSQL and Valkey, print their URLs as settings, and keep them until Ctrl-C."""
    run(_servers(data, port))


async def _servers(data: Data, port: int) -> None:
    from stonks.app import open_ports, open_servers
    from stonks.cli.probing import probing
    from stonks.runtime.logs import configure_logs
    from stonks.settings import read_settings

    stop = stop_on_signal()
    settings = read_settings(data_dir=data)
    configure_logs(settings.log_level)
    async with (
        open_servers(settings, shared=False) as running,
        open_ports(settings, running) as ports,
        probing(ports, port=port) as address,
    ):
        typer.echo(f"STONKS_DATABASE_URL={running.database_url}")
        typer.echo(f"STONKS_REDIS_URL={running.redis_url}")
        typer.echo(f"probes     {address}", err=True)
        with logged("servers", running, address=address):
            await stop.wait()
