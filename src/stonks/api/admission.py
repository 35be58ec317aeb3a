"""Who may ask: anyone on this machine who uses a local name, and whoever holds a key with the route's scope.

The name is checked because a web page can make a browser ask a local address under the page's own name (DNS rebinding);
where something is to change, the page itself too, because it can make a browser post without reading the answer.
"""

import hmac
import ipaddress
from contextlib import suppress
from datetime import timedelta
from typing import Any

import msgspec
from litestar.connection import ASGIConnection
from litestar.exceptions import ClientException, NotAuthorizedException, PermissionDeniedException
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler

from stonks.model.errors import Transient
from stonks.model.principal import LOCAL, Principal, Scope
from stonks.ports.bundle import Ports
from stonks.runtime.key_desk import hash_secret

LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
_LOCAL = Principal(name=LOCAL, scopes=frozenset(Scope))
_CHALLENGE = {"www-authenticate": "Bearer"}
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")
_USED = timedelta(minutes=1)
"""How exactly the last use of a key is kept."""


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """A live row of ``api_keys``."""

    id: str
    name: str
    secret_hash: str
    scopes: tuple[str, ...]


async def admit(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Let a request through that its route allows, and note who asks.

    Raises:
        ClientException: a local client asks for us under a name that is not ours.
        NotAuthorizedException: a key is needed, or the given one is not good.
        PermissionDeniedException: the key lacks the route's scope, the route has none, or a foreign page asks.
    """
    if handler.opt.get("open"):
        return
    scope = declared_scope(handler)
    if scope is None:
        raise PermissionDeniedException("nobody may ask this: the route does not say who may")
    if connection.scope.get("method") not in _SAFE:
        _refuse_pages_of_others(connection)
    principal = await _principal(connection)
    if scope not in principal.scopes:
        raise PermissionDeniedException(f"this key lacks the scope {scope}")
    if handler.opt.get("keyed") and principal.key_id is None:
        raise NotAuthorizedException("this needs an API key, on this machine too", headers=_CHALLENGE)
    connection.scope.setdefault("state", {})["principal"] = principal


def declared_scope(handler: BaseRouteHandler) -> str | None:
    """Return the scope that a route asks for, or None where it says none; what a route can do is for readers."""
    if isinstance(handler, HTTPRouteHandler) and handler.http_methods == {"OPTIONS"}:
        return Scope.READ
    scope = handler.opt.get("scope")
    return None if scope is None else str(scope)


def principal_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Principal:
    """Return who asks, as ``admit`` found."""
    principal: Principal = connection.scope["state"]["principal"]
    return principal


async def _principal(connection: ASGIConnection[Any, Any, Any, Any]) -> Principal:
    given = connection.headers.get("authorization")
    if given is not None:
        return await _check_key(connection.app.state.ports, given)
    if not _local_peer(connection):
        raise NotAuthorizedException("send an API key: Authorization: Bearer stk_...", headers=_CHALLENGE)
    if _host(connection) not in LOCAL_NAMES:
        raise ClientException(f"this API does not answer to that name; ask for {', '.join(sorted(LOCAL_NAMES))}")
    return _LOCAL


def _local_peer(connection: ASGIConnection[Any, Any, Any, Any]) -> bool:
    if any(name in connection.headers for name in _FORWARDED):
        return False  # a proxy on this machine asks for somebody who may be anywhere
    try:
        return connection.client is not None and ipaddress.ip_address(connection.client.host).is_loopback
    except ValueError:
        return False


def _host(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    name, colon, port = connection.headers.get("host", "").lower().rpartition(":")
    return name if colon and port.isdigit() else name + colon + port


def _refuse_pages_of_others(connection: ASGIConnection[Any, Any, Any, Any]) -> None:
    """Refuse what a browser says comes from a page that is not ours; what is no browser says nothing of it."""
    site = connection.headers.get("sec-fetch-site", "same-origin")
    origin = connection.headers.get("origin")
    ours = connection.headers.get("host", "").lower()
    if site != "same-origin" or (origin is not None and origin.lower().partition("://")[2] != ours):
        raise PermissionDeniedException("only the dashboard's own pages may change anything from a browser")


async def _check_key(ports: Ports, header: str) -> Principal:
    scheme, _, token = header.partition(" ")
    prefix, _, rest = token.partition("_")
    key_id, _, secret = rest.partition("_")
    if scheme.lower() != "bearer" or prefix != "stk" or not key_id or not secret:
        raise NotAuthorizedException("this is not an API key of ours", headers=_CHALLENGE)
    now = ports.clock.now()
    key = await ports.store.row(ApiKey, "keys.live", id=key_id, now=now)
    expected = key.secret_hash if key else ""
    if not hmac.compare_digest(hash_secret(secret), expected) or key is None:
        raise NotAuthorizedException("this API key is unknown, expired or revoked", headers=_CHALLENGE)
    with suppress(Transient):  # a server that is only read from keeps no such note
        await ports.store.value("keys.used", id=key.id, now=now, before=now - _USED)
    return Principal(name=key.name, scopes=frozenset(key.scopes), key_id=key.id)
