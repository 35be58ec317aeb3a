"""What ``up`` and ``replay`` share: the stages, the API and the clock running together."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager, nullcontext
from typing import Any

from stonks.app import App, Running
from stonks.cli.session import until
from stonks.replay.clock import ReplayClock
from stonks.replay.driver import Driver
from stonks.replay.instants import Instant, instants
from stonks.replay.outage import sat_out
from stonks.replay.summary import Summary, conclude


@asynccontextmanager
async def serving(app: Running, stages: Collection[str] = ()) -> AsyncIterator[str]:
    """Serve the API and the dashboard while the block runs; gives the address to open. Ready once these stages run."""
    from stonks.api.server import create_app, serve

    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    settings = app.ports.settings
    application = create_app(app.ports, telemetry=app.telemetry, stages=stages)
    server = asyncio.create_task(serve(application, settings.api_host, settings.api_port, ready.set_result), name="api")
    try:
        waiting: set[asyncio.Future[Any]] = {server, ready}
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        if server.done():
            await server
        yield await ready
    finally:
        server.cancel()
        await asyncio.gather(server, return_exceptions=True)


@asynccontextmanager
async def working(app: Running, *, barrier: ReplayClock | None) -> AsyncIterator[None]:
    """Run every stage in this process while the block runs: in a replay's turns, or as jobs come."""
    from stonks.runtime.pipeline import run_stages

    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        running = run_stages(app.stages, app.ports, barrier, stop, telemetry=app.telemetry)
        group.create_task(running, name="stages")
        try:
            yield
        finally:
            stop.set()


async def play(
    app: App,
    stop: asyncio.Event,
    *,
    days_per_second: float | None = None,
    progress: Callable[[Instant], None] = lambda _: None,
    work: bool = True,
) -> tuple[Summary | None, dict[str, float]]:
    """Play a replay from where it stands to its end, or until the stop.

    Returns:
        What it came to (None when it was stopped), and the wall seconds each stage was open.
    """
    driver = Driver(app.clock, app.ports.store, app.ports.queue, app.stages)
    if app.replay.finished_at is None:
        left = [at for at in instants(app.tape, app.replay.starts_at, app.replay.ends_at) if at.at >= app.replay.now]
        async with working(app, barrier=app.clock) if work else nullcontext():
            played = asyncio.create_task(driver.play(left, days_per_second=days_per_second, progress=progress))
            await until(stop, played)
        if played.cancelled():
            return None, driver.seconds
    summary = await sat_out("summary", lambda: conclude(app.ports.store, app.ports.settings.account))
    return summary, driver.seconds
