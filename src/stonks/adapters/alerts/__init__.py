"""Ways to reach a person: the log."""

from stonks.model.errors import SettingError
from stonks.ports.alerts import Alerts


def open_alerts(url: str) -> Alerts:
    """Return the channel at a URL; ``log:`` writes alerts to this process's log.

    Raises:
        SettingError: the URL's scheme is no channel.
    """
    match url.partition(":")[0]:
        case "log":
            from stonks.adapters.alerts.log import LogAlerts

            return LogAlerts()
        case _:
            raise SettingError("STONKS_ALERTS_URL", f"no channel at {url!r}: use log:")


__all__ = ["open_alerts"]
