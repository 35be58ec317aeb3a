"""``stonks approvals``: what waits for a person, and what he says to it."""

import getpass
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from stonks.cli.options import AsJson, Data, Reason
from stonks.cli.session import run

if TYPE_CHECKING:
    from stonks.ports.bundle import Ports

approvals = typer.Typer(help="What waits for a person's yes.", no_args_is_help=True)

_Id = Annotated[str, typer.Argument(metavar="ID", help="The approval, or the beginning of its id.")]
_MOST = 200


@approvals.command("list")
def list_approvals(
    *,
    everything: Annotated[bool, typer.Option("--all", help="Those that were decided or expired too.")] = False,
    as_json: AsJson = False,
    data: Data = None,
) -> None:
    """Print what waits for a yes, newest first: its terms, until when, and why."""
    run(_list(everything=everything, as_json=as_json, data=data))


@approvals.command()
def approve(which: _Id, *, reason: Reason, as_json: AsJson = False, data: Data = None) -> None:
    """Let something pass once, on its terms; not what you asked for yourself."""
    run(_answer(which, reason, data, allow=True, as_json=as_json))


@approvals.command()
def reject(which: _Id, *, reason: Reason, as_json: AsJson = False, data: Data = None) -> None:
    """Let something never pass; what you asked for yourself is taken back."""
    run(_answer(which, reason, data, allow=False, as_json=as_json))


async def _list(*, everything: bool, as_json: bool, data: Data) -> None:
    import msgspec

    from stonks.api.answers.risk import approval_row
    from stonks.api.paging import Place
    from stonks.app import open_approvals, open_ports
    from stonks.cli.risk_text import approvals_as_text
    from stonks.model.approval import ApprovalState
    from stonks.settings import read_settings

    start = Place()
    async with open_ports(read_settings(data_dir=data)) as ports:
        state = None if everything else ApprovalState.PENDING
        found = await open_approvals(ports).page(state, _MOST, start.before_at, start.after_id)
    shown = msgspec.json.encode([approval_row(one) for one in found]).decode() if as_json else approvals_as_text(found)
    typer.echo(shown)


async def _answer(which: str, reason: str, data: Data, *, allow: bool, as_json: bool) -> None:
    import msgspec

    from stonks.api.answers.risk import approval_row
    from stonks.api.standing import present
    from stonks.app import answer_approval, open_ports
    from stonks.cli.risk_text import approvals_as_text
    from stonks.model.approval import ApprovalAnswer
    from stonks.settings import read_settings

    async with open_ports(read_settings(data_dir=data)) as ports:
        answer = ApprovalAnswer(
            approval=await _found(ports, which),
            allow=allow,
            who=f"cli:{getpass.getuser()}",
            reason=reason,
            at=await present(ports),
        )
        said = await answer_approval(ports, answer)
    typer.echo(msgspec.json.encode(approval_row(said)).decode() if as_json else approvals_as_text([said]))


async def _found(ports: "Ports", which: str) -> UUID:
    """Return the one approval whose id begins so, among the newest.

    Raises:
        Refused: none does, or several do.
    """
    from stonks.api.paging import Place
    from stonks.app import open_approvals
    from stonks.model.errors import Refused

    start = Place()
    newest = await open_approvals(ports).page(None, _MOST, start.before_at, start.after_id)
    found = [approval.id for approval in newest if which and str(approval.id).startswith(which.lower())]
    if len(found) != 1:
        raise Refused(f"{len(found) or 'no'} approvals begin with {which!r}: see stonks approvals list --all")
    return found[0]
