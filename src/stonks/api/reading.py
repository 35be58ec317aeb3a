"""How every reading route is declared: with an operation id, a tag, documented problems, and what it may reach."""

from collections.abc import Callable
from typing import Any, TypeAlias

from litestar import get
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.exceptions import ClientException
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.params import SkipValidation
from litestar.types import AnyCallable

from stonks.api.problems import documented
from stonks.model.principal import Scope
from stonks.ports.bundle import Ports

OpenPorts: TypeAlias = NamedDependency[SkipValidation[Ports]]
"""What a route reads from. It is ours, and nothing is gained by checking its parts at every request."""


def refuse_nul(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """Refuse a query string with a NUL in it: PostgreSQL's text cannot hold one.

    Raises:
        ClientException: there is one.
    """
    if b"%00" in connection.scope["query_string"] or "\x00" in connection.url.path:
        raise ClientException("a NUL character is not text")


def read(
    path: str,
    operation: str,
    tag: str,
    **options: Any,  # noqa: ANN401 - Litestar checks them
) -> Callable[[AnyCallable], HTTPRouteHandler]:
    """Return a GET decorator; the operation id is what generated clients call the route."""
    answers = {**documented(400, 401, 403, 404, 500, 503), **options.pop("responses", {})}
    declared = {"scope": Scope.READ, **options.pop("opt", {})}
    return get(
        path, guards=[refuse_nul], operation_id=operation, tags=[tag], responses=answers, opt=declared, **options
    )
