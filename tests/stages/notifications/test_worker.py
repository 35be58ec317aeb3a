import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from stonks.model.alert import Alert, Channel, Severity
from stonks.model.errors import Refused, SettingError, Unreachable
from stonks.model.job import Job, NotificationJob
from stonks.ports.alerts import Unanswered
from stonks.ports.store import Store
from stonks.stages.notifications.worker import Messenger, Planner
from tests.fakes.alerts import FakeAlerts, alert
from tests.fakes.facts import NOW
from tests.fakes.ports import some_ports
from tests.fakes.rows import open_database
from tests.fakes.web import StandingClock
from tests.fakes.work import FakeWork

HOUR = timedelta(hours=1)
MAIL, HOOK = Channel(name="mail", address="m"), Channel(name="hook", address="h")


async def raised(store: Store, *alerts: Alert) -> None:
    async with store.transaction() as transaction:
        await transaction.run("alerts.raise_all", alerts=alerts)


async def plan(store: Store, channels: FakeAlerts, at: timedelta = HOUR) -> Sequence[Job]:
    work = FakeWork(store, None, NOW + at)
    await Planner(some_ports(alerts=channels)).poll(work)
    return work.followed


async def tell(store: Store, channels: FakeAlerts, at: timedelta = HOUR, channel: str = "log") -> None:
    clock = StandingClock(NOW + at)
    job = NotificationJob(channel=channel, cause=str(at))
    await Messenger(some_ports(store=store, alerts=channels, clock=clock))(FakeWork(store, job, NOW + at))


async def standing(
    database_url: str, columns: str = "subject, channel, state, begun, error"
) -> list[tuple[object, ...]]:
    async with open_database(database_url) as database:
        rows = await database.rows(
            f"SELECT {columns} FROM alerts JOIN alert_deliveries ON alert_id = id ORDER BY raised_at, channel"  # noqa: S608
        )
    return [tuple(row.values()) for row in rows]


async def test_each_alert_is_told_once_on_each_channel_the_loudest_first(store: Store) -> None:
    channels = FakeAlerts(channels=(MAIL, HOOK))
    await raised(store, alert(1), alert(2, Severity.CRITICAL), alert(3))
    await raised(store, alert(1))

    for _ in range(2):
        for job in await plan(store, channels):
            assert isinstance(job, NotificationJob)
            await tell(store, channels, channel=job.channel)

    assert channels.told("mail") == channels.told("hook") == ["s2", "s1", "s3"]


async def test_what_was_not_yet_raised_is_not_told(store: Store) -> None:
    channels = FakeAlerts()
    await raised(store, alert(1), alert(2))

    await plan(store, channels, timedelta(minutes=1))
    await tell(store, channels, timedelta(minutes=1))

    assert channels.told("log") == ["s1"]


async def test_a_channel_is_asked_for_when_something_waits_for_it_and_no_job_of_its_own_is_open(store: Store) -> None:
    channels = FakeAlerts(channels=(MAIL, HOOK))
    assert await plan(store, channels) == []
    await raised(store, alert(1))

    assert {job.subject for job in await plan(store, channels)} == {"mail", "hook"}
    job = NotificationJob(channel="mail", cause="c")
    async with store.transaction() as transaction:
        await transaction.rows(
            str, "jobs.record", job_ids=[job.key], queues=[job.queue], subjects=["mail"], payloads=[job]
        )
    assert {job.subject for job in await plan(store, channels)} == {"hook"}


@pytest.mark.parametrize("until", [0, 1, 2])
async def test_a_channel_that_is_down_keeps_its_alerts_waiting(store: Store, database_url: str, until: int) -> None:
    channels = FakeAlerts(until)
    await raised(store, alert(1), alert(2), alert(3))

    await plan(store, channels)
    with pytest.raises(Unreachable):
        await tell(store, channels)
    before = await standing(database_url)
    channels.until = 1000
    await tell(store, channels)

    assert [row[2] for row in before] == ["sent"] * until + ["waiting"] * (3 - until)
    assert before[until] == (f"s{until + 1}", "log", "waiting", 0, "nobody answers")
    assert channels.told("log") == ["s1", "s2", "s3"]


async def test_a_channel_that_is_down_is_not_asked_until_it_has_rested_and_no_other_hears_of_it(store: Store) -> None:
    channels = FakeAlerts(channels=(MAIL, HOOK))
    channels.down = {"mail"}
    await raised(store, alert(1))
    await plan(store, channels)
    with pytest.raises(Unreachable):
        await tell(store, channels, channel="mail")
    await tell(store, channels, channel="hook")

    await raised(store, alert(2))
    assert {job.subject for job in await plan(store, channels, HOUR + timedelta(seconds=14))} == {"hook"}
    assert {job.subject for job in await plan(store, channels, HOUR + timedelta(seconds=15))} == {"hook", "mail"}
    channels.down = set()
    await tell(store, channels, channel="mail")
    await tell(store, channels, channel="hook")
    await raised(store, alert(3))
    assert {job.subject for job in await plan(store, channels)} == {"hook", "mail"}
    assert channels.told("mail") == channels.told("hook") == ["s1", "s2"]


async def test_a_retry_of_one_channel_says_nothing_on_another(store: Store) -> None:
    channels = FakeAlerts(channels=(MAIL, HOOK))
    channels.down = {"mail"}
    await raised(store, alert(1))
    await plan(store, channels)
    await tell(store, channels, channel="hook")
    for _ in range(3):
        with pytest.raises(Unreachable):
            await tell(store, channels, channel="mail")
    channels.down = set()
    await tell(store, channels, channel="mail")
    await tell(store, channels, channel="hook")

    assert (channels.told("hook"), channels.told("mail")) == (["s1"], ["s1"])


async def test_what_a_channel_refuses_is_given_up_and_the_rest_is_told(store: Store, database_url: str) -> None:
    channels = FakeAlerts(until=0)
    channels.errors = [Refused("too long")]
    await raised(store, alert(1), alert(2))
    await plan(store, channels)

    with pytest.raises(Refused, match="too long"):
        await tell(store, channels)
    assert await standing(database_url, "subject, state, error") == [
        ("s1", "refused", "too long"),
        ("s2", "refused", "too long"),
    ]
    assert await plan(store, channels) == []


async def test_a_channel_whose_setting_is_wrong_keeps_everything_for_when_it_is_right(
    store: Store, database_url: str
) -> None:
    channels = FakeAlerts(until=0)
    channels.errors = [SettingError("STONKS_ALERTS_URL", "the password is wrong")]
    await raised(store, alert(1), alert(2))
    await plan(store, channels)

    with pytest.raises(SettingError):
        await tell(store, channels)

    assert channels.tried == 1
    assert await standing(database_url, "state") == [("waiting",), ("waiting",)]


async def test_a_minute_takes_no_more_than_the_rate_and_the_loudest_before_the_rest(store: Store) -> None:
    channels = FakeAlerts(channels=(Channel(name="log", address="l", per_minute=2),))
    await raised(store, alert(1), alert(2), alert(3), alert(4, Severity.CRITICAL))
    await plan(store, channels)

    told = []
    for seconds in (0, 30, 59, 60):
        await tell(store, channels, HOUR + timedelta(seconds=seconds))
        told.append(len(channels.delivered))

    assert told == [2, 2, 2, 4]
    assert channels.told("log") == ["s4", "s1", "s2", "s3"]


async def test_the_same_words_are_folded_within_the_quiet_time_over_polls(store: Store, database_url: str) -> None:
    channels = FakeAlerts(channels=(Channel(name="log", address="l", quiet=timedelta(minutes=10)),))
    for minutes in (0, 5, 10):
        news = Alert(
            id=alert(minutes).id,
            kind="k",
            severity=Severity.INFO,
            subject="s",
            text="t",
            raised_at=NOW + timedelta(minutes=minutes),
        )
        await raised(store, news)
        await plan(store, channels)
        await tell(store, channels)

    assert await standing(database_url, "state") == [("sent",), ("folded",), ("sent",)]


async def test_what_has_waited_for_a_day_is_given_up(store: Store, database_url: str) -> None:
    channels = FakeAlerts(until=0)
    await raised(store, alert(1))

    await plan(store, channels)
    assert len(await plan(store, channels, HOUR + timedelta(days=1))) == 1
    assert await plan(store, channels, HOUR + timedelta(days=1, seconds=1)) == []
    assert await standing(database_url, "state") == [("expired",)]


async def test_a_channel_that_has_left_the_settings_is_named(store: Store) -> None:
    with pytest.raises(Refused, match="no channel pager"):
        await tell(store, FakeAlerts(), channel="pager")


class DyingAlerts(FakeAlerts):
    """Takes an alert, and the process dies before anyone can note it."""

    def __init__(self, deaths: int) -> None:
        super().__init__()
        self.deaths = deaths

    async def send(self, alert: Alert, channel: str, now: datetime) -> None:
        await super().send(alert, channel, now)
        if self.deaths:
            self.deaths -= 1
            raise asyncio.CancelledError


@pytest.mark.parametrize(
    ("deaths", "heard", "state"), [(0, 1, "sent"), (1, 2, "sent"), (2, 2, "unsure"), (5, 2, "unsure")]
)
async def test_a_process_that_dies_between_sending_and_noting_says_it_once_more_at_most(
    store: Store, database_url: str, deaths: int, heard: int, state: str
) -> None:
    channels = DyingAlerts(deaths)
    await raised(store, alert(1))
    await plan(store, channels)

    for _ in range(6):
        task = asyncio.create_task(tell(store, channels))
        await asyncio.wait({task})

    assert len(channels.delivered) == heard
    assert await standing(database_url, "state") == [(state,)]


async def test_a_channel_that_takes_alerts_and_never_says_so_is_given_each_twice_at_most(
    store: Store, database_url: str
) -> None:
    channels = FakeAlerts(until=0)
    channels.errors = [Unanswered("no answer")]
    await raised(store, alert(1))
    await plan(store, channels)

    for _ in range(2):
        with pytest.raises(Unanswered):
            await tell(store, channels)
    await tell(store, channels)

    assert channels.tried == 2
    assert await standing(database_url, "state") == [("unsure",)]


class SlowAlerts(FakeAlerts):
    """Keeps its first caller waiting until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.free = asyncio.Event(), asyncio.Event()

    async def send(self, alert: Alert, channel: str, now: datetime) -> None:
        first = not self.begun.is_set()
        self.begun.set()
        if first:
            await self.free.wait()
        await super().send(alert, channel, now)


async def test_who_goes_on_after_somebody_else_took_over_tells_nothing_that_was_told_meanwhile(store: Store) -> None:
    channels = SlowAlerts()
    await raised(store, alert(1), alert(2), alert(3))
    await plan(store, channels)

    slow = asyncio.create_task(tell(store, channels))
    await channels.begun.wait()
    await tell(store, channels)
    channels.free.set()
    await slow

    assert channels.told("log") == ["s1", "s2", "s3", "s1"]
