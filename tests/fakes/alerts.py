"""A channel that remembers what it was given, and may be down."""

from stonks.model.alert import Alert
from stonks.model.errors import Unreachable


class FakeAlerts:
    """Delivers until it has delivered ``until`` alerts, then does not answer."""

    def __init__(self, until: int = 1000) -> None:
        self.delivered: list[Alert] = []
        self.until = until

    async def send(self, alert: Alert) -> None:
        if len(self.delivered) >= self.until:
            raise Unreachable("nobody answers")
        self.delivered.append(alert)
