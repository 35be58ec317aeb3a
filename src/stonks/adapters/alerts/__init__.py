"""Ways to reach a person: the log, e-mail, Amazon SNS, a webhook."""

from typing import Protocol

from stonks.adapters.alerts.address import Address, read_addresses
from stonks.adapters.alerts.switchboard import Line, Switchboard
from stonks.ports.alerts import Alerts


class _Opener(Protocol):
    def __call__(self, address: Address, /) -> Line: ...


def open_alerts(urls: str) -> Alerts:
    """Return the channels at these URLs, which blanks part; nothing is sent yet.

    ``log:`` writes to this process's log, ``smtp://`` sends e-mail, ``sns://`` asks Amazon SNS, ``webhook+https://``
    posts JSON. Behind a ``#`` stand a channel's rules: ``name``, ``severity``, ``events``, ``quiet``, ``per_minute``.

    Raises:
        SettingError: a URL names no channel, or its rules cannot be read; none of it is repeated, as it may be secret.
    """
    return Switchboard(_opener(address)(address) for address in read_addresses(urls))


def _opener(address: Address) -> _Opener:
    match address.scheme:
        case "smtp":
            from stonks.adapters.alerts.smtp import open_mail

            return open_mail
        case "sns":
            from stonks.adapters.alerts.sns import open_sns

            return open_sns
        case "webhook+https" | "webhook+http":
            from stonks.adapters.alerts.webhook import open_webhook

            return open_webhook
        case _:
            from stonks.adapters.alerts.log import open_log

            return open_log


__all__ = ["open_alerts"]
