"""What a person may say to a trading account, and what comes of it."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec


class Command(StrEnum):
    """What may be said to an account."""

    PAUSE = "pause"
    RESUME = "resume"
    HALT = "halt"
    FLATTEN = "flatten"
    REARM = "rearm"


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """A command with who gives it, when and why; the request's id is unique."""

    by: str
    reason: str
    now: datetime
    request_id: str
    cancel_orders: bool = False
    """With a halt: whether working entry orders are taken back."""
    flatten: bool = False
    """With a halt: whether every position is given up first."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a command changed, and where the account stands since; states are active, reducing or halted."""

    account: str
    before: str
    state: str
    changed: bool
    halts_when_flat: bool
    """Whether the account only reduces until it is flat, and is halted then."""
    changed_by: str | None
    reason: str | None
    """Why the account stands as it does: the first reason given, where the command changed nothing."""
    recalled: int
    """Entry orders that this command asked to be taken back."""
    leaving: int
    """Positions that are being given up."""
    sending: int
    """Orders claimed before, which may still reach the broker."""
    breakers: tuple[str, ...]
    """Breakers that are open, as KIND@SCOPE."""
    meaning: str
    """What the account may do now, in words."""


class Recalled(msgspec.Struct, frozen=True, kw_only=True):
    """An order that is asked to be taken back; ``changed`` is false where it was before. It may trade until it is."""

    order_id: UUID
    ticker: str
    status: str
    changed: bool


class Leaving(msgspec.Struct, frozen=True, kw_only=True):
    """A position that is being given up; ``changed`` is false where it was before."""

    ticker: str
    changed: bool
