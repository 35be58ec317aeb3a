"""Sends what a person allowed, once its gates pass again, and ends what nobody decided in time."""

from datetime import datetime
from decimal import Decimal

import msgspec

from stonks.model.alert import Alert
from stonks.model.approval import Approval, ApprovalState
from stonks.model.audit import AuditEntry
from stonks.model.job import BrokerOrderJob
from stonks.model.order import Intent
from stonks.ports.audit import append_audit
from stonks.ports.bundle import Ports
from stonks.ports.stage import Commit, Work
from stonks.ports.store import Transaction
from stonks.stages.trading.core.approval import ENGINE, allowed, cancelled_alert, ended_alert, still_holds
from stonks.stages.trading.core.desk import Desk
from stonks.stages.trading.knowledge import Knowledge
from stonks.stages.trading.orders import keep_order


class Permits:
    """Looks after the approvals of one account between a person's yes and the order, and after those without one."""

    def __init__(self, ports: Ports, knowledge: Knowledge) -> None:
        """Judge by what this knowledge knows."""
        self._store = ports.store
        self._account = ports.settings.account
        self._knowledge = knowledge

    async def settle(self, work: Work[None]) -> None:
        """End what is overdue, then make the orders that are allowed: those whose gates do not pass wait on."""
        due = await self._store.rows(Approval, "approvals.due", account=self._account, now=work.now)
        for approval in due:
            if approval.expires_at <= work.now:
                async with work.commit() as commit:
                    await self._end(commit, approval, ApprovalState.EXPIRED, ended_alert(approval, work.now), work.now)
            else:
                await self._use(work, approval)

    async def _use(self, work: Work[None], approval: Approval) -> None:
        book = await self._store.value("requests.portfolio_hash", account=self._account)
        desk = await self._desk(approval, work.now)
        if not still_holds(desk, approval):
            alert = cancelled_alert(approval, desk.policy.version, work.now)
            async with work.commit() as commit:
                await self._end(commit, approval, ApprovalState.CANCELLED, alert, work.now)
            return
        quantity = allowed(desk, approval)
        if quantity > 0:
            async with work.commit() as commit:
                await self._send(commit, approval, quantity, book, work.now)

    async def _desk(self, approval: Approval, now: datetime) -> Desk:
        state, held = await self._knowledge.state(now), await self._knowledge.held(now)
        return await self._knowledge.desk(now, state, held, [approval.ticker])

    async def _send(self, commit: Commit, approval: Approval, quantity: Decimal, book: str, now: datetime) -> None:
        """Use a yes up and make its order; another process may have, and the book may be another by now."""
        await commit.run("requests.lock_book", account=self._account)
        if await commit.value("requests.portfolio_hash", account=self._account) != book:
            return
        if not await _moved(commit, approval, ApprovalState.CONSUMED, now):
            return
        order = msgspec.structs.replace(approval.order_body, quantity=quantity)
        await keep_order(commit, order, approval.decided_price, now)
        await commit.follow(BrokerOrderJob(order_id=order.id))
        await append_audit(commit, _entry(approval, ApprovalState.CONSUMED, now, order))

    async def _end(self, commit: Commit, approval: Approval, state: ApprovalState, alert: Alert, now: datetime) -> None:
        if await _moved(commit, approval, state, now):
            await commit.run("alerts.raise_all", alerts=[alert])
            await append_audit(commit, _entry(approval, state, now))


async def _moved(transaction: Transaction, approval: Approval, state: ApprovalState, now: datetime) -> bool:
    consumed = now if state is ApprovalState.CONSUMED else None
    return bool(
        await transaction.run(
            "approvals.move",
            id=approval.id,
            was=approval.state,
            state=state,
            decided_by=None,
            decided_at=None,
            consumed_at=consumed,
            reason=None,
        )
    )


def _entry(approval: Approval, state: ApprovalState, now: datetime, order: Intent | None = None) -> AuditEntry:
    sent = {} if order is None else {"order": str(order.id), "quantity": str(order.quantity)}
    return AuditEntry(
        at=now,
        actor=ENGINE,
        action=f"approval.{state.value}",
        object=str(approval.id),
        before={"state": approval.state.value},
        after={"state": state.value, "terms": approval.body_hash, **sent},
    )
