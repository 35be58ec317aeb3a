"""Who changed what, and whether the record of it is whole."""

from typing import Annotated

from litestar.params import QueryParameter

from stonks.api.answers.audit import AuditPage
from stonks.api.paging import Limit
from stonks.api.reading import OpenPorts, read
from stonks.model.audit import AuditProof
from stonks.model.principal import Scope
from stonks.ports.audit import audit_entries, verify_audit

_ADMIN = {"scope": Scope.ADMIN}
Word = Annotated[str | None, QueryParameter(max_length=80)]


@read("/audit", "listAudit", "audit", opt=_ADMIN)
async def list_audit(
    ports: OpenPorts,
    limit: Limit = 50,
    before: Annotated[int | None, QueryParameter(ge=1, le=2**62, description="next_before of the page before.")] = None,
    actor: Word = None,
    action: Word = None,
) -> AuditPage:
    """What people and keys changed, newest first, with reasons."""
    rows = await audit_entries(ports.store, limit + 1, before, actor, action)
    return AuditPage(items=rows[:limit], next_before=rows[limit - 1].seq if len(rows) > limit else None)


@read("/audit/verify", "verifyAudit", "audit", opt=_ADMIN)
async def get_audit_proof(ports: OpenPorts) -> AuditProof:
    """Whether every entry is what was written and follows from the one before it; reads all of them."""
    return await verify_audit(ports.store)
