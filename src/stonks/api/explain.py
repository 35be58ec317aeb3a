"""Why: the chain from an order, a decision or a recommendation down to verified sentences and raw bytes."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from stonks.api.answers.chain import Chain, Instant
from stonks.api.answers.decisions import DecisionBody, RiskEvaluation
from stonks.api.answers.evidence import EvidenceItem
from stonks.api.answers.orders import OrderRow
from stonks.api.answers.recommendations import RecommendationBody
from stonks.api.answers.trends import TrendSummary
from stonks.api.evidence import evidence
from stonks.api.orders import OrderFilter, orders
from stonks.model.errors import Refused
from stonks.model.order_request import OrderVerdict
from stonks.ports.bundle import Ports
from stonks.ports.store import Reader

_HEX = 32
_MANY = 200


class ByHand(msgspec.Struct, frozen=True, kw_only=True):
    """An order that a person asked for, or the stop of one: who asked, why, and what every gate said."""

    order: OrderRow
    reason: str | None
    verdict: OrderVerdict


class _Origin(msgspec.Struct, frozen=True, kw_only=True):
    evaluation_id: UUID
    reason: str | None


class Subject(msgspec.Struct, frozen=True):
    """What an id stands for."""

    kind: str
    id: UUID


async def explain(ports: Ports, wanted: str) -> Chain:
    """Return the chain of the recommendation, decision or order with this id or unique beginning of one.

    Raises:
        Refused: nothing has this id, several have, or no recommendation stands behind the order.
    """
    subject = await find_subject(ports.store, wanted)
    match subject.kind:
        case "recommendation":
            chain = await explain_recommendation(ports, subject.id)
        case "decision":
            chain = await explain_decision(ports, subject.id)
        case _:
            chain = await explain_order(ports, subject.id)
    if chain is None:
        raise Refused(f"{subject.kind} {subject.id}: no recommendation stands behind it")
    return chain


async def find_subject(store: Reader, wanted: str) -> Subject:
    """Return what an id or the beginning of one stands for.

    Raises:
        Refused: it is no id, or not the beginning of exactly one.
    """
    digits = wanted.replace("-", "").lower()
    if not digits or len(digits) > _HEX or set(digits) - set("0123456789abcdef"):
        raise Refused(f"{wanted} is not an id or the beginning of one")
    low, high = UUID(digits.ljust(_HEX, "0")), UUID(digits.ljust(_HEX, "f"))
    found = await store.rows(Subject, "read_chain.subject", low=low, high=high)
    if len(found) > 1:
        raise Refused(f"{wanted} begins {', '.join(f'{one.kind} {one.id}' for one in found)}: give more of it")
    if not found:
        raise Refused(f"no recommendation, decision or order begins with {wanted}")
    return found[0]


async def explain_recommendation(ports: Ports, recommendation_id: UUID) -> Chain | None:
    """Return the chain through a recommendation, or None where there is none."""
    return await _chain(ports, Subject("recommendation", recommendation_id), recommendation_id)


async def explain_decision(ports: Ports, decision_id: UUID) -> Chain | None:
    """Return the chain through a decision, or None where there is none."""
    decision = await decision_body(ports, decision_id=decision_id)
    return await _chain(ports, Subject("decision", decision_id), decision.recommendation_id) if decision else None


async def explain_order(ports: Ports, order_id: UUID) -> Chain | None:
    """Return the chain through an order or the entry it protects; None where no recommendation stands behind it."""
    found = await orders(ports.store, 1, None, OrderFilter(id=order_id))
    if not found or found[0].recommendation_id is None:
        return None
    return await _chain(ports, Subject("order", order_id), found[0].recommendation_id)


async def order_by_hand(ports: Ports, order_id: UUID) -> ByHand | None:
    """Return an order with what a person was answered who asked for it; None where nobody did."""
    found = await orders(ports.store, 1, None, OrderFilter(id=order_id))
    origin = await ports.store.row(_Origin, "read_chain.by_hand", id=order_id)
    if not found or origin is None:
        return None
    verdict = await ports.store.row(OrderVerdict, "requests.answered", id=origin.evaluation_id)
    return None if verdict is None else ByHand(order=found[0], reason=origin.reason, verdict=verdict)


async def decision_body(
    ports: Ports, *, decision_id: UUID | None = None, recommendation_id: UUID | None = None
) -> DecisionBody | None:
    """Return one decision by its id, or the account's decision on a recommendation."""
    return await ports.store.row(
        DecisionBody,
        "read_decisions.body",
        id=decision_id,
        recommendation_id=recommendation_id,
        account=ports.settings.account,
    )


async def evaluation(store: Reader, kind: str, subject_id: UUID) -> RiskEvaluation | None:
    """Return the newest risk verdict on a recommendation or an order."""
    return await store.row(RiskEvaluation, "read_decisions.evaluation", kind=kind, id=subject_id)


async def _chain(ports: Ports, subject: Subject, recommendation_id: UUID) -> Chain | None:
    store = ports.store
    body = await store.row(RecommendationBody, "read_recommendations.body", id=recommendation_id)
    trend = await store.row(TrendSummary, "read_trends.summary", id=body.trend_id) if body else None
    if body is None or trend is None:
        return None
    items = await evidence(ports, recommendation_id)
    decision = await decision_body(ports, recommendation_id=recommendation_id)
    legs = await orders(store, _MANY, None, OrderFilter(decision_id=decision.id)) if decision else []
    steps = await store.rows(Instant, "read_chain.timeline", orders=[leg.id for leg in legs])
    return Chain(
        kind=subject.kind,
        id=subject.id,
        recommendation=body,
        trend=trend,
        evidence_for=[item for item in items if item.side == "for"],
        evidence_against=[item for item in items if item.side == "against"],
        eligibility=await evaluation(store, "recommendation", recommendation_id),
        decision=decision,
        orders=legs,
        timeline=[*_reading(items), *_deciding(body, trend, decision), *steps],
        intact=all(quote.verbatim for item in items for quote in item.quotes),
    )


def _reading(items: Sequence[EvidenceItem]) -> list[Instant]:
    """Return when each document of the evidence was published and known, oldest first."""
    documents = {item.document.id: item.document for item in items if item.document is not None}
    steps = []
    for document in documents.values():
        ref, title = str(document.id), f"{document.publisher}: {document.title}"
        if document.published_at is not None and document.published_at <= document.known_at:
            steps.append(Instant(at=document.published_at, what="published", detail=title, ref=ref))
        steps.append(Instant(at=document.known_at, what="known", detail=title, ref=ref))
    return sorted(steps, key=lambda step: (step.at, step.what == "known", step.ref))


def _deciding(body: RecommendationBody, trend: TrendSummary, decision: DecisionBody | None) -> list[Instant]:
    """Return when trend, recommendation and decision were made."""
    toward = f"{trend.ticker} over {trend.window}: {trend.direction} {trend.score:+.2f}"
    steps = [
        Instant(at=trend.as_of, what="trend", detail=toward, ref=str(trend.id)),
        Instant(at=body.generated_at, what="recommended", detail=f"{body.action} {body.ticker}", ref=str(body.id)),
    ]
    if decision is not None:
        why = decision.primary_reason or f"{decision.quantity} shares"
        steps.append(
            Instant(at=decision.decided_at, what="decided", detail=f"{decision.verdict}: {why}", ref=str(decision.id))
        )
    return steps
