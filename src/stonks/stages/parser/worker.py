"""Loads a stored document, lets the core read it, keeps its text and sends it on or ends it."""

from datetime import datetime, timedelta

import msgspec

from stonks.model.company import Company
from stonks.model.document import Document, DocumentStatus, DocumentType, Parsed
from stonks.model.errors import Malformed
from stonks.model.identity import content_hash, object_key
from stonks.model.job import ExtractionJob, MacroClassificationJob, ParsingJob
from stonks.ports.bundle import Ports
from stonks.ports.stage import Commit, Work
from stonks.stages.parser.core import COPY
from stonks.stages.parser.core.duplicates import LONGEST_SPAN, Member, Placement, bands_of, place
from stonks.stages.parser.core.reader import Read, packed, read

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
        found = await self._pool.run(read, document, raw, await self._companies(work.now))
        text_sha256 = await self._keep(document, found.parsed)
        async with work.commit() as commit:
            await _save(commit, work, document, found, text_sha256)

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
