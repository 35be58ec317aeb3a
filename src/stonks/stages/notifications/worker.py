"""Plans who is told what, and tells it: each alert on each channel is a delivery, kept apart from all others."""

from datetime import datetime, timedelta
from uuid import UUID

from stonks.model.alert import Alert, Channel
from stonks.model.errors import Permanent, Refused, SettingError, Transient
from stonks.model.job import NotificationJob
from stonks.ports.alerts import Unanswered
from stonks.ports.bundle import Ports
from stonks.ports.stage import Commit, Work
from stonks.stages.notifications.core import Told, rest_after, route

_AT_ONCE = 200
"""Alerts thought of by one poll, and told by one job, at most."""
_LONGEST_RUN = timedelta(seconds=30)
"""After how long a job tells no further alert: one may take 20 seconds, and the job has a minute."""
_MINUTE = timedelta(minutes=1)
_PATIENCE = timedelta(days=1)
"""How long an alert waits for its channel."""
_ONCE_MORE = 2
"""How often telling an alert is begun without a word of how it ended."""


class Planner:
    """Has every channel told what is for it; one that is down keeps its own alerts waiting, and nothing else."""

    def __init__(self, ports: Ports) -> None:
        """Plan for the channels of the settings."""
        self._alerts = ports.alerts

    async def poll(self, work: Work[None]) -> None:
        """Note which channel is to tell which new alert, and ask for a job for each one for which something waits."""
        async with work.commit() as commit:
            if not await commit.value("alerts.plan_alone"):
                return
            await self._route(commit, work.now)
            await commit.run("alerts.expire", before=work.now - _PATIENCE)
            names = [channel.name for channel in self._alerts.channels]
            for name in await commit.rows(str, "alerts.channels_to_ask", channels=names, now=work.now):
                await commit.follow(NotificationJob(channel=name, cause=work.now.isoformat()))

    async def _route(self, commit: Commit, now: datetime) -> None:
        channels = self._alerts.channels
        alerts = await commit.rows(Alert, "alerts.unrouted", now=now, limit=_AT_ONCE)
        if not alerts:
            return
        quiet = max(channel.quiet for channel in channels)
        told = await commit.rows(Told, "alerts.told_since", since=alerts[0].raised_at - quiet) if quiet else []
        await commit.run("alerts.route", deliveries=route(alerts, channels, told), now=now)
        await commit.run("alerts.routed", ids=[alert.id for alert in alerts], now=now)


class Waiting(Alert, frozen=True, kw_only=True):
    """An alert that waits for a channel, and how often telling it was begun without a word of how it ended."""

    begun: int


class Messenger:
    """Tells one channel what waits for it, loudest first; each alert is noted right before and right after."""

    def __init__(self, ports: Ports) -> None:
        """Tell on the channels of the settings."""
        self._store = ports.store
        self._alerts = ports.alerts
        self._clock = ports.clock

    async def __call__(self, work: Work[NotificationJob]) -> None:
        """Tell as much as the channel's rate and this job's time allow.

        Raises:
            Transient: the channel is down; what it was not told goes on waiting.
            Permanent: the channel refuses us, or refused some alerts; those are given up.
        """
        channel = next((one for one in self._alerts.channels if one.name == work.job.channel), None)
        if channel is None:
            raise Refused(f"no channel {work.job.channel} in the settings any more")
        refusal: Permanent | None = None
        began = self._clock.now()
        for alert in await self._due(channel, work.now):
            if self._clock.now() - began > _LONGEST_RUN:
                break
            refusal = await self._tell(alert, channel.name, work.now) or refusal
        if refusal is not None:
            raise refusal

    async def _due(self, channel: Channel, now: datetime) -> list[Waiting]:
        most = _AT_ONCE
        if channel.per_minute is not None:
            lately = await self._store.value("alerts.told_lately", channel=channel.name, since=now - _MINUTE)
            most = max(0, channel.per_minute - lately)
        return await self._store.rows(Waiting, "alerts.waiting", channel=channel.name, limit=most)

    async def _tell(self, alert: Waiting, channel: str, now: datetime) -> Permanent | None:
        """Tell one alert; return why the channel does not take it, where that is so.

        It is noted as begun before: whoever finds it begun does not know whether a person heard it, and says it once
        more, but not again.
        """
        if alert.begun >= _ONCE_MORE:
            error = "begun twice without a word of how it ended: it is not said a third time"
            await self._note("alerts.given_up", alert.id, channel, state="unsure", error=error)
            return None
        if not await self._note("alerts.begin", alert.id, channel, begun=alert.begun):
            return None
        plain = Alert(**{field: getattr(alert, field) for field in Alert.__struct_fields__})
        try:
            await self._alerts.send(plain, channel, now)
        except (Transient, SettingError) as error:
            await self._failed(alert.id, channel, now, error)
            raise
        except Permanent as refusal:
            await self._note("alerts.given_up", alert.id, channel, state="refused", error=str(refusal))
            return refusal
        await self._sent(alert.id, channel, now)
        return None

    async def _failed(self, alert: UUID, channel: str, now: datetime, error: Transient | SettingError) -> None:
        """Note that the channel failed: it rests, and the alert goes on waiting."""
        async with self._store.transaction() as transaction:
            failures = 1 + (await transaction.value("alerts.failures", channel=channel) or 0)
            rests_until = now + rest_after(failures)
            await transaction.run(
                "alerts.channel_failed", channel=channel, now=now, rests_until=rests_until, error=str(error)
            )
            unanswered = isinstance(error, Unanswered)
            await transaction.run("alerts.failed", id=alert, channel=channel, error=str(error), unanswered=unanswered)

    async def _sent(self, alert: UUID, channel: str, now: datetime) -> None:
        async with self._store.transaction() as transaction:
            await transaction.run("alerts.sent", id=alert, channel=channel, now=now)
            await transaction.run("alerts.channel_answers", channel=channel)

    async def _note(self, query: str, alert: UUID, channel: str, **more: object) -> int:
        """Note something of one delivery, and return how many rows that touched."""
        async with self._store.transaction() as transaction:
            return await transaction.run(query, id=alert, channel=channel, **more)
