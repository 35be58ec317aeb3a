"""How sources stand: with their latest poll, and against what is promised of them."""

from datetime import datetime

from stonks.model.document import Source


class Standing(Source, frozen=True, kw_only=True):
    """A source with its latest poll, if that has not ended, and what went wrong in the latest that has."""

    running_since: datetime | None = None
    last_error: str | None = None


class Overview(Standing, frozen=True, kw_only=True):
    """A source as it stands at an instant."""

    due_at: datetime | None
    """When it is polled next, its failures counted in; None for never, or as soon as somebody looks."""
    age_seconds: float | None
    """Since its last success; None where there was none."""
    late: bool
