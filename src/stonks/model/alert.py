"""Alerts: what a person should hear about."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec


class Severity(StrEnum):
    """How loudly to say it."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """A row of ``alerts``; the text says what happened and what it means."""

    id: UUID
    kind: str
    severity: Severity
    subject: str
    text: str
    raised_at: datetime
