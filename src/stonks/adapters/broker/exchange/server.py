"""The exchange as one application, served on loopback."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from aiohttp import web

from stonks.adapters.broker.exchange import account, market, orders, positions, simulation
from stonks.adapters.broker.exchange.answers import Turnstile, explained
from stonks.adapters.broker.exchange.faults import Faults
from stonks.adapters.broker.exchange.updates import Updates
from stonks.adapters.broker.exchange.venue import VENUE, Venue
from stonks.model.errors import SettingError, Unreachable

LOOPBACK = "127.0.0.1"
_BEAT = 0.25  # seconds between looks at the market; requests look for themselves
_GRACE = 2.0  # seconds that requests have to end


@asynccontextmanager
async def serving(
    venue: Venue, updates: Updates, turnstile: Turnstile, port: int = 0, *, simulated: bool = False
) -> AsyncIterator[str]:
    """Serve one account's exchange on loopback while the block runs; gives its address. Port 0 takes a free one.

    Args:
        venue: the exchange and its surroundings.
        updates: what its deeds are told to.
        turnstile: who may ask, and how often.
        port: where it listens.
        simulated: whether /_sim is there, with which clients move the clock and make faults.

    Raises:
        SettingError: the port is taken.
    """
    runner = web.AppRunner(_application(venue, updates, turnstile, simulated=simulated), shutdown_timeout=_GRACE)
    await runner.setup()
    try:
        site = web.TCPSite(runner, LOOPBACK, port, reuse_address=True)
        try:
            await site.start()
        except OSError as error:
            raise SettingError("--port", f"{LOOPBACK}:{port}: {error.strerror}; --port 0 takes a free one") from error
        host, number = runner.addresses[0][:2]
        yield f"http://{host}:{number}"
    finally:
        await runner.cleanup()


def _application(venue: Venue, updates: Updates, turnstile: Turnstile, *, simulated: bool) -> web.Application:
    faults = Faults()
    app = web.Application(middlewares=[faults.middleware(), turnstile.middleware(), explained])
    app[VENUE] = venue
    for resource in (orders, positions, account, market):
        app.add_routes(resource.routes())
    app.add_routes([web.get("/stream", updates.serve, allow_head=False)])
    if simulated:
        app.add_routes(simulation.routes(venue, faults, updates))

    async def beating(_app: web.Application) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(_beat(venue)), asyncio.create_task(updates.tell())]
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def closing(_app: web.Application) -> None:
        await updates.close()

    app.cleanup_ctx.append(beating)
    app.on_shutdown.append(closing)
    return app


async def _beat(venue: Venue) -> None:
    """Let orders meet the market as time passes; while the database is away, the next look makes up for it."""
    while True:
        with suppress(Unreachable):
            await venue.paper.meet(venue.now())
        await asyncio.sleep(_BEAT)
