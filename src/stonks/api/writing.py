"""How every writing route is declared: with a scope, in one transaction with its audit, once where money moves.

A handler gets ``act``: who asks, the open transaction, and the way into the audit. What it returns is stored under the
client's Idempotency-Key in that transaction and given again to whoever repeats the request.
"""

import hashlib
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import wraps
from http import HTTPStatus
from typing import Annotated, Any, Literal, TypeAlias, TypeVar

import msgspec
from litestar import Request, Response, delete, post, put
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency, Provide
from litestar.exceptions import ClientException
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.params import HeaderParameter, QueryParameter, SkipValidation

from stonks.api.admission import principal_of
from stonks.api.problems import documented, request_id
from stonks.api.reading import OpenPorts, refuse_nul
from stonks.api.standing import present
from stonks.model.audit import AuditEntry
from stonks.model.errors import Conflict, Refused
from stonks.model.principal import Principal, Scope
from stonks.ports.audit import append_audit
from stonks.ports.bundle import Ports
from stonks.ports.stage import Commit
from stonks.ports.store import Transaction
from stonks.runtime.clock import SystemClock
from stonks.runtime.errand import errand

T = TypeVar("T")
Method: TypeAlias = Literal["POST", "PUT", "DELETE"]
_DECORATORS: dict[str, Callable[..., Any]] = {"POST": post, "PUT": put, "DELETE": delete}
_KEPT = timedelta(hours=24)
_MOST = 64 * 1024
"""Bytes of a body."""
_KEY = re.compile(r"[\x21-\x7e]{8,200}")
_JSON = "application/json"

GivenReason = Annotated[
    str,
    QueryParameter(min_length=3, max_length=500, pattern=r"\S", description="Why; it is kept in the audit."),
]
"""The reason of a command without a body."""


class _Key(msgspec.Struct, frozen=True, kw_only=True):
    """Under what a command's answer is kept: whose it is, what it asks for, and the name that the client gave it."""

    principal: str
    route: str
    key: str
    body_hash: str

    def place(self) -> dict[str, str]:
        return {"principal": self.principal, "route": self.route, "key": self.key}


class _Answered(msgspec.Struct, frozen=True):
    body_hash: str
    status: int
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One command: who gives it, when, and the transaction in which it happens."""

    ports: Ports
    principal: Principal
    now: datetime
    """The instant at which the system is: a replay's, where one runs."""
    request_id: str
    key: _Key | None
    _commit: Commit | None = None

    @property
    def commit(self) -> Commit:
        """The transaction of this command; jobs that follow it are queued once it is committed."""
        if self._commit is None:
            raise RuntimeError("a command has no transaction outside its handler")
        return self._commit

    def within(self, commit: Commit) -> "Act":
        """Return this command inside its transaction."""
        return replace(self, _commit=commit)

    async def audit(
        self, action: str, subject: str, reason: str | None, before: object = None, after: object = None
    ) -> None:
        """Keep what was done to what, and why; ``before`` and ``after`` are Structs or mappings."""
        await append_audit(
            self.commit,
            AuditEntry(
                at=self.now,
                actor=self.principal.name,
                action=action,
                object=subject,
                before=_plain(before),
                after=_plain(after),
                reason=reason,
                request_id=self.request_id,
            ),
        )


OpenAct: TypeAlias = NamedDependency[SkipValidation[Act]]
"""What a writing route acts with."""


def write(
    method: Method,
    path: str,
    operation: str,
    tag: str,
    *,
    scope: Scope,
    money: bool = False,
    **options: Any,  # noqa: ANN401 - Litestar checks them
) -> Callable[[Callable[..., Awaitable[Any]]], HTTPRouteHandler]:
    """Return a decorator for a handler that takes ``act: OpenAct`` and, where it has a body, ``data: JSONBody[Asked]``.

    Args:
        method: POST, PUT or DELETE.
        path: below /api/v1.
        operation: what generated clients call the route.
        tag: its group.
        scope: what a key must be good for.
        money: whether it may move money: an Idempotency-Key is required then, elsewhere it is honoured.
        options: ``status_code`` (200), ``responses``, ``opt``, ``dependencies``, which are met before the transaction
            is opened, and whatever else Litestar takes.
    """
    status = options.setdefault("status_code", HTTPStatus.OK)
    answers = {**documented(400, 401, 403, 404, 409, 413, 415, 500, 503), **options.pop("responses", {})}
    declared = {"scope": scope, "money": money, **options.pop("opt", {})}
    needed = {"act": Provide(_act_once if money else _act), **options.pop("dependencies", {})}

    def decorate(handler: Callable[..., Awaitable[Any]]) -> HTTPRouteHandler:
        route: HTTPRouteHandler = _DECORATORS[method](
            path,
            guards=[refuse_nul, refuse_other_bodies],
            operation_id=operation,
            tags=[tag],
            responses=answers,
            opt=declared,
            dependencies=needed,
            request_max_body_size=_MOST,
            **options,
        )(_once(handler, int(status)))
        return route

    return decorate


async def _act(
    request: Request[Any, Any, Any],
    ports: OpenPorts,
    idempotency_key: Annotated[
        str | None, HeaderParameter(name="Idempotency-Key", description="The same key, the same answer: for 24 hours.")
    ] = None,
) -> Act:
    if idempotency_key is not None and request.route_handler.opt.get("secret"):
        raise ClientException("the answer holds a secret, which an Idempotency-Key would have us keep: send none")
    return Act(
        ports=ports,
        principal=principal_of(request),
        now=await present(ports),
        request_id=request_id(request.scope),
        key=None if idempotency_key is None else await _key(request, idempotency_key),
    )


async def _act_once(
    request: Request[Any, Any, Any],
    ports: OpenPorts,
    idempotency_key: Annotated[
        str, HeaderParameter(name="Idempotency-Key", description="The same key, the same answer: for 24 hours.")
    ],
) -> Act:
    return await _act(request, ports, idempotency_key)


def refuse_other_bodies(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """Refuse bodies that a form of a foreign page could send without the browser's asking us first.

    Raises:
        ClientException: the body is not said to be JSON.
    """
    given = connection.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given != _JSON and (given or connection.scope.get("method") != "DELETE"):
        raise ClientException(f"the body has to be {_JSON}", status_code=HTTPStatus.UNSUPPORTED_MEDIA_TYPE)


async def _key(request: Request[Any, Any, Any], key: str) -> _Key:
    if not _KEY.fullmatch(key):
        raise ClientException("an Idempotency-Key has 8 to 200 visible ASCII characters")
    asked = [request.method, request.url.path, request.url.query, request.headers.get("if-match", "")]
    body = msgspec.json.encode(asked) + await request.body()
    return _Key(
        principal=principal_of(request).name,
        route=str(request.route_handler.operation_id),
        key=key,
        body_hash=hashlib.sha256(body).hexdigest(),
    )


def _once(handler: Callable[..., Awaitable[Any]], status: int) -> Callable[..., Awaitable[Response[bytes]]]:
    """Return the handler inside its transaction, with what it answers kept and given again."""

    @wraps(handler)
    async def route(**given: Any) -> Response[bytes]:  # noqa: ANN401 - what the handler takes
        act: Act = given["act"]
        try:
            async with errand(act.ports) as commit:
                if act.key is not None and (known := await _begin(commit, act.key)) is not None:
                    return _answer(known.body, known.status, replayed=True)
                body = msgspec.json.encode(await handler(**given | {"act": act.within(commit)}))
                if act.key is not None:
                    await commit.run("idempotency.keep", **act.key.place(), status=status, body=body)
        except (Refused, Conflict) as no:
            raise ClientException(str(no), status_code=HTTPStatus.CONFLICT) from no
        return _answer(body, status, replayed=False)

    return route


async def _begin(transaction: Transaction, key: _Key) -> _Answered | None:
    """Take the key, or return what its command was answered; a duplicate in flight is waited for."""
    now = SystemClock().now()
    await transaction.run("idempotency.forget", before=now - _KEPT)
    if await transaction.run("idempotency.begin", **msgspec.structs.asdict(key), now=now):
        return None
    known = await transaction.row(_Answered, "idempotency.answered", **key.place())
    if known is None or known.body_hash != key.body_hash:
        raise Refused("this Idempotency-Key was used for another request")
    return known


def _answer(body: bytes, status: int, *, replayed: bool) -> Response[bytes]:
    headers = {"idempotent-replayed": "true"} if replayed else {}
    return Response(body, status_code=status, media_type=_JSON, headers=headers)


def _plain(value: object) -> dict[str, Any] | None:
    if value is None:
        return None
    plain: dict[str, Any] = msgspec.to_builtins(value, str_keys=True)
    return plain
