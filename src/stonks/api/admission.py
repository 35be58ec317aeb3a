"""Who may read: anyone on this machine who asks for it by a local name, and whoever holds a key.

The name is checked because a web page can make a browser ask a local address under the page's own name (DNS rebinding).
"""

import hashlib
import hmac
import ipaddress
from typing import Any

import msgspec
from litestar.connection import ASGIConnection
from litestar.exceptions import ClientException, NotAuthorizedException, PermissionDeniedException
from litestar.handlers import BaseRouteHandler

from stonks.ports.bundle import Ports

LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
_CHALLENGE = {"www-authenticate": "Bearer"}


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """A live row of ``api_keys``."""

    id: str
    name: str
    secret_hash: str
    scopes: tuple[str, ...]


async def admit(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Let a request through that its route allows.

    Raises:
        ClientException: a local client asks for us under a name that is not ours.
        NotAuthorizedException: a key is needed, or the given one is not good.
        PermissionDeniedException: the key lacks the route's scope.
    """
    if handler.opt.get("open"):
        return
    given = connection.headers.get("authorization")
    if given is not None:
        await _check_key(connection.app.state.ports, given, str(handler.opt.get("scope", "read")))
    elif not _local_peer(connection):
        raise NotAuthorizedException("send an API key: Authorization: Bearer stk_...", headers=_CHALLENGE)
    elif _host(connection) not in LOCAL_NAMES:
        raise ClientException(f"this API does not answer to that name; ask for {', '.join(sorted(LOCAL_NAMES))}")


def _local_peer(connection: ASGIConnection[Any, Any, Any, Any]) -> bool:
    try:
        return connection.client is not None and ipaddress.ip_address(connection.client.host).is_loopback
    except ValueError:
        return False


def _host(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    name, colon, port = connection.headers.get("host", "").lower().rpartition(":")
    return name if colon and port.isdigit() else name + colon + port


async def _check_key(ports: Ports, header: str, scope: str) -> None:
    scheme, _, token = header.partition(" ")
    prefix, _, rest = token.partition("_")
    key_id, _, secret = rest.partition("_")
    if scheme.lower() != "bearer" or prefix != "stk" or not key_id or not secret:
        raise NotAuthorizedException("this is not an API key of ours", headers=_CHALLENGE)
    key = await ports.store.row(ApiKey, "read_system.key", id=key_id, now=ports.clock.now())
    expected = key.secret_hash if key else ""
    if not hmac.compare_digest(hash_secret(secret), expected):
        raise NotAuthorizedException("this API key is unknown, expired or revoked", headers=_CHALLENGE)
    if key is None or scope not in key.scopes:
        raise PermissionDeniedException(f"this key lacks the scope {scope}")


def hash_secret(secret: str) -> str:
    """Return what the table keeps of a secret; it is random and long, so a fast hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()
