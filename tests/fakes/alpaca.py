"""Alpaca's trading API on loopback, as far as we use it, with faults that can be asked for call by call."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from aiohttp import web

NOW = datetime(2025, 4, 14, 15, tzinfo=UTC)
"""When orders are placed, each a second after the one before."""

KEY, SECRET = "PKTESTKEY", "shh-this-is-secret"
_NEW_YORK = ZoneInfo("America/New_York")
_UNIQUE = {"code": 40010001, "message": "client_order_id must be unique"}
_ABSENT = {"code": 40410000, "message": "order not found"}
_DENIED = {"code": 40110000, "message": "request is not authorized"}
_UNTRADABLE = {"code": 42210000, "message": 'asset "NONE" not found'}
_WASH = {"code": 42210000, "message": "potential wash trade detected. use complex orders"}
_TIMES = "updated_at filled_at expired_at canceled_at failed_at replaced_at replaced_by replaces".split()

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Alpaca:
    """One account: orders, fills and faults.

    A fault of a call is used up by one: ``lost_*`` answers nothing useful before or after the call took effect.
    """

    def __init__(self) -> None:
        self.base = ""
        self.orders: dict[str, dict[str, Any]] = {}
        self.activities: list[dict[str, Any]] = []
        self.moves: list[dict[str, Any]] = []
        self.positions: list[dict[str, Any]] = []
        self.account: dict[str, Any] = {"account_number": "PA1", "status": "ACTIVE", "cash": "100000"}
        self.assets: dict[str, dict[str, Any] | None] = {}
        self.faults: dict[str, list[str]] = defaultdict(list)
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self.posted: list[dict[str, Any]] = []
        self.reset_at: datetime | None = None

    # ---------------------------------------------------------------------------------------- what happens

    def fill(self, order_id: str, quantity: str, price: str, at: datetime, number: int = 0) -> str:
        """Trade a part of an order; the activity's id has New York's time of day, as Alpaca's have."""
        order = self.orders[order_id]
        local = at.astimezone(_NEW_YORK)
        activity = {
            "id": f"{local:%Y%m%d%H%M%S}{local.microsecond // 1000:03}::{UUID(int=number)}",
            "activity_type": "FILL",
            "transaction_time": stamp(at),
            "type": "fill",
            "price": price,
            "qty": quantity,
            "side": order["side"],
            "symbol": order["symbol"],
            "order_id": order_id,
        }
        self.activities = sorted([*self.activities, activity], key=lambda each: str(each["id"]))
        paid = Decimal(quantity) * Decimal(price)
        cash = Decimal(self.account["cash"]) + (-paid if order["side"] == "buy" else paid)
        self.account["cash"] = f"{cash:f}"
        self.count(order_id, quantity, price, at)
        return str(activity["id"])

    def count(self, order_id: str, quantity: str, price: str, at: datetime) -> None:
        """Have an order say that it traded so many shares more, whether or not there is an activity of it."""
        order = self.orders[order_id]
        before, more = Decimal(order["filled_qty"]), Decimal(quantity)
        spent = before * Decimal(order["filled_avg_price"] or 0) + more * Decimal(price)
        total = before + more
        state = {"status": "filled" if total >= Decimal(order["qty"]) else "partially_filled"}
        if order["status"] in {"canceled", "expired", "replaced"}:
            state = {"status": order["status"]}
        figures = {"filled_qty": str(total), "filled_avg_price": f"{spent / total:.6f}"}
        order |= state | figures | {"filled_at": stamp(at), "updated_at": stamp(at)}

    def place(self, **asked: Any) -> dict[str, Any]:  # noqa: ANN401 - as JSON has it
        """Put an order on the book."""
        number = len(self.orders) + 1
        at = stamp(NOW + timedelta(seconds=number))
        order: dict[str, Any] = {
            **dict.fromkeys(_TIMES),
            "id": str(UUID(int=number)),
            "client_order_id": f"by-hand-{number}",
            "created_at": at,
            "submitted_at": at,
            "symbol": "AAPL",
            "side": "buy",
            "qty": "10",
            "notional": None,
            "filled_qty": "0",
            "filled_avg_price": None,
            "order_class": "simple",
            "type": "market",
            "time_in_force": "day",
            "status": "accepted",
            "legs": None,
            **asked,
        }
        self.orders[order["id"]] = order
        return order

    def replace(self, order_id: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - as JSON has it
        """Put an order in another's place, as Alpaca does with a stop that was triggered."""
        old = self.orders[order_id]
        kept = {name: old[name] for name in ("symbol", "side", "qty", "type", "time_in_force")}
        new = self.place(**kept | {"replaces": order_id} | changes)
        old |= {"status": "replaced", "replaced_by": new["id"], "replaced_at": stamp(NOW)}
        return new

    def end(self, order_id: str, status: str, at: datetime = NOW) -> None:
        """End an order."""
        self.orders[order_id] |= {"status": status, f"{status}_at": stamp(at), "updated_at": stamp(at)}

    # ---------------------------------------------------------------------------------------- HTTP

    def application(self) -> web.Application:
        """Return what serves the API."""
        served = web.Application()
        calls: list[tuple[str, str, str, Answer]] = [
            ("POST", "/v2/orders", "submit", self._submit),
            ("GET", "/v2/orders", "orders", self._list),
            ("GET", "/v2/orders:by_client_order_id", "lookup", self._look_up),
            ("GET", "/v2/orders/{id}", "get", self._get),
            ("DELETE", "/v2/orders/{id}", "cancel", self._cancel),
            ("GET", "/v2/account", "account", self._account),
            ("GET", "/v2/positions", "positions", self._positions),
            ("GET", "/v2/assets/{symbol}", "asset", self._asset),
            ("GET", "/v2/account/activities/FILL", "activities", self._fills),
            ("GET", "/v2/account/activities", "moves", self._moves),
        ]
        for method, path, name, answer in calls:
            served.router.add_route(method, path, self._faulty(name, answer))
        return served

    def _faulty(self, name: str, answer: Answer) -> Answer:
        async def handle(request: web.Request) -> web.StreamResponse:
            self.asked.append((name, request.path, dict(request.query)))
            known = request.headers.get("APCA-API-SECRET-KEY") == SECRET
            fault = self.faults[name].pop(0) if known and self.faults[name] else ""
            if fault.endswith("_before"):
                return await broken(request, fault.removesuffix("_before"))
            if not known or fault == "denied":
                return web.json_response(_DENIED, status=401)
            if fault == "throttled":
                return web.json_response({"message": "too many requests."}, status=429, headers=self._wait())
            if fault == "wash":
                return web.json_response(_WASH, status=422)
            answered = await answer(request)
            if fault == "wash_after":
                return web.json_response(_WASH, status=422)
            return await broken(request, fault.removesuffix("_after")) if fault else answered

        return handle

    def _wait(self) -> dict[str, str]:
        if self.reset_at is None:
            return {"Retry-After": "7"}
        return {"X-RateLimit-Reset": f"{self.reset_at.timestamp():.0f}", "Date": format_datetime(NOW, usegmt=True)}

    async def _submit(self, request: web.Request) -> web.Response:
        asked = await request.json()
        self.posted.append(asked)
        if any(order["client_order_id"] == asked["client_order_id"] for order in self.orders.values()):
            return web.json_response(_UNIQUE, status=422)
        if asked["symbol"] == "NONE":
            return web.json_response(_UNTRADABLE, status=422)
        if asked["symbol"] == "DEAR":
            poor = {"code": 40310000, "message": f"insufficient buying power for {SECRET}"}
            return web.json_response(poor, status=403)
        return web.json_response(self.place(**asked))

    async def _list(self, request: web.Request) -> web.Response:
        ended = {"filled", "canceled", "expired", "rejected", "replaced"}
        asked = request.query
        found = [
            order
            for order in self.orders.values()
            if (order["status"] in ended) is (asked["status"] == "closed")
            and datetime.fromisoformat(order["submitted_at"]) > datetime.fromisoformat(asked["after"])
        ]
        return web.json_response(found[: int(asked["limit"])])

    async def _look_up(self, request: web.Request) -> web.Response:
        name = request.query["client_order_id"]
        found = [order for order in self.orders.values() if order["client_order_id"] == name]
        return web.json_response(found[0]) if found else web.json_response(_ABSENT, status=404)

    async def _get(self, request: web.Request) -> web.Response:
        order = self.orders.get(request.match_info["id"])
        return web.json_response(order) if order else web.json_response(_ABSENT, status=404)

    async def _cancel(self, request: web.Request) -> web.Response:
        order = self.orders[request.match_info["id"]]
        if order["status"] in {"filled", "canceled"}:
            return web.json_response({"code": 42210000, "message": "order is not cancelable"}, status=422)
        self.end(order["id"], "canceled")
        return web.Response(status=204)

    async def _account(self, _: web.Request) -> web.Response:
        return web.json_response(self.account)

    async def _positions(self, _: web.Request) -> web.Response:
        return web.json_response(self.positions)

    async def _asset(self, request: web.Request) -> web.Response:
        listed = self.assets.get(request.match_info["symbol"], {"status": "active", "tradable": True})
        if listed is None:
            return web.json_response({"code": 40410000, "message": "asset not found"}, status=404)
        return web.json_response({"symbol": request.match_info["symbol"]} | listed)

    async def _fills(self, request: web.Request) -> web.Response:
        asked = request.query
        assert asked["direction"] == "asc"
        after = datetime.fromisoformat(asked["after"]) if "after" in asked else datetime.min.replace(tzinfo=UTC)
        found = [each for each in self.activities if datetime.fromisoformat(each["transaction_time"]) > after]
        if "page_token" in asked:
            ids = [each["id"] for each in found]
            found = found[ids.index(asked["page_token"]) + 1 :]
        return web.json_response(found[: int(asked["page_size"])])

    async def _moves(self, request: web.Request) -> web.Response:
        asked = request.query
        found = [each for each in self.moves if str(each["date"]) > asked.get("after", "")]
        ids = [each["id"] for each in found]
        start = ids.index(asked["page_token"]) + 1 if "page_token" in asked else 0
        return web.json_response(found[start : start + int(asked["page_size"])])


async def broken(request: web.Request, fault: str) -> web.StreamResponse:
    """Answer with nothing that says anything."""
    match fault:
        case "reset":
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        case "empty":
            return web.Response(body=b"", headers={"Content-Type": "application/json"})
        case "page":
            return web.Response(text="<html>hello from a proxy</html>", status=404, content_type="text/html")
        case "slow":
            await asyncio.sleep(1)
            return web.json_response({})
        case "other":
            return web.json_response({"what": "ever"})
        case status:
            return web.Response(text="upstream", status=int(status))


def stamp(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


@asynccontextmanager
async def open_exchange() -> AsyncIterator[Alpaca]:
    """Serve an account on a free port of loopback."""
    account = Alpaca()
    runner = web.AppRunner(account.application(), shutdown_timeout=0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    account.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield account
    finally:
        await runner.cleanup()
