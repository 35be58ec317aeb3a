from datetime import timedelta

import pytest

from stonks.model.alert import Alert, Severity
from stonks.model.identity import alert_id
from stonks.ports.store import Store
from stonks.stages.notifications.worker import Messenger
from tests.fakes.alerts import FakeAlerts
from tests.fakes.facts import NOW
from tests.fakes.ports import some_ports
from tests.fakes.rows import open_database
from tests.fakes.work import FakeWork


def alert(number: int, severity: Severity = Severity.INFO) -> Alert:
    return Alert(
        id=alert_id("k", number, NOW),
        kind="k",
        severity=severity,
        subject=f"s{number}",
        text="t",
        raised_at=NOW + timedelta(minutes=number),
    )


async def raised(store: Store, *alerts: Alert) -> None:
    async with store.transaction() as transaction:
        await transaction.run("alerts.raise_all", alerts=alerts)


async def poll(store: Store, channel: FakeAlerts, at: timedelta = timedelta(hours=1)) -> None:
    await Messenger(some_ports(store=store, alerts=channel)).poll(FakeWork(store, None, NOW + at))


async def test_each_alert_is_delivered_once_the_loudest_first(store: Store) -> None:
    channel = FakeAlerts()
    await raised(store, alert(1), alert(2, Severity.CRITICAL), alert(3))
    await raised(store, alert(1))

    await poll(store, channel)
    await poll(store, channel)

    assert [each.subject for each in channel.delivered] == ["s2", "s1", "s3"]


async def test_what_was_not_yet_raised_is_not_told(store: Store) -> None:
    channel = FakeAlerts()
    await raised(store, alert(1), alert(2))

    await poll(store, channel, timedelta(minutes=1))

    assert [each.subject for each in channel.delivered] == ["s1"]


@pytest.mark.parametrize("until", [0, 1, 2])
async def test_a_channel_that_is_down_keeps_alerts_waiting_and_stops_nobody(
    store: Store, database_url: str, until: int
) -> None:
    channel = FakeAlerts(until)
    await raised(store, alert(1), alert(2), alert(3))

    await poll(store, channel)
    async with open_database(database_url) as database:
        unsent = await database.rows(
            "SELECT subject, channel, error FROM alerts WHERE sent_at IS NULL ORDER BY raised_at"
        )
    channel.until = 1000
    await poll(store, channel)

    assert len(unsent) == 3 - until
    assert (unsent[0]["channel"], unsent[0]["error"]) == ("log", "nobody answers")
    assert [each.subject for each in channel.delivered] == ["s1", "s2", "s3"]
