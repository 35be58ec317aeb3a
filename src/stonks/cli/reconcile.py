"""``stonks reconcile``: our books beside the broker's, and differences that a person accepts."""

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from stonks.cli.options import AsJson, Data
from stonks.cli.session import OK, PROBLEM, run

if TYPE_CHECKING:
    from stonks.model.reconciliation import Comparison

_AGREES = {"ok", "accepted"}
_WAITS = """
This run compares, and books no executions: the broker stage does that. While it is down, what was traded since shows
here as wait, and the stage books it at its next start."""


def reconcile(
    data: Data = None,
    *,
    accept: Annotated[
        UUID | None, typer.Option("--accept", metavar="RUN", help="Take the broker's word for what this run found.")
    ] = None,
    reason: Annotated[str, typer.Option("--reason", help="Why it is accepted; it is kept in the audit.")] = "",
    as_json: AsJson = False,
) -> None:
    """Compare our books with the broker's once, and print on what they differ and what is done about it.

    It books no executions: the broker stage does. Exit code 1: they do not agree yet.
    """
    run(_reconcile(data, accept, reason, as_json=as_json))


async def _reconcile(data: Path | None, accepted: UUID | None, reason: str, *, as_json: bool) -> int:
    import msgspec

    from stonks.app import open_ports, open_reconciliation
    from stonks.settings import read_settings

    async with open_ports(read_settings(data_dir=data)) as ports:
        desk, now = open_reconciliation(ports), ports.clock.now()
        if accepted is None:
            found = await desk.compare(now)
        else:
            found = await desk.accept(accepted, reason, f"cli:{getpass.getuser()}", now)
    typer.echo(msgspec.json.encode(found).decode() if as_json else _as_text(found))
    return OK if found.outcome in _AGREES else PROBLEM


def _as_text(found: "Comparison") -> str:
    rows = [("", "ours", "theirs", "action")]
    rows += [
        (f"{each.kind} of {each.subject}", f"{each.ours:f}", f"{each.theirs:f}", each.action)
        for each in found.differences
    ]
    widths = [max(len(row[place]) for row in rows) for place in range(3)]
    lines = [f"{row[0]:<{widths[0]}}  {row[1]:>{widths[1]}}  {row[2]:>{widths[2]}}  {row[3]}".rstrip() for row in rows]
    waits = [_WAITS] if any(each.action == "wait" for each in found.differences) else []
    return "\n".join([f"{found.outcome}  run {found.run}", *(lines if found.differences else []), *waits])
