"""Jobs that failed for good."""

from datetime import datetime
from uuid import UUID

import msgspec

from stonks.runtime.letters import LedgerRow


class DeadLetterQueue(msgspec.Struct, frozen=True, kw_only=True):
    """A queue and how many of its jobs are dead."""

    queue: str
    dead: int


class DeadLetterItem(msgspec.Struct, frozen=True, kw_only=True):
    """A job that will not be tried again by itself; ``payload`` is its bytes as text; places count from the newest.

    ``group`` is the fingerprint of its error, the same for all that failed in the same way.
    """

    queue: str
    place: int
    reason: str
    error: str
    at: datetime
    payload: str
    id: str
    group: str
    deliveries: int
    crashes: int


class DeadLetterGroup(msgspec.Struct, frozen=True, kw_only=True):
    """Dead jobs of one queue that failed in the same way; ``error`` has words for what differs among them."""

    queue: str
    group: str
    reason: str
    error: str
    count: int
    first_at: datetime
    last_at: datetime
    example: DeadLetterItem


class DeadDocument(msgspec.Struct, frozen=True, kw_only=True):
    """The document that a dead letter's job was about."""

    id: UUID
    source: str
    publisher: str
    title: str
    status: str
    status_reason: str | None


class DeadLetterBody(msgspec.Struct, frozen=True, kw_only=True):
    """A dead letter with everything that is known of it; ``payload_bytes`` are exact, in base64 where this is JSON."""

    letter: DeadLetterItem
    payload_bytes: bytes
    job: LedgerRow | None
    document: DeadDocument | None
