"""``stonks servers``: only PostgreSQL and Valkey, for workers that are started one by one."""

import typer

from stonks.cli.options import Data
from stonks.cli.session import run, stop_on_signal


def servers(data: Data = None) -> None:
    """Start the embedded PostgreSQL and Valkey, print their URLs as settings, and keep them until Ctrl-C."""
    run(_servers(data))


async def _servers(data: Data) -> None:
    from stonks.app import open_servers
    from stonks.runtime.logs import configure_logs
    from stonks.settings import read_settings

    stop = stop_on_signal()
    settings = read_settings(data_dir=data)
    configure_logs(settings.log_level)
    async with open_servers(settings, shared=False) as running:
        typer.echo(f"STONKS_DATABASE_URL={running.database_url}")
        typer.echo(f"STONKS_REDIS_URL={running.redis_url}")
        await stop.wait()
