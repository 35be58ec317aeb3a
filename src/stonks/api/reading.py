"""How every reading route is declared: with an operation id, a tag, documented problems, and what it may reach."""

from collections.abc import Callable
from typing import Any

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.types import AnyCallable

from stonks.api.problems import documented


def read(
    path: str,
    operation: str,
    tag: str,
    **options: Any,  # noqa: ANN401 - Litestar checks them
) -> Callable[[AnyCallable], HTTPRouteHandler]:
    """Return a GET decorator; the operation id is what generated clients call the route."""
    answers = {**documented(400, 401, 403, 404, 500, 503), **options.pop("responses", {})}
    return get(path, operation_id=operation, tags=[tag], responses=answers, **options)
