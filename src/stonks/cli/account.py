"""``stonks trading report``: what the account did and what came of it."""

from pathlib import Path

import typer

from stonks.cli.options import AsJson, Data
from stonks.cli.session import OK, run


def report(data: Data = None, *, as_json: AsJson = False) -> None:
    """Print decisions by gate, clamps, orders, slippage and fees, and equity beside a benchmark."""
    run(_report(data, as_json=as_json))


async def _report(data: Path | None, *, as_json: bool) -> int:
    import msgspec

    from stonks.app import open_ports
    from stonks.cli.account_text import as_text
    from stonks.replay.evaluation.trading import account_of
    from stonks.settings import read_settings

    async with open_ports(read_settings(data_dir=data)) as ports:
        account = await account_of(ports.store, ports.settings.account)
    typer.echo(msgspec.json.encode(account).decode() if as_json else as_text(account))
    return OK
