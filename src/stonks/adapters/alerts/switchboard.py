"""Every channel by its name."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple, Protocol

from stonks.model.alert import Alert, Channel
from stonks.model.errors import Refused


class Speaker(Protocol):
    """One way to say an alert; raises what ``Alerts.send`` does."""

    async def send(self, alert: Alert, now: datetime) -> None:
        """Say it."""
        ...


class Line(NamedTuple):
    """An open channel: who speaks, and where it leads as far as everybody may know."""

    speaker: Speaker
    channel: Channel


class Switchboard:
    """The channels of the settings."""

    def __init__(self, lines: Iterable[Line]) -> None:
        """Speak on these, whose names differ."""
        self._lines = {line.channel.name: line for line in lines}

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The channels with their rules, in the settings' order."""
        return tuple(line.channel for line in self._lines.values())

    async def send(self, alert: Alert, channel: str, now: datetime) -> None:
        """Say an alert on the channel of this name.

        Raises:
            Refused: there is none.
        """
        if channel not in self._lines:
            raise Refused(f"no channel {channel}: there are {', '.join(self._lines)}")
        await self._lines[channel].speaker.send(alert, now)
