"""The audit: the one way to write into it, and what may be asked of it."""

from stonks.model.audit import AuditEntry, AuditProof, AuditRow
from stonks.ports.store import Reader, Transaction

_NEWEST = 2**62


async def append_audit(transaction: Transaction, entry: AuditEntry) -> None:
    """Add an entry to the chain as a part of the change that it tells of.

    Whoever writes next waits until this transaction ends: append last.
    """
    await transaction.run("audit.lock")
    await transaction.run("audit.append", **{name: getattr(entry, name) for name in entry.__struct_fields__})


async def audit_entries(
    reader: Reader, limit: int, before: int | None = None, actor: str | None = None, action: str | None = None
) -> list[AuditRow]:
    """Return entries newest first, from below the number ``before`` where one is given."""
    return await reader.rows(
        AuditRow,
        "audit.page",
        before_seq=_NEWEST if before is None else before,
        actor=actor,
        action=action,
        limit=limit,
    )


async def verify_audit(reader: Reader) -> AuditProof:
    """Return whether every entry is what was written and follows from the one before it."""
    proof = await reader.row(AuditProof, "audit.verify")
    return proof or AuditProof(entries=0, head=None, broken_at=None, intact=True)
