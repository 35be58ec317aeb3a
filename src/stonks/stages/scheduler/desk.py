"""What people see of sources, and what they may ask of them, on record: pause, resume, poll at once."""

from datetime import datetime

from stonks.model.audit import AuditEntry
from stonks.model.document import Source
from stonks.model.errors import Refused
from stonks.model.standing import Overview, Standing
from stonks.ports.audit import append_audit
from stonks.ports.sources import Sources
from stonks.ports.store import Store
from stonks.stages.scheduler.core import due_at


class SourceDesk:
    """Sources as the table has them, and those of the settings that were never seen by a scheduler."""

    def __init__(self, store: Store, sources: Sources) -> None:
        """Read and write this store."""
        self._store, self._sources = store, sources

    async def overview(self, now: datetime) -> list[Overview]:
        """Return every source by name."""
        return [_overview(source, now) for source in await self._all()]

    async def source(self, name: str) -> Source:
        """Return one source as it stands.

        Raises:
            Refused: there is none of that name.
        """
        every = await self._all()
        found = next((source for source in every if source.name == name), None)
        if found is None:
            raise Refused(f"no source {name}: there are {', '.join(source.name for source in every)}")
        return found

    async def pause(self, name: str, now: datetime, who: str) -> None:
        """Let a source be polled no more until it is resumed.

        Raises:
            Refused: there is no such source yet.
        """
        await self._set_paused(name, now, who, paused=True)

    async def resume(self, name: str, now: datetime, who: str) -> None:
        """Let a source be polled again.

        Raises:
            Refused: there is no such source yet.
        """
        await self._set_paused(name, now, who, paused=False)

    async def run(self, name: str, now: datetime, who: str) -> None:
        """Have a source polled at the scheduler's next look, whatever its time, its failures or a pause say.

        Raises:
            Refused: there is no such source yet, or it cannot be polled at all.
        """
        source = await self._stored(name)
        if source.stopped is not None:
            raise Refused(f"{name} is stopped: {source.stopped}")
        async with self._store.transaction() as transaction:
            await transaction.run("scheduler.ask", name=name, now=now)
            await append_audit(transaction, AuditEntry(at=now, actor=who, action="source.run", object=name))

    async def _set_paused(self, name: str, now: datetime, who: str, *, paused: bool) -> None:
        await self._stored(name)
        async with self._store.transaction() as transaction:
            before = await transaction.value("scheduler.pause", name=name, paused=paused)
            entry = AuditEntry(
                at=now,
                actor=who,
                action="source.pause" if paused else "source.resume",
                object=name,
                before={"paused": before},
                after={"paused": paused},
            )
            await append_audit(transaction, entry)

    async def _all(self) -> list[Source]:
        known: dict[str, Source] = {row.name: row for row in await self._store.rows(Standing, "scheduler.sources")}
        new = {row.name: row for row in self._sources.sources() if row.name not in known}
        return [source for _, source in sorted((known | new).items())]

    async def _stored(self, name: str) -> Source:
        source = await self.source(name)
        if await self._store.row(Source, "ingestion.source", name=name) is None:
            raise Refused(f"{name} is polled once `stonks up --live` runs; it is not in the table of sources yet")
        return source


def _overview(source: Source, now: datetime) -> Overview:
    age = None if source.last_success_at is None else now - source.last_success_at
    never = source.stopped is not None or (source.paused and source.asked_at is None)
    waits = source.next_run_at is not None and source.asked_at is None
    fields = {name: getattr(source, name) for name in source.__struct_fields__}
    return Overview(
        **fields,
        due_at=due_at(source) if waits and not never else None,
        age_seconds=None if age is None else age.total_seconds(),
        late=not never and (age is None or age > source.freshness_slo),
    )
