"""Positions over HTTP: look at them, and close one or all at the market."""

from decimal import ROUND_FLOOR, Decimal
from http import HTTPStatus
from uuid import uuid4

from aiohttp import web

from stonks.adapters.broker.exchange.answers import answer
from stonks.adapters.broker.exchange.asking import OrderRequest, amount_of, intent_of
from stonks.adapters.broker.exchange.ledger import Family, Listed, Wanted
from stonks.adapters.broker.exchange.orders import canceled_all, submit
from stonks.adapters.broker.exchange.venue import VENUE, Unknown, Venue
from stonks.adapters.broker.exchange.wire import Body, amount, asset_number, family_body
from stonks.adapters.broker.exchange.worth import Line, worth
from stonks.adapters.broker.paper import Insufficient, promised
from stonks.model.order import Side


def routes() -> list[web.RouteDef]:
    """Return the routes of positions."""
    return [
        web.get("/v2/positions", list_positions, allow_head=False),
        web.delete("/v2/positions", close_all),
        web.get("/v2/positions/{symbol}", read, allow_head=False),
        web.delete("/v2/positions/{symbol}", close),
    ]


async def list_positions(request: web.Request) -> web.Response:
    """Answer with every position that is open."""
    return answer([body for _, body in await _bodies(request.app[VENUE])])


async def read(request: web.Request) -> web.Response:
    """Answer with the position in one symbol."""
    _, body = await _asked(request)
    return answer(body)


async def close(request: web.Request) -> web.Response:
    """Sell a position at the market: all of it, a quantity, or a percentage in whole shares."""
    line, _ = await _asked(request)
    held, query = line.position.quantity, request.query
    quantity = amount_of(query["qty"]) if "qty" in query else held
    if "percentage" in query:
        quantity = (held * amount_of(query["percentage"]) / 100).to_integral_value(ROUND_FLOOR)
    return answer(family_body(await _sold(request.app[VENUE], line, quantity)))


async def close_all(request: web.Request) -> web.Response:
    """Sell every position at the market, open orders canceled first where asked; the answer has a state for each."""
    venue = request.app[VENUE]
    if request.query.get("cancel_orders", "").lower() == "true":
        await canceled_all(venue)
    return answer([await _closing(venue, line) for line, _ in await _bodies(venue)], HTTPStatus.MULTI_STATUS)


async def _closing(venue: Venue, line: Line) -> Body:
    symbol = line.position.ticker
    try:
        body = family_body(await _sold(venue, line, line.position.quantity))
    except Insufficient as short:
        refusal = {"code": 40310000, "message": str(short), "symbol": symbol}
        return {"symbol": symbol, "status": HTTPStatus.FORBIDDEN, "body": refusal}
    return {"symbol": symbol, "status": HTTPStatus.OK, "body": body}


async def _sold(venue: Venue, line: Line, quantity: Decimal) -> Family:
    asked = OrderRequest(symbol=line.position.ticker, side=Side.SELL, type="market", time_in_force="day", qty=quantity)
    return await submit(venue, intent_of(asked, venue.ledger.account, str(uuid4())))


async def _asked(request: web.Request) -> tuple[Line, Body]:
    venue = request.app[VENUE]
    ticker = venue.ticker(request.match_info["symbol"])
    for line, body in await _bodies(venue):
        if line.position.ticker == ticker:
            return line, body
    raise Unknown("position does not exist")


async def _bodies(venue: Venue) -> list[tuple[Line, Body]]:
    lines = (await worth(venue)).lines
    working = await venue.ledger.orders(Wanted(open=True, side=Side.SELL))
    return [(line, _body(line, [order for order in working if order.ticker == line.position.ticker])) for line in lines]


def _body(line: Line, selling: list[Listed]) -> Body:
    position, gain = line.position, line.value - line.cost
    eve = line.eve_price
    return {
        "asset_id": asset_number(position.ticker),
        "symbol": position.ticker,
        "exchange": "",
        "asset_class": "us_equity",
        "asset_marginable": False,
        "side": "long",
        "qty": amount(position.quantity),
        "qty_available": amount(position.quantity - promised(position.ticker, selling)),
        "avg_entry_price": amount(position.average_price),
        "market_value": amount(line.value),
        "cost_basis": amount(line.cost),
        "unrealized_pl": amount(gain),
        "unrealized_plpc": amount(gain / line.cost),
        "unrealized_intraday_pl": amount(line.day_gain),
        "unrealized_intraday_plpc": amount(line.day_gain / line.cost if line.day_gain is not None else None),
        "current_price": amount(line.price),
        "lastday_price": amount(eve),
        "change_today": amount(line.price / eve - 1 if eve else None),
    }
