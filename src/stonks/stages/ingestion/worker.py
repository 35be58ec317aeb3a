"""Polls one source: fetches, keeps raw bytes as objects, stores what is new and asks for it to be parsed."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from stonks.model.document import Action, Document, DocumentStatus, Source
from stonks.model.errors import Malformed, Permanent, Throttled, Transient
from stonks.model.job import AggregationJob, IngestionJob, ParsingJob
from stonks.ports.bundle import Ports
from stonks.ports.sources import Fetched
from stonks.ports.stage import Commit, Work
from stonks.stages.ingestion.core import REMOVED, Intake, Revision, take_in

_UPLOADS = 16
_MOST_SAID = 2000  # characters of what went wrong that a run keeps


class Ingestion:
    """Runs one poll of one source; a source that fails is put off by the scheduler, not retried here."""

    def __init__(self, ports: Ports) -> None:
        """Read sources and write store and objects through these ports."""
        self._store = ports.store
        self._sources = ports.sources
        self._objects = ports.objects

    async def __call__(self, work: Work[IngestionJob]) -> None:
        """Store what a source has that is new."""
        source = await self._store.row(Source, "ingestion.source", name=work.job.source)
        if source is None:
            raise Malformed(f"there is no source {work.job.source}")
        try:
            fetched = await self._sources.fetch(source, work.now)
        except (Transient, Permanent) as error:
            fetched = Fetched(setback=error)
        known = await self._known(source, fetched)
        intake = take_in(source.name, fetched.documents, known)
        await self._keep(intake)
        async with work.commit() as commit:
            stored = await _store(commit, work, intake)
            await _withdraw(commit, work, stored)
            await _store_facts(commit, work.job, fetched)
            await _close(commit, work, fetched, len(stored))
            readable = [document.id for document in stored if document.status is DocumentStatus.STORED]
            await commit.follow(*(ParsingJob(document_id=document) for document in readable))

    async def _known(self, source: Source, fetched: Fetched) -> Sequence[Revision]:
        names = sorted({document.external_id for document in fetched.documents})
        if not names:
            return ()
        return await self._store.rows(Revision, "ingestion.revisions", source=source.name, external_ids=names)

    async def _keep(self, intake: Intake) -> None:
        """Put raw bytes before the rows that name them."""
        gate = asyncio.Semaphore(_UPLOADS)

        async def put(key: str, data: bytes) -> None:
            async with gate:
                await self._objects.put(key, data)

        await asyncio.gather(*(put(key, data) for key, data in intake.raw.items()))


async def _store(commit: Commit, work: Work[IngestionJob], intake: Intake) -> list[Document]:
    """Store documents and return those that were not there, in the order of the fetch."""
    if not intake.documents:
        return []
    rows = await commit.rows(UUID, "ingestion.store", documents=intake.documents, run_id=work.job.run_id, now=work.now)
    new = set(rows)
    stored = [document for document in intake.documents if document.id in new]
    if any(document.revision > 1 for document in stored):
        await commit.run("ingestion.supersede", ids=[document.id for document in stored], reason=REMOVED, now=work.now)
    return stored


async def _withdraw(commit: Commit, work: Work[IngestionJob], stored: Sequence[Document]) -> None:
    """Let nothing count from now on that cites a removed document; what was concluded before stays as it was."""
    removals = sorted(document.id for document in stored if document.action is Action.REMOVED)
    if not removals:
        return
    tickers = await commit.rows(str, "ingestion.withdraw_signals", ids=removals, now=work.now)
    cause = f"withdrawn:{removals[0]}"
    await commit.follow(*(AggregationJob(ticker=ticker, cause=cause) for ticker in tickers))


async def _store_facts(commit: Commit, job: IngestionJob, fetched: Fetched) -> None:
    """Store what is no document, and what was answered."""
    if fetched.answers:
        await commit.run("ingestion.keep_answers", run_id=job.run_id, source=job.source, answers=fetched.answers)
    if fetched.bars:
        await commit.run("ingestion.correct_bars", source=job.source, bars=fetched.bars)
        await commit.run("ingestion.store_bars", source=job.source, bars=fetched.bars)
    if fetched.events:
        await commit.run("ingestion.store_events", events=fetched.events)
    if fetched.actions:
        await commit.run("ingestion.store_actions", source=job.source, actions=fetched.actions)
    if fetched.details:
        await commit.run("ingestion.store_details", source=job.source, details=fetched.details)


async def _close(commit: Commit, work: Work[IngestionJob], fetched: Fetched, stored: int) -> None:
    """Close the run: a source that failed goes on later, from where it came to."""
    brought = (fetched.documents, fetched.bars, fetched.events, fetched.actions, fetched.details)
    outcome: dict[str, object] = {
        "run_id": work.job.run_id,
        "source": work.job.source,
        "now": work.now,
        "cursor": fetched.cursor,
        "next_at": fetched.next_at,
        "fetched": sum(map(len, brought)),
        "stored": stored,
        "duplicates": len(fetched.documents) - stored,
    }
    said = [*fetched.troubles]
    if (setback := fetched.setback) is not None:
        said.insert(0, f"{type(setback).__name__}: {setback}")
    if isinstance(setback, Throttled):
        outcome["next_at"] = work.now + setback.retry_after
    verb = "ingestion.succeed" if setback is None else "ingestion.fail"
    await commit.run(verb, **outcome, error="; ".join(said)[:_MOST_SAID] or None)
