"""Alerts as the API shows them."""

from datetime import datetime
from uuid import UUID

import msgspec


class AlertRow(msgspec.Struct, frozen=True, kw_only=True):
    """Something a person should hear about, and whether it was sent."""

    id: UUID
    kind: str
    severity: str
    subject: str
    text: str
    raised_at: datetime
    sent_at: datetime | None
    channel: str | None
    error: str | None


class AlertPage(msgspec.Struct, frozen=True, kw_only=True):
    """Alerts, newest first."""

    items: list[AlertRow]
    next_cursor: str | None
