"""Entries of the audit: who changed what, from what to what, when and why."""

from datetime import datetime
from typing import Any

import msgspec


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One change that a person, or a program in a person's name, made."""

    at: datetime
    actor: str
    """A key's name, ``local`` for somebody at this machine, ``cli:USER`` for a command."""
    action: str
    """What was done, as ``noun.verb``."""
    object: str
    """What it was done to."""
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    reason: str | None = None
    request_id: str | None = None
    """The request of the API that asked for it."""


class AuditRow(AuditEntry, frozen=True, kw_only=True):
    """An entry as it is kept; its hash covers it and the hash of the one before it."""

    seq: int
    prev_hash: str
    hash: str


class AuditProof(msgspec.Struct, frozen=True, kw_only=True):
    """What came of following the chain from its beginning."""

    entries: int
    head: str | None
    """The newest hash: kept elsewhere, it also shows that no newer entries were cut off since."""
    broken_at: int | None
    """The number of the first entry that does not follow from the one before it; None: all do."""
    intact: bool
