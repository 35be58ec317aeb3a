"""The server that runs an application inside a loop that someone else owns."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator

import uvicorn
from litestar import Litestar

from stonks.api.listening import address_of, listening


class _Server(uvicorn.Server):
    """uvicorn without its own signal handling: who runs us decides when to stop."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(app: Litestar, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Serve until cancelled; ``ready`` is called with the address once it answers. Port 0 takes a free one.

    Raises:
        SettingError: the address is taken, or is not ours.
    """
    with listening(host, port) as bound:
        await serve_on(app, bound, lambda: ready(address_of(bound)))


async def serve_on(app: Litestar, bound: socket.socket, ready: Callable[[], None] = lambda: None) -> None:
    """Serve on a socket that is bound, until cancelled; ``ready`` is called once it answers."""
    config = uvicorn.Config(
        app, http="httptools", ws="none", lifespan="on", log_config=None, access_log=False, server_header=False
    )
    server = _Server(config, ready)
    app.state.closing = lambda: server.should_exit
    running = asyncio.ensure_future(server.serve(sockets=[bound]))
    try:
        await asyncio.shield(running)
    except asyncio.CancelledError:
        server.should_exit = True
        await running
        raise
