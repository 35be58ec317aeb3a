"""Commands to the account, and trials of the alerts."""

import msgspec

from stonks.api.answers.asked import Asked


class HaltAsked(Asked, frozen=True, kw_only=True):
    """Why to halt, and what to do with what is there."""

    cancel_orders: bool = False
    """Whether entry orders that work are taken back; protective stops stay."""
    flatten: bool = False
    """Whether every position is given up first: the account only reduces until it is flat."""


class AlertTrial(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a test alert on a channel; without an error it was taken."""

    channel: str
    address: str
    error: str | None


class AlertTrials(msgspec.Struct, frozen=True, kw_only=True):
    """Every channel that was tried."""

    items: list[AlertTrial]
