"""Valkey as a child: its log of writes on disk, reached through a unix socket only."""

import signal
from pathlib import Path
from urllib.parse import quote

from stonks.supervisor.binaries import valkey_program
from stonks.supervisor.child import Child
from stonks.supervisor.directory import private, stop_leftovers
from stonks.supervisor.identity import Identity

_SOCKET = "valkey.sock"
_OPTIONS = ["--port", "0", "--unixsocketperm", "700", "--daemonize", "no", "--maxmemory-policy", "noeviction"]
_DURABLE = ["--save", "", "--appendonly", "yes", "--appendfsync", "everysec"]
_FORGETFUL = ["--save", "", "--appendonly", "no"]


async def start_valkey(
    directory: Path, run: Path, log: Path, identity: Identity, *, durable: bool
) -> tuple[Child, str]:
    """Start Valkey on a directory and wait until it answers.

    Returns:
        The process, and the URL of its database 0.

    Raises:
        Unreachable: the server ended instead of answering.
    """
    home, socket = private(directory / "valkey"), run / _SOCKET
    identity.own(home)
    stop_leftovers(home, "valkey-server", signal.SIGTERM)
    argv = [str(valkey_program()), *_OPTIONS, "--dir", str(home), "--unixsocket", str(socket)]
    argv += _DURABLE if durable else _FORGETFUL
    child = await Child.spawn("Valkey", argv, log, signal.SIGTERM, identity)
    try:
        await child.until(lambda: _answers(socket))
    except BaseException:
        await child.stop()
        raise
    return child, valkey_url(run)


def valkey_url(run: Path) -> str:
    """Return the URL of database 0 of the server whose socket is in this directory."""
    return f"unix://{quote(str(run / _SOCKET))}?db=0"


async def _answers(socket: Path) -> bool:
    """Whether a PING is answered; loading the log of writes counts as not yet."""
    from redis.asyncio import Redis
    from redis.exceptions import BusyLoadingError, ConnectionError as NotConnected

    client = Redis(unix_socket_path=str(socket), single_connection_client=True)
    try:
        return bool(await client.ping())
    except (BusyLoadingError, NotConnected):
        return False
    finally:
        await client.aclose()
