"""One connection to PostgreSQL: what it asks of the server, and how it notices that nobody is there any more."""

import socket
from contextlib import suppress
from typing import TYPE_CHECKING

import asyncpg

if TYPE_CHECKING:
    Driver = asyncpg.Connection[asyncpg.Record]
else:
    Driver = asyncpg.Connection

PATIENCE = 30.0  # seconds of silence after which either side takes the other for gone
_PARTING = 1.0  # seconds that a goodbye may take
CONNECTING = 10.0  # seconds in which a server takes a connection
SESSION = {
    "application_name": "stonks",
    "timezone": "UTC",
    "jit": "off",
    "tcp_keepalives_idle": "15",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}
_KNOWS_TRANSACTION_TIMEOUT = (17,)
STATEMENTS = 1024  # prepared statements that a connection keeps
_KEEPALIVE = {
    "TCP_KEEPIDLE": 15,  # seconds of silence until the other host is asked whether it is there
    "TCP_KEEPINTVL": 5,
    "TCP_KEEPCNT": 3,
    "TCP_USER_TIMEOUT": 30_000,  # milliseconds that it has to confirm what was sent
}


def patient(patience: float) -> dict[str, str]:
    """Return what makes a server give up a session whose other end is silent for so many seconds.

    A worker that vanished in a transaction must not keep its locks, or those who do its work again wait for it. It may
    have vanished in the middle of a statement; a live one gives up first, so that it is never the server who does.
    """
    return SESSION | {
        "idle_in_transaction_session_timeout": f"{1000 * patience:.0f}ms",
        "statement_timeout": f"{2000 * patience:.0f}ms",
    }


async def bound_transactions(connection: Driver, patience: float) -> None:
    """Have the server end a transaction of more than four times so many seconds, where it can (PostgreSQL 17).

    A client that vanishes between preparing a statement and running it leaves a session that counts as active while it
    reads: no other timeout ends that, and its locks stay until the network notices, which behind a proxy is never.
    """
    if connection.get_server_version() >= _KNOWS_TRANSACTION_TIMEOUT:
        await connection.execute(f"SET transaction_timeout = '{4000 * patience:.0f}ms'")


class Connection(Driver):
    """A connection that parts from a dead server without complaint."""

    async def close(self, *, timeout: float | None = None) -> None:  # noqa: ASYNC109 - as the driver has it
        """Say goodbye; a server that does not answer it within ``timeout`` (1 s) is left without."""
        with suppress(OSError, asyncpg.InterfaceError, asyncpg.InternalClientError, asyncpg.PostgresError):
            await super().close(timeout=_PARTING if timeout is None else timeout)


def keep_alive(connection: Driver) -> None:
    """Have the kernel end a network connection whose other host is gone; within about 30 seconds."""
    line = connection._transport.get_extra_info("socket")  # type: ignore[attr-defined] # noqa: SLF001 - the only way
    if line is None or line.family not in {socket.AF_INET, socket.AF_INET6}:
        return
    line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEPALIVE.items():
        line.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


async def connect(url: str) -> Connection:
    """Open a connection outside any pool, without a limit on how long a statement may take."""
    connection: Connection = await asyncpg.connect(
        url, connection_class=Connection, timeout=CONNECTING, server_settings=SESSION
    )
    keep_alive(connection)
    return connection
