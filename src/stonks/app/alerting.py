"""The channels of the settings, for who tries them by hand: without a database, and beside the pipeline."""

from typing import TYPE_CHECKING

import msgspec

from stonks.model.errors import Permanent, Refused, Transient
from stonks.settings import Settings

if TYPE_CHECKING:
    from stonks.model.alert import Channel


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a test alert on a channel; without an error it was taken."""

    channel: str
    address: str
    error: str | None


def open_channels(settings: Settings) -> "tuple[Channel, ...]":
    """Return the channels that the settings name, with their rules; nothing is sent.

    Raises:
        SettingError: a URL names no channel.
    """
    from stonks.adapters.alerts import open_alerts

    return tuple(open_alerts(settings.alerts_url.get_secret_value()).channels)


async def try_channels(settings: Settings, only: str | None) -> list[Trial]:
    """Send a test alert through each channel at once, or through one of them, and return what came of it.

    Raises:
        SettingError: a URL names no channel.
        Refused: there is no channel of that name.
    """
    import asyncio

    from stonks.adapters.alerts import open_alerts
    from stonks.model.alert import Alert, Severity
    from stonks.model.identity import alert_id
    from stonks.runtime.clock import SystemClock

    alerts = open_alerts(settings.alerts_url.get_secret_value())
    channels = [channel for channel in alerts.channels if only in {None, channel.name}]
    if not channels:
        raise Refused(f"no channel {only}: there are {', '.join(channel.name for channel in alerts.channels)}")
    now = SystemClock().now()
    test = Alert(
        id=alert_id("test", "alerts", now),
        kind="test",
        severity=Severity.INFO,
        subject="this channel",
        text="A test: alerts of Stonks Oracle arrive here.",
        raised_at=now,
    )

    async def tried(channel: "Channel") -> Trial:
        error: str | None = None
        try:
            await alerts.send(test, channel.name, now)
        except (Transient, Permanent) as failure:
            error = f"{type(failure).__name__}: {failure}"
        return Trial(channel=channel.name, address=channel.address, error=error)

    return await asyncio.gather(*map(tried, channels))
