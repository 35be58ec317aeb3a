"""How a verb runs: one event loop, an orderly stop on a signal, and an exit code that says what went wrong."""

import asyncio
import signal
from collections.abc import Coroutine, Iterable
from contextlib import AbstractContextManager, suppress
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from stonks.model.errors import SettingError, StonksError, Unreachable

if TYPE_CHECKING:
    from stonks.app import Servers

OK, PROBLEM, USAGE, UNREACHABLE, INTERRUPTED = 0, 1, 2, 3, 130


def run(work: Coroutine[Any, Any, int | None]) -> NoReturn:
    """Run a verb to its end and leave with its exit code; our own errors are one sentence, never a trace."""
    import uvloop

    from stonks.runtime.logs import configure_logs

    # Standard output is for answers; a verb that runs the pipeline chooses its own log once it has read its settings.
    configure_logs("warning")
    try:
        code = uvloop.run(work) or OK
    except (StonksError, BaseExceptionGroup) as error:
        code = _said(error)
    except (KeyboardInterrupt, asyncio.CancelledError):
        code = INTERRUPTED
    raise typer.Exit(code)


def _said(error: BaseException) -> int:
    """Print what one of our own errors says and return its exit code; anything else goes on as the bug it is."""
    first = error
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    if not isinstance(first, StonksError):
        raise error
    typer.secho(str(first), fg="red", err=True)
    match first:
        case SettingError():
            return USAGE
        case Unreachable():
            return UNREACHABLE
        case _:
            return PROBLEM


def logged(verb: str, servers: "Servers", stages: Iterable[str] = (), **facts: object) -> AbstractContextManager[None]:
    """Log that this process runs, on what and what for, and when the block is over how it ended."""
    from stonks.api.version import version
    from stonks.runtime.logs import process_logged

    urls = {"database": servers.database_url, "redis": servers.redis_url}
    return process_logged(verb, version=version(), stages=list(stages), **urls, **facts)


def stop_on_signal() -> asyncio.Event:
    """Return an event that SIGINT or SIGTERM sets; a second signal ends the process at once."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def asked() -> None:
        stop.set()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, asked)
    return stop


async def until(stop: asyncio.Event, task: "asyncio.Task[None]") -> None:
    """Wait for a task; when the stop is asked for first, or the wait itself is cancelled, the task ends as well."""
    asked = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({task, asked}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        asked.cancel()
        if not task.done():
            task.cancel()
    with suppress(asyncio.CancelledError):
        await task
