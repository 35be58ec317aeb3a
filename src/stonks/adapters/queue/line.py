"""One connection for all scripts: whoever asks writes at once, and answers come back in the order of the questions."""

import asyncio
from collections import deque
from typing import Any, NamedTuple, cast

import hiredis
from redis.asyncio import ConnectionPool
from redis.asyncio.connection import AbstractConnection, Connection, SSLConnection, UnixDomainSocketConnection

from stonks.adapters.queue.calls import command

PATIENCE = 10.0
"""Seconds without an answer until a connection counts as dead."""


class _Question(NamedTuple):
    asked_at: float
    commands: int
    answers: list[Any]
    told: "asyncio.Future[list[Any]]"


class Line(asyncio.Protocol):
    """A connection that is either whole or lost; a lost one fails every question that it owes an answer."""

    def __init__(self, patience: float) -> None:
        """Give up on a server that is silent for so many seconds."""
        self._patience = patience
        self._loop = asyncio.get_running_loop()
        self._reader = hiredis.Reader()
        self._questions: deque[_Question] = deque()
        self._transport: asyncio.Transport | None = None
        self._watch: asyncio.TimerHandle | None = None
        self._lost: Exception | None = None

    @property
    def is_open(self) -> bool:
        """Whether it can be asked."""
        return self._lost is None

    def ask(self, commands: bytes, count: int) -> "asyncio.Future[list[Any]]":
        """Send so many packed commands; the future holds their answers, the server's errors among them."""
        told: asyncio.Future[list[Any]] = self._loop.create_future()
        if self._transport is None or self._lost is not None:
            told.set_exception(self._lost or ConnectionError("not connected"))
            return told
        self._questions.append(_Question(self._loop.time(), count, [], told))
        self._transport.write(commands)
        if self._watch is None:
            self._watch = self._loop.call_later(self._patience, self._look)
        return told

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()

    def _look(self) -> None:
        """One timer watches all questions: most are answered long before it ends."""
        self._watch = None
        if not self._questions:
            return
        left = self._questions[0].asked_at + self._patience - self._loop.time()
        if left > 0:
            self._watch = self._loop.call_later(left, self._look)
        else:
            self._give_up(TimeoutError(f"no answer within {self._patience:g} s"))

    def _give_up(self, error: Exception) -> None:
        self._lost = self._lost or error
        if self._transport is not None:
            self._transport.abort()

    # ------------------------------------------------------------------------------------------ what the loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Hand out answers as they come."""
        self._reader.feed(data)
        try:
            while (answer := self._reader.gets()) is not False:
                question = self._questions[0]
                question.answers.append(answer)
                if len(question.answers) == question.commands:
                    self._questions.popleft()
                    if not question.told.done():
                        question.told.set_result(question.answers)
        except (hiredis.ProtocolError, IndexError) as error:
            self._give_up(ConnectionError(f"no answer of a Redis server: {error}"))

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail what is not answered: whether it took effect is not known."""
        self._lost = self._lost or exc or ConnectionError("the server closed the connection")
        if self._watch is not None:
            self._watch.cancel()
        while self._questions:
            told = self._questions.popleft().told
            if not told.done():
                told.set_exception(self._lost)


class Phone:
    """One line, opened when it is first needed, and anew when it was lost."""

    def __init__(self, pool: ConnectionPool) -> None:
        """Connect as this pool would."""
        self._pool = pool
        self._line: Line | None = None
        self._opening = asyncio.Lock()

    async def line(self) -> Line:
        """Return the open line.

        Raises:
            OSError: no server answers.
            hiredis.ReplyError: it does not let us in.
        """
        line = self._line
        if line is not None and line.is_open:
            return line
        async with self._opening:
            if self._line is None or not self._line.is_open:
                connection = self._pool.make_connection()  # type: ignore[no-untyped-call] # its decorator has no types
                self._line = await open_line(connection)
            return self._line

    def close(self) -> None:
        """Hang up."""
        if self._line is not None:
            self._line.close()


async def open_line(connection: AbstractConnection) -> Line:
    """Connect as redis-py would with this connection of its own, which stays unused.

    Raises:
        OSError: no server answers.
        hiredis.ReplyError: it does not let us in.
    """
    patience = connection.socket_timeout or PATIENCE
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(patience):
        match connection:
            case UnixDomainSocketConnection(path=path):
                _, line = await loop.create_unix_connection(lambda: Line(patience), path)
            case SSLConnection(host=host, port=port, ssl_context=context):
                _, line = await loop.create_connection(lambda: Line(patience), host, port, ssl=context.get())
            case Connection(host=host, port=port):
                _, line = await loop.create_connection(lambda: Line(patience), host, port)
            case _:
                raise OSError(f"cannot connect by {type(connection).__name__}")
        try:
            await _introduce(line, connection)
        except BaseException:
            line.close()
            raise
    return line


async def _introduce(line: Line, connection: AbstractConnection) -> None:
    greetings = []
    if connection.password:
        name = (connection.username,) if connection.username else ()
        greetings.append(command("AUTH", *name, connection.password))
    if connection.db:
        greetings.append(command("SELECT", connection.db))
    if greetings:
        for answer in await line.ask(b"".join(greetings), len(greetings)):
            if isinstance(answer, hiredis.ReplyError):
                raise answer
