"""Valkey as a child: its log of writes on disk, reached through a unix socket only."""

import signal
from pathlib import Path
from urllib.parse import quote

from stonks.supervisor.binaries import valkey_program
from stonks.supervisor.child import Child, Program
from stonks.supervisor.directory import Place, stop_leftovers

_SOCKET = "valkey.sock"
_OPTIONS = ["--port", "0", "--unixsocketperm", "700", "--daemonize", "no", "--maxmemory-policy", "noeviction"]
_DURABLE = ["--save", "", "--appendonly", "yes", "--appendfsync", "everysec", "--aof-load-truncated", "yes"]
_FORGETFUL = ["--save", "", "--appendonly", "no"]
_PATIENCE = 5.0  # seconds for an answer; a server that loads says so at once


async def start_valkey(place: Place, *, durable: bool) -> Child:
    """Start Valkey in a place and wait until it answers.

    Raises:
        Unreachable: the server ended instead of answering.
    """
    home, socket = place.home("valkey"), place.sockets() / _SOCKET
    await stop_leftovers(home, "valkey-server", signal.SIGTERM)
    argv = [str(valkey_program()), *_OPTIONS, "--dir", str(home), "--unixsocket", str(socket)]
    argv += _DURABLE if durable else _FORGETFUL
    program = Program(name="Valkey", argv=tuple(argv), home=home, log=place.log("valkey"), stop_with=signal.SIGTERM)
    child = await Child.spawn(program, place.identity)
    try:
        await child.until(lambda: _answers(socket))
    except BaseException:
        await child.stop()
        raise
    return child


def valkey_url(run: Path) -> str:
    """Return the URL of database 0 of the server whose socket is in this directory."""
    return f"unix://{quote(str(run / _SOCKET))}?db=0"


async def _answers(socket: Path) -> bool:
    """Whether a PING is answered; loading the log of writes counts as not yet."""
    from redis.asyncio import Redis
    from redis.exceptions import BusyLoadingError, ConnectionError as NotConnected, TimeoutError as TooLate

    client = Redis(unix_socket_path=str(socket), single_connection_client=True, socket_timeout=_PATIENCE)
    try:
        return bool(await client.ping())
    except (BusyLoadingError, NotConnected, TooLate):
        return False
    finally:
        await client.aclose()
