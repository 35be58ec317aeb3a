"""``stonks replay``: a tape, as fast as it goes."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple
from zoneinfo import ZoneInfo

import typer

from stonks.cli.options import AsJson, Data, Port
from stonks.cli.session import INTERRUPTED, OK, PROBLEM, logged, run, stop_on_signal

if TYPE_CHECKING:
    from stonks.app import App

_NEW_YORK = ZoneInfo("America/New_York")


class Plan(NamedTuple):
    """What is to be played, and how."""

    tape: Path | None
    start: datetime | None
    end: datetime | None
    data: Path | None
    leave: bool
    drive: bool
    as_json: bool
    port: int | None


def replay(
    tape: Annotated[Path | None, typer.Option(help="Directory of the tape.", show_default="the bundled one")] = None,
    start: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.", show_default="the tape's")
    ] = None,
    end: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day.", show_default="the tape's")
    ] = None,
    data: Data = None,
    leave: Annotated[bool, typer.Option("--exit", help="End with the tape instead of serving what it led to.")] = False,
    drive: Annotated[
        bool, typer.Option("--drive-only", help="Only move the clock: the stages run in `stonks work`.")
    ] = False,
    as_json: AsJson = False,
    port: Port = None,
) -> None:
    """Play a tape into a place of its own and print what it came to.

    What was known before the first day is taken in at its start. Without --data the place is `replays/NAME` in the
    data directory, emptied first. A database given by URL must hold nothing but this replay.
    """
    run(_replay(Plan(tape, start, end, data, leave, drive, as_json, port)))


async def _replay(plan: Plan) -> int:
    from stonks.app import log_to_file, open_app, open_servers, tape_of
    from stonks.cli.playing import serving
    from stonks.settings import read_settings

    stop = stop_on_signal()
    settings = read_settings(sources_url=plan.tape and f"tape://{plan.tape.absolute()}", api_port=plan.port)
    directory = plan.data or settings.data_dir.expanduser() / "replays" / tape_of(settings).manifest.name
    if plan.data is None:
        _empty(directory)
    settings = settings.model_copy(update={"data_dir": directory})
    log_to_file(settings)
    starts_at, ends_at = _midnight(plan.start), _midnight(plan.end, days=1)
    async with (
        open_servers(settings, durable=False, shared=False) as servers,
        open_app(settings, servers, starts_at=starts_at, ends_at=ends_at, alone=not plan.drive) as app,
    ):
        with logged("replay", servers, [] if plan.drive else [stage.name for stage in app.stages]):
            code = await _play(app, plan, stop)
        if not plan.leave and not stop.is_set():
            async with serving(app) as address:
                typer.echo(f"dashboard  {address}   Ctrl-C stops", err=True)
                await stop.wait()
        return code


def _empty(directory: Path) -> None:
    from stonks.model.errors import Refused
    from stonks.supervisor.directory import is_held

    if is_held(directory):
        raise Refused(f"a replay runs in {directory}: wait for it, or give this one --data")
    shutil.rmtree(directory, ignore_errors=True)


async def _play(app: "App", plan: Plan, stop: asyncio.Event) -> int:
    from stonks.cli.playing import play
    from stonks.cli.progress import Outcome, as_json, as_text, bar

    started = time.monotonic()
    async with _probed(app, plan):
        with bar(app) as progress:
            summary, by_stage = await play(app, stop, progress=progress, work=not plan.drive)
    if summary is None:
        typer.echo("stopped before the end; --data DIR goes on from there", err=True)
        return INTERRUPTED
    outcome = Outcome(summary=summary, seconds=round(time.monotonic() - started, 2), seconds_by_stage=by_stage)
    typer.echo(as_json(outcome) if plan.as_json else as_text(outcome))
    return PROBLEM if summary.dead_letters else OK


@asynccontextmanager
async def _probed(app: "App", plan: Plan) -> AsyncIterator[None]:
    """Answer probes where this process only drives: the API, which has them otherwise, comes after the end."""
    from stonks.cli.probing import probing

    if not plan.drive:
        yield
        return
    async with probing(app.ports, app.telemetry, port=plan.port or 0) as address:
        typer.echo(f"driving    {address}", err=True)
        yield


def _midnight(day: datetime | None, days: int = 0) -> datetime | None:
    return None if day is None else (day + timedelta(days=days)).replace(tzinfo=_NEW_YORK).astimezone(UTC)
