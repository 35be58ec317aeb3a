"""JSON over HTTP to one server, with caps on bytes and time; a status becomes an error that says what to do."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from http import HTTPStatus
from typing import Any, TypeVar

import msgspec
from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout, DummyCookieJar, InvalidURL

from stonks.model.errors import Malformed, Permanent, Refused, Throttled, Transient, Unreachable

S = TypeVar("S")

MOST_BYTES = 4_000_000
"""Of an answer; a longer one is not read."""

_GLANCE = timedelta(seconds=10)
"""How long the server may take to say something about itself."""
_CONNECTING = 5.0  # seconds
_CHUNK = 65_536
_LONGEST_TOLD = 200  # characters of the server's own words in an error
_UNTOLD_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(hours=1)


class Told(msgspec.Struct, frozen=True):
    """What servers say of an error: ``{"error": "..."}``, or OpenAI's object with a message."""

    error: str | dict[str, Any] | None = None

    @property
    def words(self) -> str:
        """The server's own words."""
        return str(self.error.get("message", "")) if isinstance(self.error, dict) else self.error or ""


class Asking:
    """Asks one server, and no other: redirects are not followed."""

    def __init__(self, session: ClientSession, base: str, key: str | None = None) -> None:
        """Ask at this base URL; the key stands in no error and no log line."""
        self._session, self._key = session, key
        self.base = base

    async def get(self, path: str) -> bytes:
        """Return what the server says of itself.

        Raises:
            Transient, Permanent: as ``Llm.identity``.
        """
        return await self._ask("GET", path, None, _GLANCE)

    async def post(self, path: str, body: object, patience: timedelta) -> bytes:
        """Return the answer to a request.

        Raises:
            Transient, Permanent: as ``Llm.generate``.
        """
        return await self._ask("POST", path, msgspec.json.encode(body), patience)

    def decoded(self, data: bytes, shape: type[S]) -> S:
        """Return an answer as what its JSON must be.

        Raises:
            Unreachable: it is something else, such as a proxy's page: whoever answered is no such server.
        """
        try:
            return msgspec.json.decode(data, type=shape)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as wrong:
            raise Unreachable(f"{self.base} does not answer as a model's server does: {type(wrong).__name__}") from None

    def shown(self, words: str) -> str:
        """Return a server's words as they may be shown: one short line, without the key."""
        words = " ".join(words.split())
        return (words.replace(self._key, "-") if self._key else words)[:_LONGEST_TOLD]

    async def _ask(self, method: str, path: str, body: bytes | None, patience: timedelta) -> bytes:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        try:
            async with self._session.request(
                method,
                f"{self.base}{path}",
                data=body,
                headers=headers,
                allow_redirects=False,
                timeout=ClientTimeout(total=patience.total_seconds(), sock_connect=_CONNECTING),
            ) as response:
                data = await self._read(response)
        except TimeoutError:
            raise Unreachable(f"{self.base}{path} gave no whole answer in {patience.total_seconds():.0f} s") from None
        except (ClientError, InvalidURL, OSError, ValueError) as error:
            raise Unreachable(f"{self.base}{path} cannot be reached: {type(error).__name__}") from None
        problem = self._error(response, data)
        if problem is not None:
            raise problem
        return data

    async def _read(self, response: ClientResponse) -> bytes:
        data = bytearray()
        async for chunk in response.content.iter_chunked(_CHUNK):
            data += chunk
            if len(data) > MOST_BYTES:
                raise Unreachable(f"{self.base} answers with more than {MOST_BYTES // 1_000_000} MB")
        return bytes(data)

    def _error(self, response: ClientResponse, data: bytes) -> Transient | Permanent | None:
        """Return what a status means, or None where it is good."""
        status = response.status
        if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            return None
        said = f"{self.base} answers {status}: {self._words(data)}"
        error: Transient | Permanent = Refused(said)
        match status:
            case HTTPStatus.BAD_REQUEST | HTTPStatus.REQUEST_ENTITY_TOO_LARGE | HTTPStatus.UNPROCESSABLE_ENTITY:
                error = Malformed(said)
            case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN:
                error = Refused(f"{self.base} refuses us ({status}): check STONKS_LLM_KEY")
            case HTTPStatus.TOO_MANY_REQUESTS:
                error = Throttled(said, _wait(response))
            case _ if status == HTTPStatus.REQUEST_TIMEOUT or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                error = Unreachable(said)
            case _:
                pass
        return error

    def _words(self, data: bytes) -> str:
        try:
            return self.shown(msgspec.json.decode(data, type=Told).words)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return "in no words of its own"


def _wait(response: ClientResponse) -> timedelta:
    """Return how long an answer asks to wait, within (0, 1 h]; a minute where it does not say it in seconds."""
    told = response.headers.get("Retry-After", "").strip()
    wait = timedelta(seconds=int(told)) if told.isascii() and told.isdigit() and len(told) <= 9 else _UNTOLD_WAIT  # noqa: PLR2004 - beyond it a timedelta ends
    return min(max(wait, timedelta(seconds=1)), _LONGEST_WAIT)


@asynccontextmanager
async def open_asking(base: str, key: str | None) -> AsyncIterator[Asking]:
    """Open what asks the server at a base URL; every connection ends with the block."""
    async with ClientSession(cookie_jar=DummyCookieJar(), trust_env=False) as session:
        yield Asking(session, base, key)
