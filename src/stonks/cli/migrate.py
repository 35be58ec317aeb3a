"""``stonks migrate``: bring the schema up to date."""

import typer

from stonks.cli.options import Data
from stonks.cli.session import run


def migrate(data: Data = None) -> None:
    """Bring the database's schema to this version and say which steps were taken."""
    run(_migrate(data))


async def _migrate(data: Data) -> None:
    from stonks.app import open_servers
    from stonks.settings import read_settings

    async with open_servers(read_settings(data_dir=data)) as servers:
        typer.echo("\n".join(f"applied {name}" for name in servers.migrated) or "nothing to do")
