"""One server process: how it starts, how it is known to answer, how it ends."""

import asyncio
import ctypes
import os
import signal
import threading
from asyncio.subprocess import Process
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from stonks.model.errors import Refused, Unreachable
from stonks.supervisor.identity import Identity

_PR_SET_PDEATHSIG = 1
_PATIENCE = 30.0  # seconds between asking a server to stop and killing it
_LOG_TAIL = 2000  # bytes of a dead server's log that its error shows
_FIRST_LOOK, _LAST_LOOK = 0.01, 0.25  # seconds between looks; each that comes too early is a line in the server's log


@dataclass(frozen=True, kw_only=True)
class Program:
    """What is to be run: its command line, the directory it runs in, where its words go, and what ends it kindly."""

    name: str
    argv: tuple[str, ...]
    home: Path
    log: Path
    stop_with: signal.Signals


class Child:
    """A running server in its own session, so that a terminal's Ctrl-C reaches only us."""

    def __init__(self, program: Program, process: Process) -> None:
        """Take over a process that is already running."""
        self.name = program.name
        self.pid = process.pid
        self._program = program
        self._process = process

    @classmethod
    async def spawn(cls, program: Program, identity: Identity) -> Self:
        """Start a server that the kernel sends `stop_with` the moment we die, however we die.

        Raises:
            Refused: this is not the main thread.
            Unreachable: the system has no process or file for it now.
        """
        if threading.current_thread() is not threading.main_thread():
            message = "servers start from the main thread: the kernel ends them with the thread that started them"
            raise Refused(message)
        try:
            with program.log.open("ab") as output:
                process = await asyncio.create_subprocess_exec(
                    *identity.prefix,
                    *program.argv,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=output,
                    stderr=asyncio.subprocess.STDOUT,
                    cwd=program.home,
                    start_new_session=True,
                    preexec_fn=_dying_with_us(program.stop_with, identity.user),
                )
        except OSError as error:
            raise Unreachable(f"{program.name} could not be started: {error}") from error
        return cls(program, process)

    async def exit_code(self) -> int:
        """Wait for the end; a negative code is the signal that ended it."""
        return await self._process.wait()

    async def until(self, answers: Callable[[], Awaitable[bool]]) -> None:
        """Wait for the server to answer, however long its recovery takes.

        Raises:
            Unreachable: it ended instead; its last words are in the message.
        """
        pause = _FIRST_LOOK
        while not await answers():
            if self._process.returncode is not None:
                raise Unreachable(self.obituary())
            await asyncio.sleep(pause)
            pause = min(_LAST_LOOK, pause * 1.5)

    def last_words(self) -> str:
        """Return the end of the server's log."""
        with self._program.log.open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - _LOG_TAIL))
            return log.read().decode(errors="replace").strip()

    def obituary(self) -> str:
        """Sentence saying how the server ended, with the end of its log."""
        code, log = self._process.returncode, self._program.log
        return f"{self.name} ended with code {code}; the end of {log}:\n{self.last_words()}"

    async def stop(self) -> None:
        """Ask the server to stop, wait, and kill it only if it will not."""
        with suppress(ProcessLookupError):  # it has ended already
            self._process.send_signal(self._program.stop_with)
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


def _dying_with_us(death: signal.Signals, user: int | None) -> Callable[[], None]:
    """What a child runs before its program: becomes the user, and asks the kernel for a signal when its parent dies."""
    libc = ctypes.CDLL(None)
    parent = os.getpid()

    def arm() -> None:
        if user is not None:  # before the request, which a change of user takes back; uvloop has no argument for it
            os.setgroups([])
            os.setgid(user)
            os.setuid(user)
        libc.prctl(_PR_SET_PDEATHSIG, int(death))
        if os.getppid() != parent:  # we died between the fork and this line
            os._exit(1)

    return arm
