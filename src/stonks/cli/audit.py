"""``stonks audit``: who changed what, and whether the record of it is whole."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stonks.cli.options import AsJson, Data
from stonks.cli.session import OK, PROBLEM, run

if TYPE_CHECKING:
    from stonks.model.audit import AuditRow

audit = typer.Typer(help="Who changed what, and why.", no_args_is_help=True)


@audit.command("list")
def list_entries(
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="How many at most.")] = 50,
    data: Data = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Print the newest entries, the newest first."""
    run(_list(limit, data, as_json=as_json))


@audit.command()
def verify(data: Data = None, *, as_json: AsJson = False) -> None:
    """Follow the chain of hashes from its beginning; 1 where an entry is not what was written."""
    run(_verify(data, as_json=as_json))


async def _list(limit: int, data: Path | None, *, as_json: bool) -> int:
    import msgspec

    from stonks.app import open_ports
    from stonks.ports.audit import audit_entries
    from stonks.settings import read_settings

    async with open_ports(read_settings(data_dir=data)) as ports:
        found = await audit_entries(ports.store, limit)
    typer.echo(
        msgspec.json.encode(found).decode() if as_json else "\n".join(map(_line, found)) or "nothing was changed"
    )
    return OK


async def _verify(data: Path | None, *, as_json: bool) -> int:
    import msgspec

    from stonks.app import open_ports
    from stonks.ports.audit import verify_audit
    from stonks.settings import read_settings

    async with open_ports(read_settings(data_dir=data)) as ports:
        proof = await verify_audit(ports.store)
    if as_json:
        typer.echo(msgspec.json.encode(proof).decode())
    elif proof.head is None and proof.intact:
        typer.echo("0 entries: nothing was changed")
    elif proof.intact:
        typer.echo(f"{proof.entries} entries, each follows from the one before it; newest hash {proof.head}")
    else:
        typer.echo(
            f"entry {proof.broken_at} is not what was written, or does not follow from the one before it", err=True
        )
    return OK if proof.intact else PROBLEM


def _line(entry: "AuditRow") -> str:
    why = f": {entry.reason}" if entry.reason else ""
    return f"{entry.seq}  {entry.at:%Y-%m-%d %H:%M:%S} UTC  {entry.actor}  {entry.action}  {entry.object}{why}"
