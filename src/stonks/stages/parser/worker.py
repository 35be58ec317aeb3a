"""Loads a stored document, lets the core read it, keeps its text and sends it on or ends it."""

from datetime import datetime, timedelta

import msgspec

from stonks.model.company import Company, CompanyEdge
from stonks.model.document import Document, DocumentStatus, DocumentType, Parsed, Role
from stonks.model.errors import Crashed, Malformed
from stonks.model.identity import content_hash, object_key
from stonks.model.job import ExtractionJob, MacroClassificationJob, ParsingJob
from stonks.ports.bundle import Ports
from stonks.ports.stage import Commit, Work
from stonks.stages.parser.core import COPY
from stonks.stages.parser.core.duplicates import LONGEST_SPAN, Member, Placement, bands_of, place
from stonks.stages.parser.core.filings import NO_ITEMS
from stonks.stages.parser.core.filings.difference import Filed, differences
from stonks.stages.parser.core.filings.fallback import is_installed
from stonks.stages.parser.core.reader import Read, packed, read, read_twice

_UNIVERSE_KEPT = timedelta(hours=1)


class Parser:
    """Reads one document a job."""

    def __init__(self, ports: Ports) -> None:
        """Read rows and raw objects, and write text objects and rows, through these ports."""
        self._store, self._objects, self._pool = ports.store, ports.objects, ports.pool
        self._universe = b""
        self._stale_at: datetime | None = None

    async def __call__(self, work: Work[ParsingJob]) -> None:
        """Parse the document if it is stored and nothing more.

        Raises:
            Malformed: there is no such document.
            Crashed: the process that read it died.
        """
        document = await self._store.row(Document, "parser.document", id=work.job.document_id)
        if document is None:
            raise Malformed(f"{work.job.key}: there is no such document")
        if document.status is not DocumentStatus.STORED:
            return
        raw = await self._objects.get(object_key("raw", document.raw_sha256))
        # No page may stop, hang or bring down this process: every one is read in another.
        found = await self._read(document, raw, await self._companies(work.now))
        text_sha256 = await self._keep(document, found.parsed)
        async with work.commit() as commit:
            await _save(commit, work, document, found, text_sha256)

    async def _read(self, document: Document, raw: bytes, universe: bytes) -> Read:
        """Return what is read; a report in which we find no items is read again with the help of edgartools."""
        found = await self._pool.run(read, document, raw, universe)
        if NO_ITEMS not in found.parsed.flags:
            return found
        if not is_installed():
            return _flagged(found, "no_second_opinion")
        try:
            return await self._pool.run(read_twice, document, raw, universe)
        except Crashed:  # what we have read ourselves is still there
            return _flagged(found, "second_opinion_failed")

    async def _companies(self, now: datetime) -> bytes:
        """Return who is followed, looked up again after an hour."""
        if self._stale_at is None or now >= self._stale_at:
            self._universe = packed(await self._store.rows(Company, "parser.companies"))
            self._stale_at = now + _UNIVERSE_KEPT
        return self._universe

    async def _keep(self, document: Document, parsed: Parsed) -> str | None:
        """Keep text and parser output as objects, and return the text's hash where there is any."""
        await self._objects.put(f"parsed/{document.id}.json", msgspec.json.encode(parsed))
        if not parsed.text:
            return None
        text = parsed.text.encode()
        sha256 = content_hash(text)
        await self._objects.put(object_key("normalized", sha256), text)
        return sha256


def _flagged(found: Read, flag: str) -> Read:
    parsed = msgspec.structs.replace(found.parsed, flags=tuple(sorted({*found.parsed.flags, flag})))
    return msgspec.structs.replace(found, parsed=parsed)


async def _save(
    commit: Commit, work: Work[ParsingJob], document: Document, found: Read, text_sha256: str | None
) -> None:
    """Write what was read, place the document among its like, and send it on unless it ends here."""
    parsed, placement = found.parsed, None
    if found.signature and text_sha256:
        placement = await _place(commit, work, document, found, text_sha256)
        if placement.is_copy:
            parsed = msgspec.structs.replace(parsed, status=DocumentStatus.DUPLICATE, status_reason=COPY)
    saved = await commit.value(
        "parser.save",
        id=document.id,
        parsed=msgspec.structs.replace(parsed, text=""),
        text_sha256=text_sha256,
        cluster_id=placement.cluster_id if placement else None,
        signature=found.signature or None,
        hashes=bands_of(found.signature),
        now=work.now,
    )
    if not saved:
        return
    if placement and (placement.merged or placement.later_copies):
        await commit.run(
            "parser.rearrange",
            cluster_id=placement.cluster_id,
            merged=placement.merged,
            copies=placement.later_copies,
            reason=COPY,
            now=work.now,
        )
    if parsed.status is DocumentStatus.PARSED:
        await _file(commit, document, found)
        await _relate(commit, work, document, found)
        is_macro = document.document_type is DocumentType.MACRO_EVENT
        await commit.follow((MacroClassificationJob if is_macro else ExtractionJob)(document_id=document.id))


async def _place(
    commit: Commit, work: Work[ParsingJob], document: Document, found: Read, text_sha256: str
) -> Placement:
    """Return the document's place; one document at a time, so that two copies cannot miss each other."""
    await commit.value("parser.lock_stories")
    others = await commit.rows(
        Member,
        "parser.alike",
        id=document.id,
        source=document.source,
        external_id=document.external_id,
        hashes=bands_of(found.signature),
        since=document.known_at - LONGEST_SPAN,
        until=min(document.known_at + LONGEST_SPAN, work.now),
    )
    own = Member(
        id=document.id,
        known_at=document.known_at,
        signature=found.signature,
        text_sha256=text_sha256,
        chars=int(found.parsed.features["chars"]),
        tickers=tuple(mention.ticker for mention in found.parsed.mentions),
        status=DocumentStatus.PARSED,
    )
    return place(own, others)


async def _file(commit: Commit, document: Document, found: Read) -> None:
    """Keep a filing's sentences, and what of it is new against the one before it; a later one is compared again."""
    ticker = _owner(document, found)
    if found.kind is None or ticker is None:
        return
    company: str = await commit.value("parser.company_of", ticker=ticker)
    await commit.value("parser.lock_filings", company=company)
    place = {"id": document.id, "known_at": document.known_at, "company": company, "form": found.kind.series}
    name = {"source": document.source, "external_id": document.external_id}
    others = await commit.rows(Filed, "parser.series", **place, **name)
    own = Filed(
        id=document.id,
        name=" ".join(name.values()),
        known_at=document.known_at,
        amends=found.kind.amends,
        sentences=found.sentences,
        waiting=True,
    )
    first, *later = differences(own, others, found.kind.series)
    await commit.run("parser.file", **place, amends=own.amends, sentences=own.sentences, fresh=first.spans)
    if later:
        await commit.run("parser.refile", later=later)


async def _relate(commit: Commit, work: Work[ParsingJob], document: Document, found: Read) -> None:
    """Keep what an annual report says of other companies; what the one before it said and it does not, has ended."""
    own = _owner(document, found)
    if not found.neighbours or found.kind is None or own is None:
        return
    source = f"{found.kind.form} of {own}"
    edges = [
        CompanyEdge(
            src=one.ticker,
            dst=own,
            relation=one.relation,
            weight=one.weight,
            confidence=one.confidence,
            valid_from=work.now,
            known_at=work.now,
            source=source,
            document_id=document.id,
            evidence=one.evidence,
        )
        for one in found.neighbours
        if one.ticker != own
    ]
    both = [*edges, *(edge.reversed for edge in edges)]
    await commit.run("parser.relate", source=source, edges=both, now=work.now)


def _owner(document: Document, found: Read) -> str | None:
    """Return the company whose filing a document is."""
    return next(iter(document.feed_tickers), None) or _subject(found)


def _subject(found: Read) -> str | None:
    """Return the one company that a document is mainly about."""
    primary = [mention.ticker for mention in found.parsed.mentions if mention.role is Role.PRIMARY]
    return primary[0] if len(primary) == 1 else None
