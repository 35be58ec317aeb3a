"""Looks every few seconds, and in a replay at every instant, for what is due and asks for it."""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec

from stonks.model.document import DocumentStatus, DocumentType
from stonks.model.identity import source_run_id
from stonks.model.job import DocumentJob, ExtractionJob, IngestionJob, MacroClassificationJob, ParsingJob
from stonks.model.market import Session
from stonks.model.standing import Standing
from stonks.ports.bundle import Ports
from stonks.ports.stage import Work
from stonks.stages.scheduler.core import due, mark_jobs, next_run, passed_marks

_LOOK_BACK = timedelta(hours=6)
"""How far back a process that has just started looks for marks; asking twice for the same is harmless."""

_BEHIND, _AHEAD, _ENOUGH = timedelta(days=365), timedelta(days=30), timedelta(days=25)
"""The sessions that are kept in their table, and how far ahead they must reach before more are asked for."""

_STUCK_AFTER = timedelta(minutes=30)
"""How long a document may wait before it is asked for again, and how often one looks."""


class Stuck(msgspec.Struct, frozen=True):
    """A document for which nobody works although it waits."""

    id: UUID
    status: DocumentStatus
    document_type: DocumentType

    @property
    def job(self) -> DocumentJob:
        """The work it waits for."""
        if self.status is DocumentStatus.STORED:
            return ParsingJob(document_id=self.id)
        is_macro = self.document_type is DocumentType.MACRO_EVENT
        return (MacroClassificationJob if is_macro else ExtractionJob)(document_id=self.id)


class Scheduler:
    """One turn asks for everything that has become due since the last."""

    def __init__(self, ports: Ports) -> None:
        """Take sources and sessions from these ports."""
        self._store, self._sources, self._calendar = ports.store, ports.sources, ports.calendar
        self._seeded = False
        self._awake_since: datetime | None = None
        self._looked_at: datetime | None = None
        self._checked_at: datetime | None = None
        self._sessions: Sequence[Session] = ()
        self._sessions_of: date | None = None

    async def __call__(self, work: Work[None]) -> None:
        """Ask for what is due at ``work.now``."""
        if not self._seeded:
            async with work.commit() as commit:
                await commit.run("scheduler.seed_sources", sources=list(self._sources.sources()))
            self._seeded = True
        await self._keep_sessions(work)
        await self._start_runs(work)
        await self._pass_marks(work)
        await self._recover(work)

    async def _keep_sessions(self, work: Work[None]) -> None:
        """Keep the table of sessions filled, and those around today at hand."""
        today = work.now.date()
        if self._sessions_of == today:
            return
        last = await self._store.value("scheduler.last_session")
        if last is None or last < today + _ENOUGH:
            sessions = await asyncio.to_thread(self._calendar.sessions, today - _BEHIND, today + _AHEAD)
            async with work.commit() as commit:
                await commit.run("scheduler.keep_sessions", sessions=list(sessions))
        around = timedelta(days=10)
        self._sessions = await self._store.rows(
            Session, "scheduler.sessions", first=today - around, last=today + around
        )
        self._sessions_of = today

    async def _start_runs(self, work: Work[None]) -> None:
        standings = await self._store.rows(Standing, "scheduler.sources")
        self._awake_since = self._awake_since or work.now
        found = {source.name: source for source in due(standings, work.now, self._awake_since)}
        if not found:
            return
        runs = {name: source_run_id(name, work.now) for name in found}
        async with work.commit() as commit:
            started = await commit.rows(
                str,
                "scheduler.start_runs",
                names=list(found),
                seen=[source.next_run_at for source in found.values()],
                run_ids=list(runs.values()),
                next=[next_run(source, work.now, self._sessions) for source in found.values()],
                now=work.now,
            )
            await commit.follow(*(IngestionJob(source=name, run_id=runs[name]) for name in sorted(started)))

    async def _pass_marks(self, work: Work[None]) -> None:
        """Ask for what the session marks since the last turn bring."""
        marks = passed_marks(self._sessions, self._looked_at or work.now - _LOOK_BACK, work.now)
        if marks:
            tickers = await self._store.rows(str, "scheduler.tickers")
            async with work.commit() as commit:
                for mark in marks:
                    await commit.follow(*mark_jobs(mark, tickers))
        self._looked_at = work.now

    async def _recover(self, work: Work[None]) -> None:
        """Ask again for what documents wait for that nobody has in hand."""
        if self._checked_at is not None and work.now - self._checked_at < _STUCK_AFTER:
            return
        stuck = await self._store.rows(Stuck, "scheduler.stuck", before=work.now - _STUCK_AFTER)
        if stuck:
            async with work.commit() as commit:
                jobs = [document.job for document in stuck]
                await commit.run("scheduler.touch", ids=[document.id for document in stuck], now=work.now)
                await commit.run("scheduler.reopen", job_ids=[job.key for job in jobs])
                await commit.follow(*jobs)
        self._checked_at = work.now
