"""An order that somebody asks for, as the gates judge it and as it is answered."""

import math
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

import msgspec

from stonks.model.identity import client_order_id, override_id
from stonks.model.market import Price
from stonks.model.order import Intent, OrderType, Side
from stonks.model.order_request import Asker, OrderRequest, OrderVerdict, RiskVerdict
from stonks.risk.evaluate import Evaluation
from stonks.risk.facts import Proposal
from stonks.stages.trading.core.decide import propose
from stonks.stages.trading.core.desk import ENTRY, EXIT, Candidate, Desk

_MARKET_VALID = timedelta(seconds=30)
_PRICED_VALID = timedelta(minutes=5)


class Docket(NamedTuple):
    """Under what an answer is kept, who asked, and the digest of the book that it is given on."""

    id: UUID
    asked_by: str
    book: str


def judge(desk: Desk, request: OrderRequest, candidate: Candidate | None, docket: Docket) -> OrderVerdict:
    """Return what every gate says to a request; ``candidate`` is the recommendation that the engine asks for."""
    asked = shares(request, desk.markets[request.ticker].price)
    evaluation = desk.judge(_proposal(desk, request, candidate, asked))
    verdict = _verdict(evaluation, asked)
    valid = _MARKET_VALID if request.type is OrderType.MARKET else _PRICED_VALID
    return OrderVerdict(
        id=docket.id,
        request=request,
        asked_by=docket.asked_by,
        verdict=verdict,
        quantity=evaluation.quantity,
        primary_reason=evaluation.primary_reason,
        checks=evaluation.checks,
        clamps=evaluation.clamps,
        sizing=evaluation.sizing,
        policy_version=desk.policy.version,
        portfolio_hash=docket.book,
        evaluated_at=desk.now,
        expires_at=desk.now + valid,
    )


def shares(request: OrderRequest, price: Price | None) -> Decimal:
    """Return how many shares are asked for; dollars are as many whole shares as they pay for, none without a price."""
    if request.quantity is not None:
        return request.quantity
    each = request.limit_price
    if each is None and price is not None:
        each = price.ask if request.side is Side.BUY else price.bid
    if request.notional is None or each is None or each <= 0:
        return Decimal(0)
    return Decimal(math.floor(request.notional / each))


def order_of(verdict: OrderVerdict) -> Intent:
    """Return the order that an answer lets pass; its ids follow from the request, so that it is made once."""
    request = verdict.request
    order = override_id(verdict.id)
    selling = request.side is Side.SELL
    return Intent(
        id=order,
        decision_id=None,
        account=request.account,
        leg=EXIT if selling else ENTRY,
        attempt=1,
        client_order_id=client_order_id(order),
        ticker=request.ticker,
        side=request.side,
        type=request.type,
        quantity=verdict.quantity,
        limit_price=request.limit_price,
        stop_price=request.stop_price,
        time_in_force=request.time_in_force,
        reduce_only=selling,
        source="manual",
        cause="manual",
    )


def _proposal(desk: Desk, request: OrderRequest, candidate: Candidate | None, asked: Decimal) -> Proposal:
    if candidate is not None:
        proposal = propose(desk, candidate)
        return msgspec.structs.replace(proposal, quantity=asked, mode=request.mode, limit=request.limit_price)
    return Proposal(
        ticker=request.ticker,
        side=request.side,
        mode=request.mode,
        generated_at=request.as_of or desk.now,
        reduce_only=request.side is Side.SELL,
        manual=request.source is Asker.MANUAL,
        quantity=asked,
        limit=request.limit_price,
    )


def _verdict(evaluation: Evaluation, asked: Decimal) -> RiskVerdict:
    if evaluation.needs_approval:
        return RiskVerdict.NEEDS_APPROVAL
    if evaluation.primary_reason is not None or evaluation.quantity <= 0:
        return RiskVerdict.DENIED
    return RiskVerdict.CLAMPED if evaluation.quantity < asked else RiskVerdict.APPROVED
