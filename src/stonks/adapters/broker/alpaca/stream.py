"""Alpaca's stream of trade updates, as a hint: it replays nothing that was missed, so what it says is never booked."""

import asyncio
from datetime import timedelta

import msgspec
from aiohttp import ClientError, ClientWebSocketResponse, ClientWSTimeout, WSMsgType

from stonks.adapters.broker.alpaca.wire import Outlet

_STREAM = "trade_updates"
SPACING = timedelta(seconds=5)
"""Between hints, so that looking stays within its share of the rate."""

_QUIET = 0.1  # seconds without an update that end a burst of them
_LONGEST_BURST = 2.0
_CONNECTING = 10.0
_CLOSING = 1.0
_HEARTBEAT = 20.0
_WORDS = {WSMsgType.TEXT, WSMsgType.BINARY}
_MOST_BYTES = 1_000_000
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0


class _Frame(msgspec.Struct, frozen=True):
    stream: str
    data: msgspec.Raw = msgspec.Raw(b"null")


class _Granted(msgspec.Struct, frozen=True):
    status: str


class TradeUpdates:
    """Listens while somebody waits; connects when it must, after a pause that doubles up to a minute."""

    def __init__(self, outlet: Outlet, base: str, spacing: timedelta = SPACING) -> None:
        """Listen at the stream that belongs to this base URL, on the outlet's session."""
        self._outlet, self._spacing = outlet, spacing.total_seconds()
        self._url = f"{base.replace('http', 'ws', 1)}/stream"
        self._socket: ClientWebSocketResponse | None = None
        self._pause = _FIRST_PAUSE
        self._not_before = 0.0
        self._next_hint = 0.0

    async def news(self) -> None:
        """Return when something may have happened: an update came, or there is a connection again.

        While there is no stream it does not return. A wait may be cancelled at any time, by someone who then looks
        anyway; updates that come between two waits are news to the second.
        """
        while not await self._heard():
            pass
        loop = asyncio.get_running_loop()
        await asyncio.sleep(self._next_hint - loop.time())
        self._next_hint = loop.time() + self._spacing

    @property
    def stands(self) -> bool:
        """Whether there is a connection that has not ended; one whose other end is silent ends within 30 seconds."""
        return self._socket is not None and not self._socket.closed

    async def aclose(self) -> None:
        """End the stream, where there is one."""
        socket, self._socket = self._socket, None
        if socket is not None:
            await socket.close()

    async def _heard(self) -> bool:
        """Return whether there is news; without it, the stream has been lost."""
        if self._socket is None:
            return await self._connected()
        if not await self._update(self._socket):
            return False
        await self._burst(self._socket)
        return True

    async def _burst(self, socket: ClientWebSocketResponse) -> None:
        """Wait until no more updates come at once, but not for long."""
        loop = asyncio.get_running_loop()
        until, more = loop.time() + _LONGEST_BURST, True
        while more and loop.time() < until:
            try:
                more = await asyncio.wait_for(self._update(socket), _QUIET)
            except TimeoutError:
                more = False

    async def _update(self, socket: ClientWebSocketResponse) -> bool:
        """Wait for one message; whatever it says, it is a hint, and its end is the end of the stream."""
        message = await socket.receive()
        if message.type in _WORDS:
            self._pause = _FIRST_PAUSE
            return True
        await self.aclose()
        return False

    async def _connected(self) -> bool:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(self._not_before - loop.time())
        self._not_before = loop.time() + self._pause
        self._pause = min(2 * self._pause, _LONGEST_PAUSE)
        try:
            async with asyncio.timeout(_CONNECTING):
                self._socket = await self._open()
        except (ClientError, TimeoutError, OSError, ValueError):
            return False
        return self._socket is not None

    async def _open(self) -> ClientWebSocketResponse | None:
        closing = ClientWSTimeout(ws_close=_CLOSING)  # pyright: ignore[reportCallIssue] # it does not know attrs
        socket = await self._outlet.session.ws_connect(
            self._url, heartbeat=_HEARTBEAT, max_msg_size=_MOST_BYTES, timeout=closing
        )
        listening = False
        try:
            listening = await self._listens(socket)
        finally:
            if not listening:
                await socket.close()
        return socket if listening else None

    async def _listens(self, socket: ClientWebSocketResponse) -> bool:
        """Show our keys and say what we want to hear; return whether we do."""
        keys = self._outlet.keys
        shown = {"key_id": keys.id.get_secret_value(), "secret_key": keys.secret.get_secret_value()}
        await socket.send_bytes(msgspec.json.encode({"action": "authenticate", "data": shown}))
        if not await _granted(socket):
            return False
        await socket.send_bytes(msgspec.json.encode({"action": "listen", "data": {"streams": [_STREAM]}}))
        return (await socket.receive()).type in _WORDS


async def _granted(socket: ClientWebSocketResponse) -> bool:
    """Return whether the stream lets us listen."""
    message = await socket.receive()
    try:
        frame = msgspec.json.decode(message.data, type=_Frame)
        return frame.stream == "authorization" and msgspec.json.decode(frame.data, type=_Granted).status == "authorized"
    except (msgspec.DecodeError, TypeError, UnicodeDecodeError):
        return False
