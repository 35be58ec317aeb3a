"""The audit as the API shows it."""

import msgspec

from stonks.model.audit import AuditRow


class AuditPage(msgspec.Struct, frozen=True, kw_only=True):
    """Entries, newest first; ``next_before`` asks for older ones."""

    items: list[AuditRow]
    next_before: int | None
