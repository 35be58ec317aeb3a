"""Which alert is told on which channel, and how long a channel that fails is left alone."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from stonks.model.alert import Alert, Channel, Severity

_LOUDNESS = {Severity.CRITICAL: 0, Severity.WARNING: 1, Severity.INFO: 2}
_SHORTEST_REST = timedelta(seconds=15)
_LONGEST_REST = timedelta(minutes=15)


class Told(msgspec.Struct, frozen=True):
    """Words that a channel has told or will tell, and when what they say was raised."""

    channel: str
    kind: str
    subject: str
    text: str
    raised_at: datetime


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """An alert on a channel: ``waiting`` to be told, or ``folded`` into the same words said shortly before."""

    alert_id: UUID
    channel: str
    state: str


def wants(channel: Channel, alert: Alert) -> bool:
    """Return whether a channel's rules let an alert through."""
    return _LOUDNESS[alert.severity] <= _LOUDNESS[channel.severity] and any(
        alert.kind.startswith(event[:-1]) if event.endswith("*") else alert.kind == event for event in channel.events
    )


def route(alerts: Iterable[Alert], channels: Sequence[Channel], told: Iterable[Told]) -> list[Delivery]:
    """Return what each channel is to tell, in the order in which it was raised.

    The same words (kind, subject and text) are told once a channel's quiet time, counted from when they were raised.
    """
    last: dict[tuple[str, str, str, str], datetime] = {}
    for one in told:
        words = (one.channel, one.kind, one.subject, one.text)
        last[words] = max(one.raised_at, last.get(words, one.raised_at))
    deliveries = []
    for alert in sorted(alerts, key=lambda alert: (alert.raised_at, alert.id)):
        for channel in (channel for channel in channels if wants(channel, alert)):
            words = (channel.name, alert.kind, alert.subject, alert.text)
            folded = words in last and alert.raised_at - last[words] < channel.quiet
            if not folded:
                last[words] = alert.raised_at
            state = "folded" if folded else "waiting"
            deliveries.append(Delivery(alert_id=alert.id, channel=channel.name, state=state))
    return deliveries


def rest_after(failures: int) -> timedelta:
    """Return how long a channel rests that failed so often in a row: min(15 minutes, 15 s * 2^(failures - 1))."""
    return min(_LONGEST_REST, _SHORTEST_REST * 2.0 ** min(failures - 1, 16))
