"""HTTP to one trading API: within its rate, capped in bytes and time, and never more certain than its answer is."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from http import HTTPStatus

import msgspec
from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout, DummyCookieJar, InvalidURL
from pydantic import SecretStr

from stonks.adapters.broker.alpaca.reply import Reply, told_wait
from stonks.model.errors import Throttled, Unreachable
from stonks.ports.budget import Budget, Rate

MOST_BYTES = 8_000_000
"""Of an answer; a longer one is not read."""

_MINUTE = timedelta(minutes=1)
_CONNECTING = 3.05  # seconds
_CHUNK = 65_536


class Purpose(StrEnum):
    """What a request is for: each has a share of the rate that the others cannot use up."""

    ENTRY = "entry"
    QUERY = "query"
    EXIT = "exit"
    """Orders that only reduce, and cancels."""
    PRICE = "price"
    """Market data, whose service counts for itself, together with the sources that read from it."""


class Share(msgspec.Struct, frozen=True):
    """A bucket of the shared budget, and how fast it fills."""

    bucket: str
    rate: Rate


TRADING = {
    Purpose.ENTRY: Share("broker:entry", Rate(tokens=60, per=_MINUTE, burst=10)),
    Purpose.QUERY: Share("broker:query", Rate(tokens=45, per=_MINUTE, burst=10)),
    Purpose.EXIT: Share("broker:exit", Rate(tokens=45, per=_MINUTE, burst=10)),
}
"""Of the 200 requests a minute that Alpaca allows an account, 150 and the bursts are used."""


class Keys(msgspec.Struct, frozen=True, kw_only=True):
    """What identifies us; shown nowhere."""

    id: SecretStr
    secret: SecretStr

    def headers(self) -> dict[str, str]:
        """Return the headers that carry them."""
        return {"APCA-API-KEY-ID": self.id.get_secret_value(), "APCA-API-SECRET-KEY": self.secret.get_secret_value()}

    def hide(self, words: str) -> str:
        """Return words without the keys, should they stand in them."""
        for key in (self.id, self.secret):
            words = words.replace(key.get_secret_value() or "\0", "-")
        return words


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """How long one request may wait for its turn, and how long for its answer."""

    turn: timedelta = timedelta(seconds=20)
    answer: timedelta = timedelta(seconds=10)


PACE = Pace()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """What requests go out through; whoever opened the session closes it."""

    session: ClientSession
    keys: Keys
    budget: Budget
    pace: Pace = PACE


class Wire:
    """Asks one server, and no other: redirects are not followed, and no POST is ever sent twice."""

    def __init__(self, outlet: Outlet, base: str, shares: Mapping[Purpose, Share]) -> None:
        """Ask at this base URL, within these shares of its rate."""
        self._outlet, self._shares = outlet, shares
        self.base = base

    async def ask(
        self,
        method: str,
        path: str,
        purpose: Purpose,
        *,
        parameters: Mapping[str, str] | None = None,
        body: object = None,
    ) -> Reply:
        """Return whatever the server answered, good or bad; a request whose answer is lost may have arrived.

        Raises:
            Unreachable: there was no whole answer in time, or nobody counts the rate.
            Throttled: it was not taken, because the rate is spent or the server says so.
        """
        await self._take_turn(purpose)
        reply = await self._send(method, path, parameters, body)
        if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
            wait = told_wait(reply.headers)
            for share in self._shares.values():
                await self._outlet.budget.hold(share.bucket, share.rate, wait)
            raise Throttled(f"{self.base} asks us to slow down", wait)
        return reply

    async def _take_turn(self, purpose: Purpose) -> None:
        """Wait until it may be asked."""
        share, left = self._shares[purpose], self._outlet.pace.turn
        while wait := await self._outlet.budget.take(share.bucket, share.rate):
            if wait > left:
                raise Throttled(f"the budget {share.bucket} is spent", wait)
            left -= wait
            await asyncio.sleep(wait.total_seconds())

    async def _send(self, method: str, path: str, parameters: Mapping[str, str] | None, body: object) -> Reply:
        timeout = ClientTimeout(total=self._outlet.pace.answer.total_seconds(), sock_connect=_CONNECTING)
        data = None if body is None else msgspec.json.encode(body)
        headers = {"Accept": "application/json", "Content-Type": "application/json", **self._outlet.keys.headers()}
        try:
            async with self._outlet.session.request(
                method,
                f"{self.base}{path}",
                params=parameters,
                data=data,
                headers=headers,
                allow_redirects=False,
                timeout=timeout,
            ) as response:
                read = await self._read(response)
                told = {name.lower(): value for name, value in response.headers.items()}
                return Reply(
                    url=f"{self.base}{path}",
                    status=response.status,
                    headers=told,
                    body=read,
                    hide=self._outlet.keys.hide,
                )
        except TimeoutError:
            raise Unreachable(f"{self.base}{path} gave no whole answer in time") from None
        except (ClientError, InvalidURL, OSError, ValueError) as error:
            # The driver's words may repeat headers or the URL; its type says enough.
            raise Unreachable(f"{self.base}{path} cannot be reached: {type(error).__name__}") from None

    async def _read(self, response: ClientResponse) -> bytes:
        data = bytearray()
        async for chunk in response.content.iter_chunked(_CHUNK):
            data += chunk
            if len(data) > MOST_BYTES:
                raise Unreachable(f"{self.base} answers with more than {MOST_BYTES // 1_000_000} MB")
        return bytes(data)


@asynccontextmanager
async def open_session() -> AsyncIterator[ClientSession]:
    """Open what requests travel on; without cookies, and without a proxy of the environment."""
    async with ClientSession(cookie_jar=DummyCookieJar(), trust_env=False) as session:
        yield session
