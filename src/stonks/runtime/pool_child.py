"""One child of the pool as its parent sees it: started, asked, ended, and how it died."""

import asyncio
import fcntl
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import BinaryIO, Self, cast

from stonks.model.errors import Crashed, Unreachable
from stonks.runtime.pool_program import ANSWER, CALL, OUT_OF_MEMORY

_PROGRAM = "stonks.runtime.pool_program"
_PATIENCE = 1.0  # seconds a child without a pipe may take to end
_LAST_WORDS = 1500  # bytes of what it wrote that its obituary shows
_MOST_WORDS = 2**20  # bytes that a call may print
_MB = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a child may use."""

    memory: int = 2048 * _MB
    """Bytes of data; a call that wants more ends its child."""
    cpu: timedelta = timedelta(seconds=30)
    """CPU time of one call, give or take a second."""
    grown: int = 512 * _MB
    """Bytes held after a call with which a child is not kept, so that no leak grows for ever."""


class PoolChild:
    """A process that does one call at a time, in its own session: a terminal's Ctrl-C reaches only us."""

    def __init__(self, process: Process, words: BinaryIO, limits: Limits) -> None:
        """Take over a process that was just started."""
        self._process = process
        self._stdin = cast("asyncio.StreamWriter", process.stdin)
        self._stdout = cast("asyncio.StreamReader", process.stdout)
        self._limits = limits
        self.end = asyncio.create_task(self._ended(words))
        """Done when the process is gone; its result says what it died of, with what it wrote last."""

    @classmethod
    async def start(cls, limits: Limits) -> Self:
        """Start a process that the kernel kills when we die.

        Raises:
            Unreachable: the system has none to give.
        """
        words = _paper()
        figures = (os.getpid(), limits.memory, int(limits.cpu.total_seconds()), limits.grown)
        argv = [sys.executable, "-P", "-m", _PROGRAM, *map(str, figures)]
        try:
            process = await asyncio.create_subprocess_exec(
                *argv, stdin=PIPE, stdout=PIPE, stderr=words, start_new_session=True
            )
        except OSError as error:
            words.close()
            raise Unreachable(f"no process for the pool: {error}") from error
        return cls(process, words, limits)

    @property
    def pid(self) -> int:
        """Id of the process."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it has not been seen to end."""
        return self._process.returncode is None and not self._stdout.at_eof()

    def send(self, message: bytes) -> None:
        """Write a message; the child need not be reading yet."""
        self._stdin.write(CALL.pack(len(message)))
        self._stdin.write(message)

    async def ask(self, call: bytes) -> tuple[bytes, bool]:
        """Return the answer to a call, and whether it is the last that this child gives.

        Raises:
            Crashed: it died instead.
        """
        try:
            self.send(call)
            await self._stdin.drain()
            last, size = ANSWER.unpack(await self._stdout.readexactly(ANSWER.size))
            return await self._stdout.readexactly(size), last
        except (asyncio.IncompleteReadError, ConnectionError) as end:
            raise Crashed(await self._obituary()) from end

    def retire(self) -> None:
        """Let the child end by itself: there will be no more calls."""
        self._stdin.close()

    def kill(self) -> None:
        """End the child, whatever it does."""
        with suppress(ProcessLookupError):
            self._process.kill()

    async def _obituary(self) -> str:
        await asyncio.wait({self.end}, timeout=_PATIENCE)
        self.kill()
        return await asyncio.shield(self.end)

    async def _ended(self, words: BinaryIO) -> str:
        with words:
            cause = self._cause(await self._process.wait())
            written = words.tell()  # the child wrote with the very same position
            words.seek(max(0, written - _LAST_WORDS))
            last = words.read(min(written, _LAST_WORDS)).decode(errors="replace").strip()
        return f"{cause}; its last words: {last}" if last else cause

    def _cause(self, code: int) -> str:
        if code == OUT_OF_MEMORY:
            return f"out of memory: more than {self._limits.memory // _MB} MB"
        if code == -signal.SIGXCPU:
            return f"over its CPU time: more than {self._limits.cpu.total_seconds():.0f} s"
        return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exited with code {code}"


def _paper() -> BinaryIO:
    """Return a file of a fixed size in memory, which takes no more than a call may print and no disk."""
    words = os.fdopen(os.memfd_create("last words", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING), "w+b", buffering=0)
    os.ftruncate(words.fileno(), _MOST_WORDS)
    fcntl.fcntl(words, fcntl.F_ADD_SEALS, fcntl.F_SEAL_GROW)
    return words
