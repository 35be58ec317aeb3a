"""Alerts: what a person should hear about, and the rules of a channel to one."""

from datetime import datetime, timedelta
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


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    """A way to a person by its name, and what is told on it; nothing of it is secret."""

    name: str
    address: str
    """Where it leads, as far as everybody may know."""
    severity: Severity = Severity.INFO
    """The quietest that is told."""
    events: tuple[str, ...] = ("*",)
    """The kinds of alerts that are told; one that ends in ``*`` stands for all that begin so."""
    quiet: timedelta = timedelta()
    """How long the same words are not said again."""
    per_minute: int | None = None
    """How many alerts any minute takes at most; None: as many as there are."""
