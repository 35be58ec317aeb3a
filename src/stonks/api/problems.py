"""Errors as RFC 9457 problems: what a client did wrong, or what of ours does not answer."""

import re
import secrets
from http import HTTPStatus
from typing import Any

import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.openapi.datastructures import ResponseSpec
from litestar.types import ExceptionHandlersMap, Scope

from stonks.api.answers.problem import Problem
from stonks.model.errors import Transient

MEDIA_TYPE = "application/problem+json"
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")

_log = structlog.get_logger(__name__)


def request_id(scope: Scope) -> str:
    """Return the id of this request: the client's own where it sent a plain one, otherwise a new one."""
    state: dict[str, Any] = scope.setdefault("state", {})
    if "request_id" not in state:
        given = dict(scope["headers"]).get(b"x-request-id", b"")
        state["request_id"] = given.decode() if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
    return str(state["request_id"])


def documented(*statuses: int) -> dict[int, ResponseSpec]:
    """Return these error answers as OpenAPI should show them."""
    return {
        status: ResponseSpec(
            data_container=Problem,
            media_type=MEDIA_TYPE,
            generate_examples=False,
            description=HTTPStatus(status).phrase,
        )
        for status in statuses
    }


def _problem(
    request: Request[Any, Any, Any], status: int, detail: str, errors: list[dict[str, Any]] | None = None
) -> Response[Problem]:
    body = Problem(
        type="about:blank",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        instance=request.url.path,
        request_id=request_id(request.scope),
        errors=errors or [],
    )
    return Response(body, status_code=status, media_type=MEDIA_TYPE)


def _wrong(errors: list[dict[str, Any]]) -> str:
    """Return what is wrong with which field, as one sentence; a body as a whole has no name."""
    told = ((entry.get("key"), entry.get("message", "")) for entry in errors)
    return "; ".join(str(what) if key in {None, "data"} else f"{key}: {what}" for key, what in told)


def _refused(request: Request[Any, Any, Any], error: HTTPException) -> Response[Problem]:
    errors = [entry for entry in error.extra if isinstance(entry, dict)] if isinstance(error.extra, list) else []
    said = _wrong(errors) if isinstance(error, ValidationException) else ""
    answer = _problem(request, error.status_code, said or error.detail, errors)
    answer.headers.update(error.headers or {})
    return answer


def _not_now(request: Request[Any, Any, Any], error: Transient) -> Response[Problem]:
    _log.warning("request.unanswered", request_id=request_id(request.scope), error=str(error))
    answer = _problem(
        request, HTTPStatus.SERVICE_UNAVAILABLE, "Something this answer needs does not answer; try again."
    )
    answer.headers["retry-after"] = "2"
    return answer


def _bug(request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    _log.error("request.failed", request_id=request_id(request.scope), path=request.url.path, exc_info=error)
    return _problem(request, HTTPStatus.INTERNAL_SERVER_ERROR, "This is a bug; the log has it under the request id.")


HANDLERS: ExceptionHandlersMap = {HTTPException: _refused, Transient: _not_now, Exception: _bug}
