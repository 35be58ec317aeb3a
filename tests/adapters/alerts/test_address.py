from datetime import timedelta

import pytest

from stonks.adapters.alerts import open_alerts
from stonks.model.alert import Channel, Severity
from stonks.model.errors import Refused, SettingError
from tests.fakes.alerts import alert
from tests.fakes.facts import NOW

HOOK = "webhook+https://:canary@hooks.example/canary?key=canary"


def test_a_channel_has_the_rules_behind_its_hash_and_an_address_without_secrets() -> None:
    plain, ruled = open_alerts(
        f"log: {HOOK}#name=ops&severity=warning&events=breaker_*,order_unknown&quiet=30&per_minute=5"
    ).channels

    assert plain == Channel(name="log", address="this process's log")
    assert ruled == Channel(
        name="ops",
        address="https://hooks.example",
        severity=Severity.WARNING,
        events=("breaker_*", "order_unknown"),
        quiet=timedelta(minutes=30),
        per_minute=5,
    )


def test_without_rules_people_hear_everything_but_not_twice_and_not_without_end() -> None:
    (hook,) = open_alerts(HOOK).channels

    assert (hook.severity, hook.events) == (Severity.INFO, ("*",))
    assert hook.quiet == timedelta(minutes=10)
    assert hook.per_minute


@pytest.mark.parametrize(
    ("urls", "why"),
    [
        ("", "names no channel"),
        ("pigeon://canary", "channel 1 is none of log:, smtp:"),
        ("log: https://canary", "channel 2 is none of"),
        ("log: log:", "two channels are called log"),
        ("smtp://canary:x/", "cannot be read as a URL"),
        ("webhook+https://[canary/", "cannot be read as a URL"),
        ("log:#canary", "the rules behind its # are none but name"),
        ("smtp://a%40b.example:pass#canary", ": / # @ are %3A %2F %23 %40"),
        ("log:#severity=canary", "want a severity of info, warning, critical"),
        ("log:#events=canary%20", "want events such as"),
        ("log:#quiet=canary", "as whole numbers"),
        ("log:#per_minute=0", "as whole numbers"),
        ("log:#name=CANARY%0a", "want a name"),
        ("webhook+https:///canary", "is webhook"),
        ("webhook+https://canary:x@host/", "is webhook"),
    ],
)
def test_a_url_that_is_none_stops_the_start_and_is_not_repeated(urls: str, why: str) -> None:
    with pytest.raises(SettingError, match="STONKS_ALERTS_URL") as raised:
        open_alerts(urls)

    assert why in str(raised.value)
    assert "canary" not in str(raised.value).lower()


async def test_a_channel_that_is_not_there_is_named() -> None:
    with pytest.raises(Refused, match="no channel mail: there are log"):
        await open_alerts("log:").send(alert(1), "mail", NOW)
