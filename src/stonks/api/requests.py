"""Orders that clients ask for, judged before a transaction is opened: what the market says is waited for meanwhile."""

from http import HTTPStatus
from typing import Any, TypeAlias

import msgspec
from litestar import Request
from litestar.di import NamedDependency
from litestar.exceptions import ClientException
from litestar.params import SkipValidation

from stonks.api.admission import principal_of
from stonks.api.answers.risk import OrderBody, OverrideBody
from stonks.api.reading import OpenPorts
from stonks.api.standing import present
from stonks.app import account_mode, open_overrides, open_verdicts
from stonks.model.errors import Conflict, Malformed, Refused
from stonks.model.order_request import Asker, OrderRequest, OrderVerdict
from stonks.model.placing import Placing
from stonks.ports.bundle import Ports

OpenVerdict: TypeAlias = NamedDependency[SkipValidation[OrderVerdict]]
"""What every gate says to the order of the request; it is not kept yet."""
OpenPlacing: TypeAlias = NamedDependency[SkipValidation[Placing]]
"""What would become of the order of the request; nothing is kept yet."""


async def judge_order(request: Request[Any, Any, Any], ports: OpenPorts) -> OrderVerdict:
    """Judge the order that a request's body describes.

    Raises:
        ClientException: it makes no sense, is not for this account, or its key was used for another one.
    """
    body = _body(await request.body(), OrderBody)
    asked = _request(ports, body, _key(request))
    try:
        found = await open_verdicts(ports).judge(asked, principal_of(request).name, await present(ports))
    except (Malformed, Refused, Conflict) as no:
        raise _refusal(no) from no
    return found.verdict


async def judge_placing(request: Request[Any, Any, Any], ports: OpenPorts) -> Placing:
    """Judge the order that is to be placed by hand.

    Raises:
        ClientException: it makes no sense, or its key was used for another one.
    """
    body = _body(await request.body(), OverrideBody)
    asked = _request(ports, body, _key(request))
    try:
        return await open_overrides(ports).judge(asked, principal_of(request).name, await present(ports))
    except (Malformed, Refused, Conflict) as no:
        raise _refusal(no) from no


def _request(ports: Ports, body: OrderBody | OverrideBody, key: str) -> OrderRequest:
    fields = {name: getattr(body, name) for name in body.__struct_fields__ if name in OrderRequest.__struct_fields__}
    given: dict[str, Any] = {"source": Asker.MANUAL, **fields, "intent_id": key, "ticker": body.ticker.upper()}
    given["account"] = fields.get("account") or ports.settings.account
    given["mode"] = body.mode or account_mode(ports)
    return OrderRequest(**given)


def _key(request: Request[Any, Any, Any]) -> str:
    key = request.headers.get("idempotency-key")
    if not key:
        raise ClientException("send an Idempotency-Key: the same key, the same answer")
    return key


def _body(raw: bytes, shape: type[Any]) -> Any:  # noqa: ANN401 - of the shape
    try:
        return msgspec.json.decode(raw, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ClientException(str(error)) from error


def _refusal(no: Malformed | Refused | Conflict) -> ClientException:
    wrong = HTTPStatus.UNPROCESSABLE_ENTITY if isinstance(no, Malformed) else HTTPStatus.CONFLICT
    return ClientException(str(no), status_code=wrong)
