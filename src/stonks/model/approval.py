"""Approvals: what a person is asked to let pass, and what became of the question."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import msgspec

from stonks.model.identity import input_hash
from stonks.model.order import Intent, Side
from stonks.model.recommendation import Mode


class ApprovalState(StrEnum):
    """PENDING -> APPROVED | REJECTED | EXPIRED | CANCELLED; APPROVED -> CONSUMED | EXPIRED | CANCELLED."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    CONSUMED = "consumed"


class ApprovalKind(StrEnum):
    """What waits: a decision of the engine, or an order that a person asked for."""

    DECISION = "decision"
    OVERRIDE = "override"


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """All that a yes is given to; anything else needs a new one. Shares at most, and dollars a share."""

    ticker: str
    side: Side
    quantity: Decimal
    price_low: Decimal
    price_high: Decimal
    policy_version: str

    @property
    def hash(self) -> str:
        """A digest of these terms."""
        numbers = (f"{number.normalize():f}" for number in (self.quantity, self.price_low, self.price_high))
        return input_hash(self.ticker, self.side.value, *numbers, self.policy_version)


class Approval(msgspec.Struct, frozen=True, kw_only=True):
    """A row of ``approvals``."""

    id: UUID
    account: str
    kind: ApprovalKind
    mode: Mode
    subject_id: UUID
    """The decision or the risk evaluation that it is about."""
    ticker: str
    side: Side
    quantity: Decimal
    price_low: Decimal
    price_high: Decimal
    policy_version: str
    body_hash: str
    order_body: Intent
    """The order as it will be sent, at most for so many shares."""
    decided_price: float
    why: str
    """What asks for it, for whoever decides."""
    state: ApprovalState
    requested_by: str
    requested_at: datetime
    expires_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    consumed_at: datetime | None = None
    reason: str | None = None

    @property
    def needs_other_eyes(self) -> bool:
        """Whether whoever asked may not say yes: real money, and whatever a person asked for."""
        return self.mode is Mode.LIVE or self.kind is ApprovalKind.OVERRIDE

    def terms(self, policy_version: str) -> Terms:
        """Return what would be sent of it under a policy."""
        return Terms(
            ticker=self.order_body.ticker,
            side=self.order_body.side,
            quantity=self.order_body.quantity,
            price_low=self.price_low,
            price_high=self.price_high,
            policy_version=policy_version,
        )


class ApprovalAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What a person says to an approval."""

    approval: UUID
    allow: bool
    who: str
    reason: str
    at: datetime
    request_id: str | None = None
    """The request of the API that brought it."""
