"""One server process: how it starts, how it is known to answer, how it ends."""

import asyncio
import ctypes
import os
import signal
import threading
from asyncio.subprocess import Process
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Self

from stonks.model.errors import Refused, Unreachable
from stonks.supervisor.identity import Identity

_PR_SET_PDEATHSIG = 1
_PATIENCE = 30.0  # seconds between asking a server to stop and killing it
_LOG_TAIL = 2000  # bytes of a dead server's log that its error shows


class Child:
    """A running server in its own session, so that a terminal's Ctrl-C reaches only us."""

    def __init__(self, name: str, process: Process, log: Path, stop_with: signal.Signals) -> None:
        """Take over a process that is already running."""
        self.name = name
        self.pid = process.pid
        self._process = process
        self._log = log
        self._stop_with = stop_with

    @classmethod
    async def spawn(cls, name: str, argv: list[str], log: Path, stop_with: signal.Signals, identity: Identity) -> Self:
        """Start a server that the kernel sends `stop_with` the moment we die, however we die."""
        if threading.current_thread() is not threading.main_thread():
            message = "servers start from the main thread: the kernel ends them with the thread that started them"
            raise Refused(message)
        with log.open("ab") as output:
            process = await asyncio.create_subprocess_exec(
                *identity.prefix,
                *argv,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_dying_with_us(stop_with, identity.user),
            )
        return cls(name, process, log, stop_with)

    async def exit_code(self) -> int:
        """Wait for the end; a negative code is the signal that ended it."""
        return await self._process.wait()

    async def until(self, answers: Callable[[], Awaitable[bool]]) -> None:
        """Wait for the server to answer, however long its recovery takes.

        Raises:
            Unreachable: it ended instead; its last words are in the message.
        """
        while not await answers():
            if self._process.returncode is not None:
                raise Unreachable(self.obituary())
            await asyncio.sleep(0.01)

    def obituary(self) -> str:
        """Sentence saying how the server ended, with the end of its log."""
        tail = self._log.read_bytes()[-_LOG_TAIL:].decode(errors="replace").strip()
        return f"{self.name} ended with code {self._process.returncode}; the end of {self._log}:\n{tail}"

    async def stop(self) -> None:
        """Ask the server to stop, wait, and kill it only if it will not."""
        with suppress(ProcessLookupError):  # it has ended already
            self._process.send_signal(self._stop_with)
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
