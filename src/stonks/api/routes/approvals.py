"""What waits for a person, and what he says to it."""

from typing import Annotated
from uuid import UUID

from litestar.exceptions import NotFoundException
from litestar.params import FromPath, JSONBody, QueryParameter

from stonks.api.answers.risk import ApprovalDecision, ApprovalPage, ApprovalRow, approval_row
from stonks.api.paging import Cursor, Limit, page, place
from stonks.api.reading import OpenPorts, read
from stonks.api.writing import OpenAct, write
from stonks.app import open_approvals
from stonks.model.approval import ApprovalAnswer, ApprovalState
from stonks.model.principal import Scope


@read("/approvals", "listApprovals", "risk")
async def list_approvals(
    ports: OpenPorts,
    limit: Limit = 50,
    cursor: Cursor = None,
    standing: Annotated[ApprovalState | None, QueryParameter(name="state", description="Only those.")] = None,
) -> ApprovalPage:
    """What waits for a person or did, newest first."""
    start = place(cursor)
    found = await open_approvals(ports).page(standing, limit + 1, start.before_at, start.after_id)
    items, after = page(found, limit, lambda row: row.requested_at, lambda row: row.id)
    return ApprovalPage(items=[approval_row(item) for item in items], next_cursor=after)


@write("POST", "/approvals/{approval_id:uuid}/decision", "decideApproval", "risk", scope=Scope.RISK_APPROVE)
async def decide_approval(act: OpenAct, data: JSONBody[ApprovalDecision], approval_id: FromPath[UUID]) -> ApprovalRow:
    """Let something pass once, or never: 409 where it is decided, its time is over, or this person may not allow it."""
    approvals = open_approvals(act.ports)
    if await approvals.find(act.commit, approval_id) is None:
        raise NotFoundException(f"there is no approval {approval_id}")
    answer = ApprovalAnswer(
        approval=approval_id,
        allow=data.decision == "approve",
        who=act.principal.name,
        reason=data.reason,
        at=act.now,
        request_id=act.request_id,
    )
    return approval_row(await approvals.answer(act.commit, answer))
