"""Orders that a person asks for: through the same gates, onto the same queue, each once."""

from datetime import datetime

import msgspec

from stonks.model.approval import ApprovalKind
from stonks.model.audit import AuditEntry
from stonks.model.errors import Conflict, Malformed
from stonks.model.job import BrokerOrderJob
from stonks.model.order import OrderType
from stonks.model.order_request import Asker, OrderRequest, OrderVerdict, RiskVerdict
from stonks.model.placing import Placing
from stonks.ports.audit import append_audit
from stonks.ports.bundle import Ports
from stonks.ports.stage import Commit
from stonks.stages.trading.approvals import request_approvals
from stonks.stages.trading.core.approval import Question, approval_of
from stonks.stages.trading.core.desk import Desk
from stonks.stages.trading.core.request import order_of
from stonks.stages.trading.orders import keep_order
from stonks.stages.trading.verdicts import PLACE, Verdicts

_TRADED = frozenset({RiskVerdict.APPROVED, RiskVerdict.CLAMPED})
_TYPES = frozenset({OrderType.MARKET, OrderType.LIMIT})


class Overrides:
    """Places the orders of people in one account."""

    def __init__(self, ports: Ports) -> None:
        """Judge by the policy of the settings' tier."""
        self._account = ports.settings.account
        self._verdicts = Verdicts(ports, PLACE)

    async def judge(self, request: OrderRequest, asked_by: str, now: datetime) -> Placing:
        """Return what would become of a request; nothing is written.

        Raises:
            Malformed: the request makes no sense, or is for a type of order that is not placed by hand.
            Refused: it is for another account.
            Conflict: the same key was used for another request.
            Unreachable: something that has to be known cannot be.
        """
        if request.source is not Asker.MANUAL or request.type not in _TYPES:
            raise Malformed("by hand market and limit orders are placed")
        verdict, desk = await self._verdicts.judge(request, asked_by, now)
        return Placing(verdict, known=True) if desk is None else _placing(verdict, desk)

    async def place(self, commit: Commit, placing: Placing, reason: str | None, request_id: str | None) -> OrderVerdict:
        """Keep an answer and what follows from it, and return it; a repeat gets the answer that was given first.

        Raises:
            Conflict: the account changed since the request was judged: judge it again.
        """
        verdict = placing.verdict
        if placing.known:
            return verdict
        await commit.run("requests.lock_book", account=self._account)
        before = await self._verdicts.keep(commit, verdict)
        if before is not None:
            return before
        if await commit.value("requests.portfolio_hash", account=self._account) != verdict.portfolio_hash:
            raise Conflict("the account changed while the order was judged: ask again")
        if placing.order is not None and verdict.verdict in _TRADED:
            await keep_order(commit, placing.order, _market(verdict), verdict.evaluated_at)
            await commit.follow(BrokerOrderJob(order_id=placing.order.id))
        if placing.approval is not None:
            await request_approvals(commit, [placing.approval])
        await append_audit(commit, _entry(verdict, reason, request_id))
        return verdict


def _placing(verdict: OrderVerdict, desk: Desk) -> Placing:
    if verdict.verdict is RiskVerdict.DENIED:
        return Placing(verdict)
    order = order_of(verdict)
    if verdict.verdict in _TRADED:
        return Placing(msgspec.structs.replace(verdict, order_id=order.id), order)
    question = Question(
        kind=ApprovalKind.OVERRIDE,
        subject=verdict.id,
        mode=verdict.request.mode,
        order=order,
        price=verdict.sizing["market"],
        checks=verdict.checks,
        asked_by=verdict.asked_by,
    )
    approval = approval_of(desk, question)
    return Placing(msgspec.structs.replace(verdict, order_id=order.id, approval_id=approval.id), order, approval)


def _market(verdict: OrderVerdict) -> float | None:
    """Return the price that the market showed when a request was judged."""
    return verdict.sizing.get("market")


def _entry(verdict: OrderVerdict, reason: str | None, request_id: str | None) -> AuditEntry:
    asked = msgspec.to_builtins(verdict.request)
    return AuditEntry(
        at=verdict.evaluated_at,
        actor=verdict.asked_by,
        action=f"order.{verdict.verdict.value}",
        object=str(verdict.order_id or verdict.id),
        after={"request": asked, "quantity": str(verdict.quantity), "failed": verdict.primary_reason},
        reason=reason,
        request_id=request_id,
    )
