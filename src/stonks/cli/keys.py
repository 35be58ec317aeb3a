"""``stonks keys``: who may use the API from elsewhere, or for what a page may not."""

import getpass
import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stonks.cli.options import AsJson, Data, Reason
from stonks.cli.session import OK, run
from stonks.model.principal import Scope

if TYPE_CHECKING:
    from stonks.runtime.key_desk import Asking, KeyRow

keys = typer.Typer(help="Keys of the API.", no_args_is_help=True)

_SPAN = re.compile(r"([1-9][0-9]{0,3})([dh])")


@keys.command()
def create(
    name: Annotated[str, typer.Option("--name", help="Whose, or what for it is.")],
    scopes: Annotated[str, typer.Option("--scopes", help=f"Some of {','.join(Scope)}.")],
    expires: Annotated[str | None, typer.Option("--expires", help="Such as 30d or 12h; unset: never.")] = None,
    reason: Reason = "made on the command line",
    data: Data = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Make a key and print it, this once: only a hash of it is kept."""
    wanted = [_scope(word) for word in scopes.split(",")]
    run(_create((name, wanted, None if expires is None else _span(expires)), reason, data, as_json=as_json))


@keys.command("list")
def list_all(data: Data = None, *, as_json: AsJson = False) -> None:
    """Print every key there ever was, without its secret."""
    run(_list(data, as_json=as_json))


@keys.command()
def revoke(
    key: Annotated[str, typer.Argument(help="Its id, or its name.")],
    reason: Reason = "revoked on the command line",
    data: Data = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Make a key good for nothing, from its next request on."""
    run(_revoke(key, reason, data, as_json=as_json))


def _scope(word: str) -> Scope:
    try:
        return Scope(word.strip())
    except ValueError as error:
        raise typer.BadParameter(f"{word} is no scope: there are {', '.join(Scope)}") from error


def _span(text: str) -> timedelta:
    found = _SPAN.fullmatch(text)
    if found is None:
        raise typer.BadParameter("say how long as 30d or 12h")
    return timedelta(days=int(found[1])) if found[2] == "d" else timedelta(hours=int(found[1]))


async def _create(
    wanted: tuple[str, list[Scope], timedelta | None], reason: str, data: Path | None, *, as_json: bool
) -> int:
    import msgspec

    from stonks.app import open_ports
    from stonks.runtime.key_desk import create_key
    from stonks.settings import read_settings

    async with open_ports(read_settings(data_dir=data)) as ports, ports.store.transaction() as transaction:
        made = await create_key(transaction, *wanted, _asking(reason))
    if as_json:
        typer.echo(msgspec.json.encode(made).decode())
        return OK
    typer.echo(made.token)
    until = f"until {made.expires_at:%Y-%m-%d %H:%M} UTC" if made.expires_at else "for ever"
    typer.echo(f"{made.name} ({made.id}) may {', '.join(made.scopes)} {until}; the key is shown this once", err=True)
    return OK


async def _list(data: Path | None, *, as_json: bool) -> int:
    import msgspec

    from stonks.app import open_ports
    from stonks.runtime.key_desk import list_keys
    from stonks.settings import read_settings

    async with open_ports(read_settings(data_dir=data)) as ports:
        found = await list_keys(ports.store)
    typer.echo(msgspec.json.encode(found).decode() if as_json else "\n".join(map(_line, found)) or "there is no key")
    return OK


async def _revoke(key: str, reason: str, data: Path | None, *, as_json: bool) -> int:
    import msgspec

    from stonks.app import open_ports
    from stonks.runtime.key_desk import revoke_key
    from stonks.settings import read_settings

    async with open_ports(read_settings(data_dir=data)) as ports, ports.store.transaction() as transaction:
        gone = await revoke_key(transaction, key, _asking(reason))
    if as_json:
        typer.echo(msgspec.json.encode(gone).decode())
    else:
        typer.echo(f"{gone.name} ({gone.id}) is good for nothing now")
    return OK


def _asking(reason: str) -> "Asking":
    from stonks.runtime.clock import SystemClock
    from stonks.runtime.key_desk import Asking

    return Asking(by=f"cli:{getpass.getuser()}", reason=reason, now=SystemClock().now())


def _line(key: "KeyRow") -> str:
    used = f"used {key.last_used_at:%Y-%m-%d %H:%M} UTC" if key.last_used_at else "never used"
    ends = f", ends {key.expires_at:%Y-%m-%d %H:%M} UTC" if key.expires_at else ""
    return f"{key.id}  {key.name}  {','.join(key.scopes)}  {'revoked' if key.revoked_at else used + ends}"
