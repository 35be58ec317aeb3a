"""The stream of trade updates: what happens to orders, told to every client that listens. A hint, never the books."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from decimal import Decimal

import msgspec
from aiohttp import WSCloseCode, WSMsgType, web

from stonks.adapters.broker.deeds import Deed
from stonks.adapters.broker.exchange.asking import decoded
from stonks.adapters.broker.exchange.faults import StreamFault
from stonks.adapters.broker.exchange.ledger import Ledger, Listed, number
from stonks.adapters.broker.exchange.wire import Body, amount, order_body
from stonks.model.errors import Malformed, Unreachable

_STREAM = "trade_updates"
_HEARTBEAT = 20.0  # seconds between pings
Listeners = tuple[web.WebSocketResponse, ...]


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What a client says on the stream."""

    action: str
    data: dict[str, object] = {}


class Updates:
    """Hears deeds, and sends each to whoever listens."""

    def __init__(self, ledger: Ledger) -> None:
        """Begin with nobody listening."""
        self._ledger = ledger
        self._heard: asyncio.Queue[tuple[Deed, Listeners]] = asyncio.Queue()
        self._listening: set[web.WebSocketResponse] = set()
        self._open: set[web.WebSocketResponse] = set()
        self._faults: Counter[StreamFault] = Counter()
        self._held: bytes | None = None
        self.somebody = asyncio.Event()
        """Set once a client has begun to listen."""

    def hear(self, deeds: Sequence[Deed]) -> None:
        """Note what happened, to be told in this order to those who listen now."""
        for deed in deeds:
            self._heard.put_nowait((deed, tuple(self._listening)))

    async def tell(self) -> None:
        """Tell what was heard until cancelled."""
        while True:
            deed, listeners = await self._heard.get()
            with suppress(Unreachable):  # the books know it, and who missed it reads them
                frame = msgspec.json.encode({"stream": _STREAM, "data": await self._body(deed)})
                for sent in self._faulted(frame):
                    await _send(sent, listeners)

    async def fault(self, kind: StreamFault, times: int) -> None:
        """Drop every connection at once, or treat the next updates otherwise than they should be."""
        if kind is StreamFault.DROPPED:
            await self.close()
        else:
            self._faults[kind] += times

    async def close(self) -> None:
        """Close every connection; clients may come back."""
        for socket in tuple(self._open):
            await socket.close(code=WSCloseCode.GOING_AWAY)

    async def clear(self) -> None:
        """Have no faults any more; an update that was held back is sent."""
        self._faults.clear()
        held, self._held = self._held, None
        if held is not None:
            await _send(held, tuple(self._listening))

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Talk with one client: it shows its key, says what it listens to, and then only hears."""
        socket = web.WebSocketResponse(heartbeat=_HEARTBEAT)
        await socket.prepare(request)
        self._open.add(socket)
        try:
            await self._talk(socket)
        finally:
            self._open.discard(socket)
            self._listening.discard(socket)
        return socket

    async def _talk(self, socket: web.WebSocketResponse) -> None:
        known = False
        async for message in socket:
            if message.type not in {WSMsgType.TEXT, WSMsgType.BINARY}:
                break
            try:
                said = decoded(message.data if isinstance(message.data, bytes) else message.data.encode(), Said)
            except Malformed:
                break
            if said.action in {"authenticate", "auth"}:
                known = _has_key(said)
                state = "authorized" if known else "unauthorized"
                await _reply(socket, "authorization", {"status": state, "action": "authenticate"})
            elif said.action == "listen" and known and _STREAM in _streams(said):
                self._listening.add(socket)
                await _reply(socket, "listening", {"streams": [_STREAM]})
                self.somebody.set()
            else:
                await _reply(socket, "authorization", {"status": "unauthorized", "action": said.action})

    def _faulted(self, frame: bytes) -> list[bytes]:
        """Return what is sent instead of a frame."""
        if self._take(StreamFault.MUTED):
            return []
        if self._held is not None:
            held, self._held = self._held, None
            return [frame, held]
        if self._take(StreamFault.REORDERED):
            self._held = frame
            return []
        return [frame, frame] if self._take(StreamFault.DUPLICATED) else [frame]

    def _take(self, kind: StreamFault) -> bool:
        had = self._faults[kind] > 0
        self._faults[kind] -= had
        return had

    async def _body(self, deed: Deed) -> Body:
        average, at = await self._average(deed)
        order = Listed(**msgspec.structs.asdict(deed.order), average_price=average, filled_at=at)
        body: Body = {"event": deed.event, "timestamp": deed.at, "order": order_body(order)}
        if deed.trade is None:
            return body
        return {
            **body,
            "execution_id": number(deed.trade.execution_id),
            "price": amount(deed.trade.price),
            "qty": amount(deed.trade.quantity),
            "position_qty": amount(deed.position),
        }

    async def _average(self, deed: Deed) -> tuple[Decimal | None, datetime | None]:
        """Return what the order's shares cost on average up to a deed, and when it traded last."""
        trades = [trade for trade in await self._ledger.trades(deed.order.client_order_id) if trade.at <= deed.at]
        shares = sum((trade.quantity for trade in trades), Decimal(0))
        paid = sum((trade.quantity * trade.price for trade in trades), Decimal(0))
        return (paid / shares, trades[-1].at) if shares else (None, None)


async def _send(frame: bytes, listeners: Listeners) -> None:
    for socket in listeners:
        with suppress(ConnectionError):
            await socket.send_bytes(frame)


def _has_key(said: Said) -> bool:
    return bool(said.data.get("key_id") and said.data.get("secret_key")) or bool(
        said.data.get("key") and said.data.get("secret")
    )


def _streams(said: Said) -> Sequence[object]:
    streams = said.data.get("streams")
    return streams if isinstance(streams, list) else []


async def _reply(socket: web.WebSocketResponse, stream: str, data: Body) -> None:
    await socket.send_bytes(msgspec.json.encode({"stream": stream, "data": data}))
