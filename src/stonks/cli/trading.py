"""``stonks trading``: stop the account and start it again, past the API, and what it did."""

import getpass
import secrets
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stonks.cli.account import report
from stonks.cli.options import AsJson, Data, Reason
from stonks.cli.session import OK, PROBLEM, run
from stonks.model.control import Command, Wish

if TYPE_CHECKING:
    from stonks.api.answers.portfolio import TradingStatus

trading = typer.Typer(help="Stop the account and start it again; what it did.", no_args_is_help=True)
trading.command()(report)


@trading.command()
def status(data: Data = None, *, as_json: AsJson = False) -> None:
    """Print what the account may do, since when, by whom and why; 1 where it is halted."""
    run(_status(data, as_json=as_json))


@trading.command()
def pause(reason: Reason, data: Data = None, *, as_json: AsJson = False) -> None:
    """Enter nothing more; open positions are still managed."""
    run(_say(Command.PAUSE, _Said(reason), data, as_json=as_json))


@trading.command()
def resume(reason: Reason, data: Data = None, *, as_json: AsJson = False) -> None:
    """Let entries pass again; a halted account has to be rearmed instead."""
    run(_say(Command.RESUME, _Said(reason), data, as_json=as_json))


@trading.command()
def halt(
    reason: Reason,
    data: Data = None,
    *,
    cancel: Annotated[bool, typer.Option("--cancel", help="Take working entry orders back too.")] = False,
    flatten: Annotated[bool, typer.Option("--flatten", help="Give every position up first.")] = False,
    as_json: AsJson = False,
) -> None:
    """Send nothing more to the broker, exits neither; protective stops stay there."""
    run(_say(Command.HALT, _Said(reason, cancel_orders=cancel, flatten=flatten), data, as_json=as_json))


@trading.command()
def flatten(reason: Reason, data: Data = None, *, as_json: AsJson = False) -> None:
    """Take entry orders back and give every position up; the account only reduces from then on."""
    run(_say(Command.FLATTEN, _Said(reason), data, as_json=as_json))


@trading.command()
def rearm(reason: Reason, data: Data = None, *, as_json: AsJson = False) -> None:
    """End a halt; breakers that are open stay so, and are named."""
    run(_say(Command.REARM, _Said(reason), data, as_json=as_json))


class _Said:
    """What a person said, before it is known when it counts."""

    def __init__(self, reason: str, *, cancel_orders: bool = False, flatten: bool = False) -> None:
        self._reason, self._cancel_orders, self._flatten = reason, cancel_orders, flatten

    def __call__(self, now: datetime) -> Wish:
        return Wish(
            by=f"cli:{getpass.getuser()}",
            reason=self._reason,
            now=now,
            request_id=secrets.token_hex(8),
            cancel_orders=self._cancel_orders,
            flatten=self._flatten,
        )


async def _say(command: Command, said: _Said, data: Path | None, *, as_json: bool) -> int:
    import msgspec

    from stonks.app import command_account
    from stonks.settings import read_settings

    outcome = await command_account(read_settings(data_dir=data), command, said)
    if as_json:
        typer.echo(msgspec.json.encode(outcome).decode())
        return OK
    typer.echo(f"{outcome.account}: {outcome.state}{'' if outcome.changed else ' (as before)'}: {outcome.meaning}")
    if outcome.recalled:
        typer.echo(f"{outcome.recalled} entry orders are being taken back")
    if outcome.sending:
        typer.echo(f"{outcome.sending} orders were claimed before and may still reach the broker")
    return OK


async def _status(data: Path | None, *, as_json: bool) -> int:
    import msgspec

    from stonks.api.account_standing import trading_status
    from stonks.app import open_ports
    from stonks.settings import read_settings

    async with open_ports(read_settings(data_dir=data)) as ports:
        found = await trading_status(ports)
    if found is None:
        typer.echo("there is no account yet", err=True)
        return PROBLEM
    typer.echo(msgspec.json.encode(found).decode() if as_json else "\n".join(_lines(found)))
    return PROBLEM if found.halt_file or found.state == "halted" else OK


def _lines(found: "TradingStatus") -> list[str]:
    who = f" by {found.changed_by}: {found.reason}" if found.changed_by else ""
    since = f" since {found.changed_at:%Y-%m-%d %H:%M:%S} UTC" if found.changed_at else ""
    lines = [f"{found.account} ({found.mode}): {found.state}{since}{who}"]
    lines += ["it halts once it is flat"] if found.halts_when_flat else []
    lines += ["the file HALT is in the data directory: nothing is sent while it is there"] if found.halt_file else []
    lines.append(
        f"{found.open_positions} positions, {found.open_orders} working orders, {found.leaving} being given up"
    )
    lines += [f"{found.pending_approvals} orders wait for a person"] if found.pending_approvals else []
    tripped = [each for each in found.breakers if each.state != "closed"]
    lines += [f"breaker {each.kind}@{each.scope} is {each.state}: {each.reason}" for each in tripped]
    return lines
