"""Ways to reach a person."""

from typing import Protocol

from stonks.model.alert import Alert


class Alerts(Protocol):
    """One channel to a person."""

    async def send(self, alert: Alert) -> None:
        """Deliver an alert.

        Raises:
            Transient: the channel is down.
        """
        ...
