"""Routes under /_sim that are there only when asked for: they move the clock, make faults and take them back."""

from datetime import datetime
from http import HTTPStatus

import msgspec
from aiohttp import web

from stonks.adapters.broker.exchange.answers import answer
from stonks.adapters.broker.exchange.asking import decoded
from stonks.adapters.broker.exchange.clock import MovedClock
from stonks.adapters.broker.exchange.faults import Fault, Faults, StreamFault
from stonks.adapters.broker.exchange.mishaps import ForcedFill, Halt, Renaming, SuddenSplit, fill, rename, split
from stonks.adapters.broker.exchange.updates import Updates
from stonks.adapters.broker.exchange.venue import Venue
from stonks.model.errors import Refused


class Moved(msgspec.Struct, frozen=True):
    """Where the clock is to go on."""

    now: datetime


class StreamTrouble(msgspec.Struct, frozen=True, kw_only=True):
    """A fault of so many trade updates."""

    kind: StreamFault
    times: int = 1


def routes(venue: Venue, faults: Faults, updates: Updates) -> list[web.RouteDef]:
    """Return the routes with which a test plays the world."""
    return [*_network(venue, faults, updates), *_floor(venue)]


def _network(venue: Venue, faults: Faults, updates: Updates) -> list[web.RouteDef]:
    """Return the routes of time and of what goes wrong between the exchange and its clients."""

    async def move_clock(request: web.Request) -> web.Response:
        moved = decoded(await request.read(), Moved)
        if not isinstance(venue.clock, MovedClock):
            raise Refused("this exchange keeps the real time")
        venue.clock.move(moved.now)
        await venue.paper.meet(venue.now())
        return answer({"now": venue.now()})

    async def add_fault(request: web.Request) -> web.Response:
        faults.add(decoded(await request.read(), Fault))
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def add_trouble(request: web.Request) -> web.Response:
        trouble = decoded(await request.read(), StreamTrouble)
        await updates.fault(trouble.kind, trouble.times)
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def clear(_request: web.Request) -> web.Response:
        faults.clear()
        await updates.clear()
        return web.Response(status=HTTPStatus.NO_CONTENT)

    return [
        web.post("/_sim/clock", move_clock),
        web.post("/_sim/faults", add_fault),
        web.post("/_sim/stream", add_trouble),
        web.delete("/_sim/faults", clear),
    ]


def _floor(venue: Venue) -> list[web.RouteDef]:
    """Return the routes of what goes wrong at the exchange."""

    async def add_fill(request: web.Request) -> web.Response:
        trade = await fill(venue, decoded(await request.read(), ForcedFill))
        return answer({"execution_id": trade.execution_id, "at": trade.at})

    async def add_name(request: web.Request) -> web.Response:
        name = await rename(venue, decoded(await request.read(), Renaming))
        return answer({"client_order_id": name})

    async def add_split(request: web.Request) -> web.Response:
        await split(venue, decoded(await request.read(), SuddenSplit))
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def set_halt(request: web.Request) -> web.Response:
        asked = decoded(await request.read(), Halt)
        await venue.paper.halt(asked.symbol, venue.now(), halted=asked.halted)
        return web.Response(status=HTTPStatus.NO_CONTENT)

    return [
        web.post("/_sim/fill", add_fill),
        web.post("/_sim/replace", add_name),
        web.post("/_sim/split", add_split),
        web.post("/_sim/halt", set_halt),
    ]
