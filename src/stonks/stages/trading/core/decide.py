"""Decides on recommendations one after another, each seeing what the ones before it did."""

from collections.abc import Sequence
from decimal import Decimal

from stonks.model.approval import Approval, ApprovalKind
from stonks.model.decision import Decision, Verdict
from stonks.model.identity import client_order_id, decision_id, intent_id
from stonks.model.order import Intent, Side
from stonks.model.recommendation import Advice
from stonks.risk.evaluate import Evaluation
from stonks.risk.facts import Proposal
from stonks.stages.trading.core.approval import ENGINE, Question, approval_of
from stonks.stages.trading.core.desk import ENTRY, EXIT, Candidate, Desk, Errand, market_order


def decide_all(desk: Desk, candidates: Sequence[Candidate]) -> tuple[tuple[Decision, ...], Desk]:
    """Return a decision on each candidate in the order given, and the desk after all of them."""
    decisions: list[Decision] = []
    for candidate in candidates:
        decision = decide(desk, candidate)
        decisions.append(decision)
        if decision.intent is not None:
            desk = desk.with_order(decision.intent)
    return tuple(decisions), desk


def decide(desk: Desk, candidate: Candidate) -> Decision:
    """Return what to do about one recommendation: buy, sell what is held, ask a person, or skip it for a gate."""
    evaluation = desk.judge(propose(desk, candidate))
    verdict = _verdict(evaluation)
    return Decision(
        id=decision_id(desk.account, candidate.id),
        account=desk.account,
        recommendation_id=candidate.id,
        ticker=candidate.ticker,
        verdict=verdict,
        primary_reason=evaluation.primary_reason,
        checks=evaluation.checks,
        clamps=evaluation.clamps,
        sizing=evaluation.sizing,
        quantity=evaluation.quantity,
        intent=_intent(desk, candidate, evaluation) if verdict is Verdict.ACT else None,
        approval=_approval(desk, candidate, evaluation) if verdict is Verdict.NEEDS_APPROVAL else None,
        policy_version=desk.policy.version,
        decided_at=desk.now,
    )


def _verdict(evaluation: Evaluation) -> Verdict:
    if evaluation.needs_approval:
        return Verdict.NEEDS_APPROVAL
    return Verdict.ACT if evaluation.primary_reason is None else Verdict.SKIP


def propose(desk: Desk, candidate: Candidate) -> Proposal:
    """Return a recommendation as what the gates judge; a sale is of all that is held and not yet promised."""
    sells = candidate.action is Advice.SELL
    return Proposal(
        ticker=candidate.ticker,
        side=Side.SELL if sells else Side.BUY,
        mode=candidate.mode,
        generated_at=candidate.generated_at,
        reduce_only=sells,
        quantity=desk.book.sellable(candidate.ticker) if sells else Decimal(0),
        probability=candidate.probability,
        probability_low=candidate.probability_low,
        confidence=candidate.confidence,
        contradiction=candidate.contradiction,
        sources=candidate.sources,
        decided=candidate.decided,
        superseded=candidate.superseded,
    )


def _approval(desk: Desk, candidate: Candidate, evaluation: Evaluation) -> Approval:
    """Return what a person is asked: whether the order that would follow may go."""
    question = Question(
        kind=ApprovalKind.DECISION,
        subject=decision_id(desk.account, candidate.id),
        mode=candidate.mode,
        order=_intent(desk, candidate, evaluation),
        price=evaluation.sizing["price"],
        checks=evaluation.checks,
        asked_by=ENGINE,
    )
    return approval_of(desk, question)


def _intent(desk: Desk, candidate: Candidate, evaluation: Evaluation) -> Intent:
    decision = decision_id(desk.account, candidate.id)
    leg = EXIT if candidate.action is Advice.SELL else ENTRY
    order = intent_id(desk.account, decision, leg, 1)
    errand = Errand(
        id=order,
        client_order_id=client_order_id(order),
        decision_id=decision,
        leg=leg,
        attempt=1,
        cause="recommendation",
    )
    return market_order(desk, errand, candidate.ticker, evaluation.quantity)
