"""Connections that lead where they were checked to lead: resolved once, each address judged, again on dialling."""

import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientSession, DummyCookieJar, TCPConnector, ThreadedResolver
from aiohttp.abc import AbstractResolver, ResolveResult

from stonks.adapters.sources.web.guard import WEB_PORTS, is_public
from stonks.model.errors import Refused

_MOST_CONNECTIONS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What a URL found in data may lead to."""

    ports: frozenset[int] = WEB_PORTS
    allows: Callable[[str], bool] = is_public
    resolver: Callable[[], AbstractResolver] = field(default=ThreadedResolver)


class CheckedResolver(AbstractResolver):
    """Passes on what a resolver answers if every address may be connected to, else nothing of it."""

    def __init__(self, gate: Gate) -> None:
        """Ask the gate's resolver."""
        self._gate = gate
        self._inner = gate.resolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return the addresses of a name, which the connection is then made to without asking again.

        Raises:
            Refused: one of them may not be connected to.
        """
        found = await self._inner.resolve(host, port, family)
        if not all(self._gate.allows(one["host"]) for one in found):
            raise Refused(f"{host} leads to an address that is not public")
        return found

    async def close(self) -> None:
        """Close the inner resolver."""
        await self._inner.close()


def open_trusted() -> ClientSession:
    """Return a session for endpoints that the settings name, wherever they are."""
    return _session(TCPConnector(limit=_MOST_CONNECTIONS, use_dns_cache=False))


def open_guarded(gate: Gate) -> ClientSession:
    """Return a session for URLs found in data: it connects to nothing that the gate does not allow."""

    def dial(address: tuple[Any, ...]) -> socket.socket:
        family, kind, protocol, _, place = address
        if not gate.allows(str(place[0])) or place[1] not in gate.ports:
            raise Refused(f"{place[0]} is not a public address")
        return socket.socket(family, kind, protocol)

    resolver = CheckedResolver(gate)
    return _session(TCPConnector(limit=_MOST_CONNECTIONS, use_dns_cache=False, resolver=resolver, socket_factory=dial))


def _session(connector: TCPConnector) -> ClientSession:
    # No proxy of the environment, no cookies, and decompression is ours: it has to be capped.
    return ClientSession(connector=connector, cookie_jar=DummyCookieJar(), auto_decompress=False, trust_env=False)
