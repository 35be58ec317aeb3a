"""The risk engine: verdicts on orders, and the limits they are held to."""

from typing import Annotated, Any, TypeAlias, cast
from uuid import UUID

import msgspec
from litestar import Request, Response
from litestar.di import NamedDependency, Provide
from litestar.exceptions import ClientException, HTTPException, NotFoundException
from litestar.params import FromPath, HeaderParameter, JSONBody, SkipValidation

from stonks.api.answers.risk import (
    EvaluationAnswer,
    LimitsBody,
    OrderBody,
    OverrideBody,
    RiskLimits,
    evaluation_answer,
    risk_limits,
)
from stonks.api.problems import documented
from stonks.api.reading import OpenPorts, read
from stonks.api.requests import OpenPlacing, OpenVerdict, judge_order, judge_placing
from stonks.api.writing import OpenAct, write
from stonks.app import open_overrides, open_verdicts
from stonks.model.errors import Conflict
from stonks.model.principal import Scope
from stonks.risk.policies import active_policy, propose_policy, version_of
from stonks.risk.policy import Policy
from stonks.risk.policy_body import PolicyRefused

OpenPolicy: TypeAlias = NamedDependency[SkipValidation[Policy]]
IfMatch = Annotated[
    str | None, HeaderParameter(name="If-Match", description="The ETag of the limits that this change has seen.")
]


@write(
    "POST",
    "/risk/evaluate",
    "evaluateOrder",
    "risk",
    scope=Scope.TRADE,
    money=True,
    responses=documented(422),
    dependencies={"verdict": Provide(judge_order)},
)
async def evaluate_order(act: OpenAct, data: JSONBody[OrderBody], verdict: OpenVerdict) -> EvaluationAnswer:
    """What every gate says to an order. It is kept before it is answered, and nothing is placed; 503 means no."""
    if data.intent_id not in {None, verdict.request.intent_id}:
        raise ClientException("intent_id is the Idempotency-Key", status_code=422)
    kept = await open_verdicts(act.ports).keep(act.commit, verdict)
    return evaluation_answer(kept or verdict)


@read("/risk/evaluations/{evaluation_id:uuid}", "getEvaluation", "risk")
async def get_evaluation(ports: OpenPorts, evaluation_id: FromPath[UUID]) -> EvaluationAnswer:
    """One verdict on an order that somebody asked for, as it was answered."""
    found = await open_verdicts(ports).find(evaluation_id)
    if found is None:
        raise NotFoundException(f"there is no evaluation {evaluation_id}")
    return evaluation_answer(found)


@write(
    "POST",
    "/orders",
    "placeOrder",
    "trading",
    scope=Scope.TRADE,
    money=True,
    responses=documented(422),
    dependencies={"placing": Provide(judge_placing)},
)
async def place_order(act: OpenAct, data: JSONBody[OverrideBody], placing: OpenPlacing) -> EvaluationAnswer:
    """Place an order by hand through the gates of any: approved or clamped it goes, otherwise it waits or ends."""
    return evaluation_answer(await open_overrides(act.ports).place(act.commit, placing, data.reason, act.request_id))


@read("/risk/limits", "getRiskLimits", "risk")
async def get_risk_limits(request: Request[Any, Any, Any], ports: OpenPorts) -> Response[RiskLimits]:
    """The numbers of every gate, cap and size that are in force; the ETag is their version."""
    policy = await active_policy(ports.store, ports.settings.risk_tier)
    headers = {"etag": _etag(policy)}
    if request.headers.get("if-none-match") == _etag(policy):
        return cast("Response[RiskLimits]", Response(None, status_code=304, headers=headers))
    return Response(risk_limits(policy), headers=headers)


async def policy_in_force(ports: OpenPorts) -> Policy:
    """Return the numbers that are in force."""
    return await active_policy(ports.store, ports.settings.risk_tier)


@write(
    "PUT",
    "/risk/limits",
    "setRiskLimits",
    "risk",
    scope=Scope.ADMIN,
    responses=documented(412, 422, 428),
    dependencies={"before": Provide(policy_in_force)},
)
async def set_risk_limits(
    act: OpenAct, data: JSONBody[LimitsBody], before: OpenPolicy, if_match: IfMatch = None
) -> RiskLimits:
    """Put other numbers in force, as a new version. If-Match names the version that they were made from."""
    seen = _seen(if_match, before)
    body: dict[str, Any] = msgspec.to_builtins({name: getattr(data, name) for name in ("limits", "sizes", "breakers")})
    try:
        policy = await propose_policy(act.commit, before.tier, body, seen, act.principal.name, data.reason)
    except PolicyRefused as no:
        wrong = [{"field": no.field, "message": no.why}]
        raise ClientException(str(no), status_code=422, extra=wrong) from no
    except Conflict as late:
        raise _stale() from late
    await act.audit("risk.limits", policy.version, data.reason, risk_limits(before), risk_limits(policy))
    return risk_limits(policy)


def _etag(policy: Policy) -> str:
    return f'"{policy.version}"'


def _seen(if_match: str | None, now: Policy) -> int:
    """Return the number of the version that a change was made from.

    Raises:
        HTTPException: the client does not say which one (428), or it is not the one in force (412).
    """
    if if_match is None:
        raise HTTPException("send If-Match with the ETag of the limits you have seen", status_code=428)
    if if_match != _etag(now):
        raise _stale()
    return version_of(now)


def _stale() -> HTTPException:
    return HTTPException("the limits were changed meanwhile: read them again", status_code=412)
