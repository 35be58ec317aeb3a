"""An event loop whose process dies at the nth wait of a chosen coroutine."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Coroutine, Generator
from enum import StrEnum
from typing import Any

import msgspec

DELIVERY, POLL, SERVING = "StageLoop._deliver", "StageLoop.poll", "RequestHandler.start"
"""Where a job is done, where a stage looks by itself, and where the exchange serves a connection."""


class Moment(StrEnum):
    """On which side of a wait."""

    ASLEEP = "asleep"  # what is waited for has been asked, and nobody will hear the answer
    AWAKE = "awake"  # the answer has come, and nothing is made of it


class Doom(msgspec.Struct, frozen=True, kw_only=True):
    """Whose nth wait is the last, and what happens then; nth 0 is never."""

    whose: str = DELIVERY
    nth: int = 0
    moment: Moment = Moment.ASLEEP
    frozen: bool = False
    """Whether the process is only stopped, and may go on when everybody has taken it for dead."""


class Mortal:
    """Counts the waits of every task that runs the doomed coroutine."""

    def __init__(self, doom: Doom, ended: Callable[[list[str]], None]) -> None:
        """Tell after each end of such a task where it waited."""
        self._doom, self._ended = doom, ended
        self._places: list[str] = []
        self._told = 0

    def watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """Count in this loop from now on."""
        loop.set_task_factory(self._task)

    def _task(self, loop: asyncio.AbstractEventLoop, coroutine: Any, **options: Any) -> "asyncio.Task[Any]":  # noqa: ANN401
        doomed = getattr(coroutine, "__qualname__", "") == self._doom.whose
        return asyncio.Task(self._counted(coroutine) if doomed else coroutine, loop=loop, **options)

    async def _counted(self, coroutine: Coroutine[Any, Any, Any]) -> Any:  # noqa: ANN401 - whatever it returns
        try:
            return await _Waits(coroutine, self)
        finally:
            self._ended(self._places[self._told :])
            self._told = len(self._places)

    def passes(self, moment: Moment, coroutine: Coroutine[Any, Any, Any]) -> None:
        """Count a wait; at the chosen one, end."""
        if moment is Moment.ASLEEP:
            self._places.append(_place(coroutine))
        if (len(self._places), moment) == (self._doom.nth, self._doom.moment):
            os.kill(os.getpid(), signal.SIGSTOP if self._doom.frozen else signal.SIGKILL)


class _Waits(Awaitable[Any]):
    """A coroutine run step by step, as a task runs it."""

    def __init__(self, coroutine: Coroutine[Any, Any, Any], mortal: Mortal) -> None:
        self._coroutine, self._mortal = coroutine, mortal

    def __await__(self) -> Generator[Any, Any, Any]:
        error: BaseException | None = None
        while True:
            try:
                wait = self._coroutine.send(None) if error is None else self._coroutine.throw(error)
            except StopIteration as end:
                return end.value
            self._mortal.passes(Moment.ASLEEP, self._coroutine)
            error = None
            try:
                yield wait
            except BaseException as thrown:  # noqa: BLE001 - a cancellation too is the coroutine's to hear
                error = thrown
            self._mortal.passes(Moment.AWAKE, self._coroutine)


def _place(coroutine: Any) -> str:  # noqa: ANN401 - coroutines and generators, whoever's
    """Return where a chain of calls waits: the stage's line, and the module that it waits in."""
    stage = module = ""
    while coroutine is not None:
        frame = getattr(coroutine, "cr_frame", None) or getattr(coroutine, "gi_frame", None)
        if frame is not None:
            module = frame.f_globals.get("__name__", "")
            if module.startswith("stonks.stages") or not stage:
                stage = f"{frame.f_code.co_qualname}:{frame.f_lineno}"
        coroutine = getattr(coroutine, "cr_await", None) or getattr(coroutine, "gi_yieldfrom", None)
    return f"{stage} in {module}"
