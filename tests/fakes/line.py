"""A network line between a client and a server's unix socket that a test can cut without either end noticing."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Self


class Line:
    """Carries bytes while it is whole; connections made before or during a cut stay open, and silent for ever."""

    def __init__(self, server: Path) -> None:
        self._server = server
        self._whole = True
        self._ends: list[StreamWriter] = []
        self._carrying: set[asyncio.Task[None]] = set()
        self.port = 0

    @classmethod
    @asynccontextmanager
    async def to(cls, server: Path) -> AsyncIterator[Self]:
        """Listen on a port of the loopback while inside."""
        line = cls(server)
        listener = await asyncio.start_server(line._connected, "127.0.0.1", 0)
        line.port = listener.sockets[0].getsockname()[1]
        try:
            yield line
        finally:
            listener.close()
            line.cut()
            for end in line._ends:
                end.transport.abort()

    def cut(self) -> None:
        """Stop carrying: nobody is told."""
        self._whole = False
        for task in self._carrying:
            task.cancel()

    def mend(self) -> None:
        """Carry what is connected from now on."""
        self._whole = True

    async def _connected(self, reader: StreamReader, writer: StreamWriter) -> None:
        self._ends.append(writer)
        if not self._whole:
            return
        answers, questions = await asyncio.open_unix_connection(str(self._server))
        self._ends.append(questions)
        for source, sink in ((reader, questions), (answers, writer)):
            task = asyncio.create_task(_carry(source, sink))
            self._carrying.add(task)
            task.add_done_callback(self._carrying.discard)


async def _carry(source: StreamReader, sink: StreamWriter) -> None:
    with suppress(OSError):
        while piece := await source.read(65536):
            sink.write(piece)
            await sink.drain()
        sink.close()
