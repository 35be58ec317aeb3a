"""Texts asked about line by line, without a database: to debug an answer, and to measure the extractor from outside."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple

import msgspec

from stonks.model.line import LineAsked, LineFailed, LineRead
from stonks.ports.pool import Pool
from stonks.stages.extractor.core.lines import Finder, answer_of, question_of
from stonks.stages.extractor.embedded import read_article

MOST_BYTES = 16 * 2**20
"""Bytes of a line beyond which it is not read."""

_AT_ONCE = 8  # chunks asked for ahead of the one whose turn it is


class Line(NamedTuple):
    """A line as it came in, with its number from 1."""

    number: int
    data: bytes


class Cutter:
    """Cuts what comes in into lines and numbers them; what is too long to be read is not kept."""

    def __init__(self) -> None:
        """Have seen nothing yet."""
        self._rest = bytearray()
        self._number = 0

    def lines(self, chunk: bytes) -> list[Line]:
        """Return the lines that end in this chunk; empty ones count and are left out."""
        *ended, rest = chunk.split(b"\n")
        found = []
        for part in ended:
            self._number += 1
            self._keep(part)
            if data := bytes(self._rest.strip()):
                found.append(Line(self._number, data))
            self._rest.clear()
        self._keep(rest)
        return found

    def _keep(self, part: bytes) -> None:
        self._rest += part[: max(0, MOST_BYTES + 1 - len(self._rest))]


class LineReader:
    """Reads lines in the pool's children: none of them can stop, hang or bring down whoever asks."""

    def __init__(self, pool: Pool, finder: Finder) -> None:
        """Find companies that nobody asked for by name with this finder; it is sent to the children."""
        self._pool, self._finder = pool, finder

    async def read_all(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[list[LineRead | LineFailed]]:
        """Yield what the lines of each chunk say, in their order, several chunks being read at a time."""
        waiting: asyncio.Queue[asyncio.Task[list[LineRead | LineFailed]] | None] = asyncio.Queue(_AT_ONCE)
        # Asked apart, so that an answer goes out while the next line is waited for: whoever writes may wait for it.
        asking = asyncio.create_task(self._ask(chunks, waiting))
        try:
            while (task := await waiting.get()) is not None:
                yield await task
            await asking
        finally:
            asking.cancel()
            while not waiting.empty():
                if (task := waiting.get_nowait()) is not None:
                    task.cancel()

    async def _ask(
        self, chunks: AsyncIterator[bytes], waiting: "asyncio.Queue[asyncio.Task[list[LineRead | LineFailed]] | None]"
    ) -> None:
        cutter = Cutter()
        try:
            async for chunk in chunks:
                if lines := cutter.lines(chunk):
                    await waiting.put(asyncio.create_task(self.read(lines)))
        finally:
            await waiting.put(None)

    async def read(self, lines: Sequence[Line]) -> list[LineRead | LineFailed]:
        """Return what lines say; one that cannot be read, or brings down its reader, is an answer too."""
        call = self._pool.run(read_lines, tuple(lines), self._finder)
        (answers,) = await asyncio.gather(call, return_exceptions=True)
        if not isinstance(answers, BaseException):
            return answers
        if not isinstance(answers, Exception):
            raise answers
        if len(lines) > 1:
            return [answer for line in lines for answer in await self.read([line])]
        return [_failed(line, f"{type(answers).__name__}: {answers}") for line in lines]


def read_lines(lines: Sequence[Line], finder: Finder) -> list[LineRead | LineFailed]:
    """Return what lines say."""
    return [_read(line, finder) for line in lines]


def _read(line: Line, finder: Finder) -> LineRead | LineFailed:
    if len(line.data) > MOST_BYTES:
        return LineFailed(id=None, error=f"line {line.number}: longer than {MOST_BYTES} bytes")
    try:
        asked = _DECODER.decode(line.data)
    except msgspec.ValidationError as wrong:
        return _failed(line, str(wrong))
    except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
        return _failed(line, f"no JSON: {wrong}")
    question = question_of(asked, finder)
    return answer_of(asked, question, read_article(question.article))


def decoded(line: Line) -> LineAsked:
    """Return what a line asks.

    Raises:
        DecodeError, UnicodeDecodeError: it is no such line.
    """
    return _DECODER.decode(line.data)


class _Id(msgspec.Struct):
    """All that is needed of a line to say which one failed."""

    id: str | int | float | None = None


_DECODER = msgspec.json.Decoder(LineAsked)


def _failed(line: Line, why: str) -> LineFailed:
    try:
        told = msgspec.json.decode(line.data, type=_Id).id
    except (msgspec.DecodeError, UnicodeDecodeError):
        told = None
    return LineFailed(id=told, error=f"line {line.number}: {why}")
