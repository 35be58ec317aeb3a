"""The server that runs the application inside a loop that someone else owns."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator

import uvicorn
from litestar import Litestar

from stonks.model.errors import SettingError


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
        name, number = bound.getsockname()[:2]
        url = f"http://[{name}]:{number}" if ":" in name else f"http://{name}:{number}"
        config = uvicorn.Config(
            app, http="httptools", ws="none", lifespan="on", log_config=None, access_log=False, server_header=False
        )
        server = _Server(config, lambda: ready(url))
        app.state.closing = lambda: server.should_exit
        running = asyncio.ensure_future(server.serve(sockets=[bound]))
        try:
            await asyncio.shield(running)
        except asyncio.CancelledError:
            server.should_exit = True
            await running
            raise


@contextlib.contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """Give a socket that is bound to this address.

    Raises:
        SettingError: the address is taken, or is not ours.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind((host, port))
        except OSError as error:
            raise SettingError(
                "STONKS_API_PORT", f"{host}:{port}: {error.strerror}; --port 0 takes a free one"
            ) from error
        yield bound
