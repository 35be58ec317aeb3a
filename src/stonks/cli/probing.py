"""The probes of a process that serves nothing else: /healthz, /readyz and /metrics on loopback."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from socket import socket

    from stonks.ports.bundle import Ports
    from stonks.runtime.telemetry import Telemetry

_LOOPBACK = "127.0.0.1"


@asynccontextmanager
async def probing(
    ports: "Ports", telemetry: "Telemetry | None" = None, stages: Collection[str] = (), port: int = 0
) -> AsyncIterator[str]:
    """Answer probes while the block runs; gives the address at once. Port 0 takes a free one.

    The web server is 0.4 s of imports: it is loaded beside the block, and who asks before that waits.

    Raises:
        SettingError: the port is taken.
    """
    from stonks.api.listening import address_of, listening

    with listening(_LOOPBACK, port, setting="--port") as bound:
        bound.listen()
        async with asyncio.TaskGroup() as group:
            serving = group.create_task(_serve(ports, telemetry, stages, bound), name="probes")
            try:
                yield address_of(bound)
            finally:
                serving.cancel()


async def _serve(ports: "Ports", telemetry: "Telemetry | None", stages: Collection[str], bound: "socket") -> None:
    def load() -> Callable[[], Awaitable[None]]:
        from stonks.api.probes import create_probes
        from stonks.api.serving import serve_on

        return partial(serve_on, create_probes(ports, telemetry, stages), bound)

    serve = await asyncio.to_thread(load)
    await serve()
