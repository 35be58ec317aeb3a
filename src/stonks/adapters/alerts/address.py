"""A channel's URL: before the ``#`` where it leads, with what is secret; behind it which alerts go there."""

import re
from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

import msgspec

from stonks.model.alert import Channel, Severity
from stonks.model.errors import SettingError

SETTING = "STONKS_ALERTS_URL"

_PER_MINUTE = {"log": None, "smtp": 10, "sns": 6, "webhook+https": 60, "webhook+http": 60}
"""The schemes, and how many alerts a minute each takes unless a rule says otherwise."""
_QUIET = timedelta(minutes=10)
_RULES = ("name", "severity", "events", "quiet", "per_minute")
_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")
_EVENT = re.compile(r"[a-z_]*\*|[a-z_]+")
_WHOLE = re.compile(r"\d{1,4}")


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """A channel's URL, read: its rules, and what its adapter makes of the rest."""

    channel: Channel
    scheme: str
    host: str | None
    port: int | None
    user: str | None
    password: str | None
    path: str
    query: str

    def options(self, *known: str) -> dict[str, str]:
        """Return the options in the query.

        Raises:
            SettingError: there is one that is not known.
        """
        given = dict(parse_qsl(self.query))
        if given.keys() - set(known):
            raise self.wrong(f"takes no options but {', '.join(known)}")
        return given

    def wrong(self, why: str) -> SettingError:
        """Return the error to raise for something of this URL; the words must repeat nothing secret."""
        return SettingError(SETTING, f"the channel {self.channel.name} {why}")

    def shown(self, address: str) -> Channel:
        """Return the channel with an address that everybody may see."""
        return msgspec.structs.replace(self.channel, address=address)


def read_addresses(urls: str) -> Sequence[Address]:
    """Return what URLs say, in their order; blanks part them.

    Raises:
        SettingError: there is none, one cannot be read, or two have the same name.
    """
    addresses = [_read(number, url) for number, url in enumerate(urls.split(), start=1)]
    names = [address.channel.name for address in addresses]
    if not names:
        raise SettingError(SETTING, "names no channel: use log:")
    if twice := {name for name in names if names.count(name) > 1}:
        raise SettingError(SETTING, f"two channels are called {min(twice)}: name one, as in #name=other")
    return addresses


def _read(number: int, url: str) -> Address:
    """Return what one URL says. Its errors name it by its number, as anything in it may be secret."""
    parts, port = _parted(number, url)
    if parts.scheme not in _PER_MINUTE:
        raise SettingError(SETTING, f"channel {number} is none of {', '.join(f'{scheme}:' for scheme in _PER_MINUTE)}")
    try:
        channel = _channel(parts.scheme, dict(parse_qsl(parts.fragment, keep_blank_values=True)))
    except ValueError as wrong:
        raise SettingError(SETTING, f"channel {number}, {parts.scheme}: the rules behind its # {wrong}") from None
    return Address(
        channel=channel,
        scheme=parts.scheme,
        host=parts.hostname,
        port=port,
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        path=unquote(parts.path),
        query=parts.query,
    )


def _parted(number: int, url: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise SettingError(
            SETTING, f"channel {number} cannot be read as a URL: in a name or password : / # @ are %3A %2F %23 %40"
        ) from None
    return parts, port


def _channel(scheme: str, rules: dict[str, str]) -> Channel:
    """Return a channel with its rules.

    Raises:
        ValueError: what is wrong with them.
    """
    if rules.keys() - set(_RULES):  # perhaps a password with a # in it
        raise ValueError(f"are none but {', '.join(_RULES)}, as in #name=ops; any other # is written %23")
    name, events = rules.get("name", scheme.partition("+")[0]), tuple(rules.get("events", "*").split(","))
    severity, quiet, per_minute = (rules.get(rule) for rule in ("severity", "quiet", "per_minute"))
    if not _NAME.fullmatch(name):
        raise ValueError("want a name of small letters, digits and hyphens")
    if not all(map(_EVENT.fullmatch, events)):
        raise ValueError("want events such as order_filled,breaker_*")
    if severity is not None and severity not in list(Severity):
        raise ValueError(f"want a severity of {', '.join(Severity)}")
    if any(rule is not None and not _WHOLE.fullmatch(rule) for rule in (quiet, per_minute)) or per_minute == "0":
        raise ValueError("want quiet in minutes and per_minute as whole numbers")
    return Channel(
        name=name,
        address=scheme,
        severity=Severity(severity or Severity.INFO),
        events=events,
        quiet=timedelta(minutes=int(quiet)) if quiet else timedelta() if scheme == "log" or quiet else _QUIET,
        per_minute=int(per_minute) if per_minute else _PER_MINUTE[scheme],
    )
