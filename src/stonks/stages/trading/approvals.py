"""Keeps what waits for a person, and what is said to it: once, and on record."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from stonks.model.approval import Approval, ApprovalAnswer, ApprovalState
from stonks.model.audit import AuditEntry
from stonks.model.errors import Refused
from stonks.ports.audit import append_audit
from stonks.ports.bundle import Ports
from stonks.ports.store import Reader, Transaction
from stonks.stages.trading.core.approval import requested_alert, same_person


async def request_approvals(transaction: Transaction, approvals: Sequence[Approval]) -> None:
    """Keep questions to a person and say that they are there; one that is there already is not asked again."""
    if approvals:
        await transaction.run("approvals.request", approvals=approvals)
        await transaction.run("alerts.raise_all", alerts=[requested_alert(approval) for approval in approvals])


class Approvals:
    """What waits for a person in one account, and what may be said to it: of answers given at once, one counts."""

    def __init__(self, ports: Ports) -> None:
        """Keep the approvals of the settings' account."""
        self._store = ports.store
        self._account = ports.settings.account

    async def page(
        self, state: ApprovalState | None, limit: int, before_at: datetime, after_id: UUID
    ) -> list[Approval]:
        """Return approvals behind a place, the newest first: all, or those in one state."""
        return await self._store.rows(
            Approval,
            "approvals.page",
            account=self._account,
            state=state,
            limit=limit,
            before_at=before_at,
            after_id=after_id,
        )

    async def find(self, reader: Reader, approval: UUID) -> Approval | None:
        """Return one approval of the account, or None where there is none."""
        found = await reader.row(Approval, "approvals.look", id=approval)
        return found if found is not None and found.account == self._account else None

    async def answer(self, transaction: Transaction, answer: ApprovalAnswer) -> Approval:
        """Let something pass once, or never, and return it as it stands then; the trading stage sends it.

        Whoever asked for something takes it back by saying no.

        Raises:
            Refused: there is no such approval, it is decided or its time is over, or this person may not allow it.
        """
        found = await self._pending(transaction, answer)
        state = _state(found, answer)
        await transaction.run(
            "approvals.move",
            id=found.id,
            was=found.state,
            state=state,
            decided_by=answer.who,
            decided_at=answer.at,
            consumed_at=None,
            reason=answer.reason,
        )
        decided = await transaction.row(Approval, "approvals.one", id=found.id)
        await append_audit(
            transaction,
            AuditEntry(
                at=answer.at,
                actor=answer.who,
                action=f"approval.{state.value}",
                object=str(found.id),
                before={"state": found.state.value},
                after={"state": state.value, "terms": found.body_hash, "order": str(found.order_body.id)},
                reason=answer.reason,
                request_id=answer.request_id,
            ),
        )
        return decided or found

    async def _pending(self, transaction: Transaction, answer: ApprovalAnswer) -> Approval:
        """Return the approval with its row locked: whoever answers at the same time waits, and finds it decided."""
        found = await transaction.row(Approval, "approvals.one", id=answer.approval)
        if found is None or found.account != self._account:
            raise Refused(f"there is no approval {answer.approval}")
        if found.state is not ApprovalState.PENDING:
            raise Refused(f"approval {found.id} is {found.state.value} already")
        if found.expires_at <= answer.at:
            raise Refused(f"approval {found.id} was to be decided by {found.expires_at:%Y-%m-%d %H:%M} UTC")
        return found


def _state(found: Approval, answer: ApprovalAnswer) -> ApprovalState:
    if not answer.allow:
        return ApprovalState.CANCELLED if answer.who == found.requested_by else ApprovalState.REJECTED
    if found.needs_other_eyes and same_person(found.requested_by, answer.who):
        raise Refused(f"{found.requested_by} asked for it: somebody else has to allow it, by a key of his own")
    return ApprovalState.APPROVED
