"""``stonks breakers``: what has opened and why, and resets by hand."""

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stonks.cli.options import AsJson, Data, Reason
from stonks.cli.session import OK, run

if TYPE_CHECKING:
    from stonks.risk.breaker_view import BreakerView

breakers = typer.Typer(help="Circuit breakers: what has opened and why, and resets by hand.", no_args_is_help=True)


@breakers.command("list")
def list_breakers(data: Data = None, *, as_json: AsJson = False) -> None:
    """Print every breaker that ever opened, what it stops, how it ends and what a reset does."""
    run(_list(data, as_json=as_json))


@breakers.command()
def reset(
    scope: Annotated[str, typer.Argument(help="global, broker, strategy, signals or ticker:NAME.")],
    kind: Annotated[str, typer.Argument(help="Such as DRAWDOWN.")],
    reason: Reason,
    data: Data = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Close an open breaker and measure anew from now on; other breakers and the account's state stay."""
    run(_reset((scope, kind), reason, data, as_json=as_json))


async def _list(data: Path | None, *, as_json: bool) -> int:
    import msgspec

    from stonks.app import open_breakers, open_ports
    from stonks.settings import read_settings

    async with open_ports(read_settings(data_dir=data)) as ports:
        found = await open_breakers(ports).all()
    if as_json:
        typer.echo(msgspec.json.encode(found).decode())
    else:
        typer.echo("\n".join(map(_line, found)) if found else "no breaker has ever opened")
    return OK


async def _reset(place: tuple[str, str], reason: str, data: Path | None, *, as_json: bool) -> int:
    import msgspec

    from stonks.api.standing import present
    from stonks.app import open_breakers, open_ports
    from stonks.risk.breaker_view import Reset
    from stonks.settings import read_settings

    async with open_ports(read_settings(data_dir=data)) as ports:
        by, now = f"cli:{getpass.getuser()}", await present(ports)
        wish = Reset(scope=place[0], kind=place[1].upper(), by=by, reason=reason, now=now)
        async with ports.store.transaction() as transaction:
            done = await open_breakers(ports).reset(transaction, wish)
    typer.echo(msgspec.json.encode(done).decode() if as_json else f"{_line(done.breaker)}\n{done.means}")
    return OK


def _line(breaker: "BreakerView") -> str:
    """Return a breaker in one line, one that is not closed with all that it says."""
    head = f"{breaker.scope}  {breaker.kind}  {breaker.state}"
    return (
        f"{head}  since {breaker.changed_at:%Y-%m-%d %H:%M} UTC" if not breaker.reset else f"{head}  {breaker.reason}"
    )
