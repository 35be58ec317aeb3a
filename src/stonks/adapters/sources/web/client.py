"""One poll's HTTP: waits its turn, asks, follows what may be followed, and keeps each answer before it is read."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple
from urllib.parse import urlencode, urljoin

from aiohttp import ClientError, ClientPayloadError, ClientResponse, ClientSession, ClientTimeout, InvalidURL

from stonks.adapters.sources.web.answer import Due, WebAnswer, check_kind, error_of, without_secrets
from stonks.adapters.sources.web.body import Body, read_body
from stonks.adapters.sources.web.connection import Gate, open_guarded, open_trusted
from stonks.adapters.sources.web.guard import Target, check_url, read_url
from stonks.model.errors import Malformed, Refused, Throttled, Unreachable
from stonks.model.identity import content_hash, object_key
from stonks.ports.budget import Budget, Rate
from stonks.ports.clock import Clock
from stonks.ports.sources import Keep, SourceAnswer

POLITE = Rate(tokens=1, per=timedelta(seconds=1), burst=2)
"""How fast any one server is asked that did not say how fast it may be."""

_MOST_REDIRECTS = 3
_REDIRECTS = {301, 302, 303, 307, 308}
_TOLD = "cache-control content-encoding content-type date etag last-modified location retry-after".split()
_CHUNK = 65_536


class OutOfTime(Throttled):
    """Raised when a poll's share of time or of a budget is over; nothing is wrong, it goes on at the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A server that the settings name: trusted for its host and port, asked no faster than its rate."""

    name: str
    base: str
    rate: Rate = POLITE
    setting: str
    """The setting to look at when it refuses us."""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Headers with keys; sent nowhere else."""
    agent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlets:
    """What a poll's HTTP stands on."""

    clock: Clock
    keep: Keep
    budget: Budget
    agent: str = "stonks-oracle"
    gate: Gate = field(default_factory=Gate)
    patience: timedelta = timedelta(seconds=40)
    """How long a poll goes on asking; its job has a deadline of 60 seconds."""
    timeout: timedelta = timedelta(seconds=15)
    """How long one answer may take."""


class Hop(NamedTuple):
    """One request on the way to an answer."""

    target: Target
    endpoint: Endpoint | None

    @property
    def bucket(self) -> tuple[str, Rate]:
        """The budget that this request counts against."""
        return (self.endpoint.name, self.endpoint.rate) if self.endpoint else (f"web:{self.target.host}", POLITE)


class Web:
    """Asks endpoints and, behind the guard, URLs found in data; ``answers`` lists everything that was answered."""

    def __init__(self, outlets: Outlets, trusted: ClientSession, guarded: ClientSession) -> None:
        """Ask through these sessions, which someone else closes."""
        self._outlets = outlets
        self._trusted, self._guarded = trusted, guarded
        self._until = asyncio.get_running_loop().time() + outlets.patience.total_seconds()
        self._keys: set[str] = set()
        self.now = outlets.clock.now()
        self.answers: list[SourceAnswer] = []

    async def ask(
        self,
        endpoint: Endpoint,
        path: str = "",
        parameters: Mapping[str, str] | None = None,
        *,
        due: Due,
        validators: Mapping[str, str] | None = None,
    ) -> WebAnswer:
        """Return an endpoint's answer.

        Raises:
            Transient: no usable answer, or the request to wait; OutOfTime where the poll may not wait so long.
            Permanent: a refusal, or an answer that is not what was due; Missing where there is nothing.
        """
        self._keys |= {secret.rpartition(" ")[2] for secret in endpoint.secrets.values()}
        query = f"?{urlencode(parameters)}" if parameters else ""
        return await self._answer(Hop(read_url(f"{endpoint.base}{path}{query}"), endpoint), due, validators or {})

    async def follow(
        self, url: str, home: Endpoint | None = None, *, due: Due, validators: Mapping[str, str] | None = None
    ) -> WebAnswer:
        """Return what a URL found in data leads to; one that leads to the endpoint's own server is as trusted as that.

        Raises:
            Refused: it may not be asked for.
            Transient, Permanent: as ``ask``.
        """
        return await self._answer(self._hop(url, home), due, validators or {})

    def _hop(self, url: str, home: Endpoint | None) -> Hop:
        if home is not None and read_url(url).origin == read_url(home.base).origin:
            return Hop(read_url(url), home)
        return Hop(check_url(url, ports=self._outlets.gate.ports), None)

    async def _answer(self, hop: Hop, due: Due, validators: Mapping[str, str]) -> WebAnswer:
        answer, redirects = await self._once(hop, due, validators), 0
        while answer.status in _REDIRECTS:
            hop, redirects = self._next(hop, answer), redirects + 1
            if redirects > _MOST_REDIRECTS:
                raise Refused(f"{answer.url}: more than {_MOST_REDIRECTS} redirects")
            answer = await self._once(hop, due, validators)
        error = error_of(answer, hop.endpoint.setting if hop.endpoint else "whether the page may be read at all")
        if isinstance(error, Throttled):
            name, rate = hop.bucket
            await self._outlets.budget.hold(name, rate, error.retry_after)
        if error is not None:
            raise error
        if not answer.unchanged:
            check_kind(answer, due)
        return answer

    def _next(self, hop: Hop, answer: WebAnswer) -> Hop:
        """Return where a redirect leads: checked anew, and without the endpoint's keys once it leaves its server."""
        location = answer.headers.get("location")
        if not location:
            raise Malformed(f"{answer.url}: a redirect to nowhere")
        following = self._hop(urljoin(hop.target.url, location), hop.endpoint)
        if hop.target.scheme == "https" and following.target.scheme != "https":
            raise Refused(f"{answer.url}: a redirect from https to http is not followed")
        return following

    async def _once(self, hop: Hop, due: Due, validators: Mapping[str, str]) -> WebAnswer:
        await self._take_turn(hop)
        session = self._trusted if hop.endpoint else self._guarded
        timeout = ClientTimeout(total=self._outlets.timeout.total_seconds())
        try:
            async with (
                session.get(
                    hop.target.url, headers=self._headers(hop, due, validators), allow_redirects=False, timeout=timeout
                ) as response,
                aclosing(_chunks(response)) as chunks,
            ):
                body = await read_body(chunks, response.headers.get("Content-Encoding", ""))
        except (ClientError, InvalidURL, TimeoutError, OSError, ValueError) as error:
            # The driver's words may repeat the URL with all that is in it; its type says enough.
            raise Unreachable(f"{self._shown(hop.target.url)} cannot be reached: {type(error).__name__}") from None
        return await self._keep(hop, response, body)

    def _headers(self, hop: Hop, due: Due, validators: Mapping[str, str]) -> dict[str, str]:
        accepted = {Due.JSON: "application/json", Due.XML: "application/xml, */*;q=0.8"}.get(
            due, "text/html, */*;q=0.5"
        )
        secrets = hop.endpoint.secrets if hop.endpoint else {}
        agent = hop.endpoint.agent if hop.endpoint and hop.endpoint.agent else self._outlets.agent
        plain = {"User-Agent": agent, "Accept": accepted, "Accept-Encoding": "gzip, deflate"}
        return plain | dict(validators) | dict(secrets)

    async def _keep(self, hop: Hop, response: ClientResponse, body: Body) -> WebAnswer:
        """Put the bytes away and write down the answer, then look whether they are whole."""
        fetched_at = self._outlets.clock.now()
        headers = {name: response.headers[name] for name in _TOLD if name in response.headers}
        if "location" in headers:
            headers["location"] = self._shown(headers["location"])
        sha256 = content_hash(body.data) if body.data else None
        if sha256:
            await self._outlets.keep(object_key("raw", sha256), body.data)
        kept = SourceAnswer(
            url=self._shown(hop.target.url),
            status=response.status,
            headers=headers,
            content_type=response.headers.get("Content-Type", ""),
            fetched_at=fetched_at,
            sha256=sha256,
            size=len(body.data),
        )
        self.answers.append(kept)
        if body.problem is not None:
            raise type(body.problem)(f"{kept.url}: {body.problem}")
        told = headers | ({"location": response.headers["Location"]} if "location" in headers else {})
        return WebAnswer(
            url=kept.url,
            status=kept.status,
            headers=told,
            content_type=kept.content_type,
            body=body.data,
            fetched_at=fetched_at,
        )

    def _shown(self, url: str) -> str:
        """Return a URL as it may be shown: no key of ours, wherever it stands, and nothing that looks like one."""
        shown = without_secrets(url)
        for key in self._keys:
            shown = shown.replace(key, "-")
        return shown

    async def _take_turn(self, hop: Hop) -> None:
        """Wait until the server may be asked.

        Raises:
            OutOfTime: that is longer than this poll may take.
        """
        loop = asyncio.get_running_loop()
        name, rate = hop.bucket
        if loop.time() > self._until:
            raise OutOfTime("this poll's time is over", timedelta())
        while wait := await self._outlets.budget.take(name, rate):
            if loop.time() + wait.total_seconds() > self._until:
                raise OutOfTime(f"the budget of {name} is spent", wait)
            await asyncio.sleep(wait.total_seconds())


async def _chunks(response: ClientResponse) -> AsyncGenerator[bytes, None]:
    try:
        async for chunk in response.content.iter_chunked(_CHUNK):
            yield chunk
    except ClientPayloadError as cut:
        raise Unreachable("cut off: it ended before its end") from cut


@asynccontextmanager
async def open_web(outlets: Outlets) -> AsyncIterator[Web]:
    """Open what one poll asks through; every connection ends with the block."""
    async with open_trusted() as trusted, open_guarded(outlets.gate) as guarded:
        yield Web(outlets, trusted, guarded)
