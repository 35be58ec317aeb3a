"""``stonks sources``: what is read, how it stands, and what a person may ask of it."""

import getpass
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stonks.cli.options import AsJson, Data
from stonks.cli.session import OK, PROBLEM, run

if TYPE_CHECKING:
    from stonks.app import Servers
    from stonks.ports.bundle import Ports
    from stonks.ports.sources import Fetched

sources = typer.Typer(help="The sources that are read.", no_args_is_help=True)

_Name = Annotated[str, typer.Argument(help="The source, by its name in `stonks sources list`.")]
_TITLES = 5
_WIDTH = 90  # characters of a title that are shown


@sources.command("list")
def list_sources(*, as_json: AsJson = False, data: Data = None) -> None:
    """Print every source: how often it is read, how it stands against its freshness, and why it is stopped."""
    run(_list(as_json=as_json, data=data))


@sources.command("test")
def try_out(name: _Name, *, as_json: AsJson = False, data: Data = None) -> None:
    """Ask a source once, for real, and print what it would bring; nothing is stored."""
    run(_test(name, as_json=as_json, data=data))


@sources.command("run")
def run_now(name: _Name, data: Data = None) -> None:
    """Have a source read at once by the scheduler that runs, also one that is paused or waits after a failure."""
    run(_act("run", name, data))


@sources.command()
def pause(name: _Name, data: Data = None) -> None:
    """Have a source read no more until it is resumed."""
    run(_act("pause", name, data))


@sources.command()
def resume(name: _Name, data: Data = None) -> None:
    """Have a paused source read again."""
    run(_act("resume", name, data))


async def _list(*, as_json: bool, data: Data) -> None:
    import msgspec

    from stonks.app import open_desk
    from stonks.cli.sources_text import sources_as_text

    async with _opened(data) as (ports, _):
        now = ports.clock.now()
        overview = await open_desk(ports).overview(now)
    typer.echo(msgspec.json.encode(overview).decode() if as_json else sources_as_text(overview, now))


async def _test(name: str, *, as_json: bool, data: Data) -> int:
    from stonks.app import try_source

    async with _opened(data) as (ports, servers):
        fetched = await try_source(ports, servers, name)
    found = _findings(name, fetched)
    if as_json:
        import msgspec

        typer.echo(msgspec.json.encode(found).decode())
    else:
        typer.echo(_as_text(found))
    return OK if fetched.setback is None else PROBLEM


async def _act(action: str, name: str, data: Data) -> None:
    from stonks.app import open_desk

    async with _opened(data) as (ports, _):
        desk, now, who = open_desk(ports), ports.clock.now(), f"cli:{getpass.getuser()}"
        match action:
            case "pause":
                await desk.pause(name, now, who)
                typer.echo(f"{name} is paused")
            case "resume":
                await desk.resume(name, now, who)
                typer.echo(f"{name} is read again when it is due")
            case _:
                await desk.run(name, now, who)
                typer.echo(f"{name} is read at the scheduler's next look")


@asynccontextmanager
async def _opened(data: Data) -> AsyncIterator[tuple["Ports", "Servers"]]:
    from stonks.app import open_ports, open_servers
    from stonks.settings import read_settings

    settings = read_settings(data_dir=data)
    async with open_servers(settings) as servers, open_ports(settings, servers) as ports:
        yield ports, servers


def _findings(name: str, fetched: "Fetched") -> dict[str, Any]:
    """Return what a poll brought, in figures, with its first titles and what went wrong."""
    setback = fetched.setback
    return {
        "source": name,
        "answers": len(fetched.answers),
        "bytes": sum(answer.size for answer in fetched.answers),
        "documents": len(fetched.documents),
        "bars": len(fetched.bars),
        "events": len(fetched.events),
        "actions": len(fetched.actions),
        "details": len(fetched.details),
        "titles": [document.title for document in fetched.documents[:_TITLES]],
        "troubles": list(fetched.troubles),
        "error": None if setback is None else f"{type(setback).__name__}: {setback}",
    }


def _as_text(found: dict[str, Any]) -> str:
    from stonks.cli.letters import escaped

    kinds = ("documents", "bars", "events", "actions", "details")
    counts = ", ".join(f"{found[kind]} {kind}" for kind in kinds if found[kind]) or "nothing new"
    lines = [f"{found['source']}: {counts} in {found['answers']} answers of {found['bytes']} bytes; nothing was stored"]
    lines += [f"  {escaped(title)[:_WIDTH]}" for title in found["titles"]]
    lines += [f"trouble: {escaped(trouble)}" for trouble in found["troubles"]]
    return "\n".join(lines + ([f"error: {escaped(found['error'])}"] if found["error"] else []))
