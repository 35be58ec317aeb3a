"""Orders over HTTP: place, find, list, replace, cancel."""

from collections.abc import Sequence
from http import HTTPStatus
from uuid import uuid4

from aiohttp import web

from stonks.adapters.broker.exchange.answers import answer
from stonks.adapters.broker.exchange.asking import (
    OrderRequest,
    ReplaceRequest,
    decoded,
    intent_of,
    legs_of,
    numbered,
    replacement_of,
    wanted_of,
)
from stonks.adapters.broker.exchange.ledger import Family, Listed, Wanted, number
from stonks.adapters.broker.exchange.venue import VENUE, Unknown, Venue
from stonks.adapters.broker.exchange.wire import family_body, status
from stonks.model.errors import Refused
from stonks.model.order import Intent, OrderEventKind as Kind


def routes() -> list[web.RouteDef]:
    """Return the routes of orders."""
    return [
        web.post("/v2/orders", place),
        web.get("/v2/orders", list_orders, allow_head=False),
        web.delete("/v2/orders", cancel_all),
        web.get("/v2/orders:by_client_order_id", find, allow_head=False),
        web.get("/v2/orders/{number}", read, allow_head=False),
        web.patch("/v2/orders/{number}", replace),
        web.delete("/v2/orders/{number}", cancel),
    ]


async def place(request: web.Request) -> web.Response:
    """Take a new order."""
    venue = request.app[VENUE]
    asked = decoded(await request.read(), OrderRequest)
    intent = intent_of(asked, venue.ledger.account, str(uuid4()))
    return answer(family_body(await submit(venue, intent, legs_of(asked, intent))))


async def submit(venue: Venue, intent: Intent, legs: Sequence[Intent] = ()) -> Family:
    """Put an order and its legs on the book, and return it as it then stands there."""
    await venue.paper.submit(intent, venue.now(), legs, venue.lag(intent.client_order_id))
    return await _family(venue, await venue.order(Wanted(client_order_id=intent.client_order_id)))


async def _family(venue: Venue, order: Listed) -> Family:
    (family,) = await venue.ledger.families([order])
    return family


async def list_orders(request: web.Request) -> web.Response:
    """Answer with the orders that are asked for, newest first."""
    venue = request.app[VENUE]
    wanted = wanted_of(request.query)
    await venue.paper.meet(venue.now())
    families = await venue.ledger.families(await venue.ledger.orders(wanted))
    if request.query.get("nested", "").lower() != "true":
        return answer([family_body(family) | {"legs": None} for family in families])
    return answer([family_body(family) for family in families if family.parent is None])


async def find(request: web.Request) -> web.Response:
    """Answer with the order under a client's id."""
    name = request.query.get("client_order_id")
    if not name:
        raise Unknown("order not found")
    venue = request.app[VENUE]
    return answer(family_body(await _family(venue, await venue.order(Wanted(client_order_id=name)))))


async def read(request: web.Request) -> web.Response:
    """Answer with the order under the exchange's number."""
    return answer(family_body(await _family(request.app[VENUE], await _asked(request))))


async def replace(request: web.Request) -> web.Response:
    """Put a new order in the place of an open one."""
    venue, old = request.app[VENUE], await _asked(request)
    asked = decoded(await request.read(), ReplaceRequest)
    intent = replacement_of(old, asked, venue.ledger.account, str(uuid4()))
    await venue.paper.replace(old.client_order_id, intent, venue.now(), venue.lag(intent.client_order_id))
    new = await venue.order(Wanted(client_order_id=intent.client_order_id))
    return answer(family_body(await _family(venue, new)))


async def cancel(request: web.Request) -> web.Response:
    """Take an open order off the book."""
    venue, order = request.app[VENUE], await _asked(request)
    if order.ended_at is not None or not await _canceled(venue, order):
        raise Refused(f'order is already in "{status(order)}" state')
    return web.Response(status=HTTPStatus.NO_CONTENT)


async def cancel_all(request: web.Request) -> web.Response:
    """Take every open order off the book; the answer has a state for each."""
    return answer(await canceled_all(request.app[VENUE]), HTTPStatus.MULTI_STATUS)


async def canceled_all(venue: Venue) -> list[dict[str, object]]:
    """Cancel every open order, and return the state that each request ended with."""
    await venue.paper.meet(venue.now())
    results: list[dict[str, object]] = []
    for order in await venue.ledger.orders(Wanted(open=True, oldest_first=True)):
        state = HTTPStatus.OK if await _canceled(venue, order) else HTTPStatus.UNPROCESSABLE_ENTITY
        results.append({"id": number(order.client_order_id), "status": state})
    return results


async def _canceled(venue: Venue, order: Listed) -> bool:
    return (await venue.paper.cancel(order.client_order_id, venue.now())).kind is Kind.CANCELED


async def _asked(request: web.Request) -> Listed:
    return await request.app[VENUE].order(Wanted(number=numbered(request.match_info["number"])))
