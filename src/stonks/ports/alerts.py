"""Ways to reach a person."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from stonks.model.alert import Alert, Channel
from stonks.model.errors import Unreachable


class Unanswered(Unreachable):
    """Raised when a channel was given an alert and never said whether it took it: a person may have heard it."""


class Alerts(Protocol):
    """Every channel that the settings name."""

    @property
    def channels(self) -> Sequence[Channel]:
        """The channels with their rules, in the settings' order."""
        ...

    async def send(self, alert: Alert, channel: str, now: datetime) -> None:
        """Deliver an alert through the channel of this name; ``now`` is when it is said.

        Raises:
            Unanswered: it may have been delivered.
            Transient: the channel is down; it was not delivered.
            SettingError: the channel refuses us, whatever the alert.
            Permanent: the channel refuses this alert.
        """
        ...
