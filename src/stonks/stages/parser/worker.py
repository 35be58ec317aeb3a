"""Loads a stored document, lets the core read it, keeps its text and sends it on or ends it."""

import asyncio
from datetime import datetime, timedelta

import msgspec

from stonks.model.company import Company
from stonks.model.document import Document, DocumentStatus, DocumentType, Parsed
from stonks.model.errors import Malformed
from stonks.model.identity import content_hash, object_key
from stonks.model.job import ExtractionJob, MacroClassificationJob, ParsingJob
from stonks.ports.bundle import Ports
from stonks.ports.stage import Commit, Work
from stonks.stages.parser.core import COPY, Gazetteer, parse
from stonks.stages.parser.core.duplicates import LONGEST_SPAN, Member, Placement, bands_of, place, signature_of

_SMALL = 200_000
"""Bytes up to which a document is read in 10 ms and blocks nobody; a larger one is read in a thread."""

_UNIVERSE_KEPT = timedelta(hours=1)


class Read(msgspec.Struct, frozen=True):
    """A document as the core reads it; the signature is empty where it ends here."""

    parsed: Parsed
    signature: bytes


class Parser:
    """Reads one document a job."""

    def __init__(self, ports: Ports) -> None:
        """Read rows and raw objects, and write text objects and rows, through these ports."""
        self._store, self._objects = ports.store, ports.objects
        self._universe: list[Company] = []
        self._gazetteer = Gazetteer(())
        self._stale_at: datetime | None = None

    async def __call__(self, work: Work[ParsingJob]) -> None:
        """Parse the document if it is stored and nothing more.

        Raises:
            Malformed: there is no such document.
        """
        document = await self._store.row(Document, "parser.document", id=work.job.document_id)
        if document is None:
            raise Malformed(f"{work.job.key}: there is no such document")
        if document.status is not DocumentStatus.STORED:
            return
        raw = await self._objects.get(object_key("raw", document.raw_sha256))
        gazetteer = await self._companies(work.now)
        if len(raw) > _SMALL:
            read = await asyncio.to_thread(_read, document, raw, gazetteer)
        else:
            read = _read(document, raw, gazetteer)
        text_sha256 = await self._keep(document, read.parsed)
        async with work.commit() as commit:
            await _save(commit, work, document, read, text_sha256)

    async def _companies(self, now: datetime) -> Gazetteer:
        """Return who is followed, looked up again after an hour."""
        if self._stale_at is None or now >= self._stale_at:
            universe = await self._store.rows(Company, "parser.companies")
            if universe != self._universe:
                self._universe, self._gazetteer = universe, Gazetteer(universe)
            self._stale_at = now + _UNIVERSE_KEPT
        return self._gazetteer

    async def _keep(self, document: Document, parsed: Parsed) -> str | None:
        """Keep text and parser output as objects, and return the text's hash where there is any."""
        await self._objects.put(f"parsed/{document.id}.json", msgspec.json.encode(parsed))
        if not parsed.text:
            return None
        text = parsed.text.encode()
        sha256 = content_hash(text)
        await self._objects.put(object_key("normalized", sha256), text)
        return sha256


def _read(document: Document, raw: bytes, gazetteer: Gazetteer) -> Read:
    parsed = parse(document, raw, gazetteer)
    return Read(parsed, signature_of(parsed.text) if parsed.status is DocumentStatus.PARSED else b"")


async def _save(
    commit: Commit, work: Work[ParsingJob], document: Document, read: Read, text_sha256: str | None
) -> None:
    """Write what was read, place the document among its like, and send it on unless it ends here."""
    parsed, placement = read.parsed, None
    if read.signature and text_sha256:
        placement = await _place(commit, work, document, read, text_sha256)
        if placement.is_copy:
            parsed = msgspec.structs.replace(parsed, status=DocumentStatus.DUPLICATE, status_reason=COPY)
    saved = await commit.value(
        "parser.save",
        id=document.id,
        parsed=msgspec.structs.replace(parsed, text=""),
        text_sha256=text_sha256,
        cluster_id=placement.cluster_id if placement else None,
        signature=read.signature or None,
        hashes=bands_of(read.signature),
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


async def _place(commit: Commit, work: Work[ParsingJob], document: Document, read: Read, text_sha256: str) -> Placement:
    """Return the document's place; one document at a time, so that two copies cannot miss each other."""
    await commit.value("parser.lock_stories")
    others = await commit.rows(
        Member,
        "parser.alike",
        id=document.id,
        source=document.source,
        external_id=document.external_id,
        hashes=bands_of(read.signature),
        since=document.known_at - LONGEST_SPAN,
        until=min(document.known_at + LONGEST_SPAN, work.now),
    )
    own = Member(
        id=document.id,
        known_at=document.known_at,
        signature=read.signature,
        text_sha256=text_sha256,
        chars=int(read.parsed.features["chars"]),
        tickers=tuple(mention.ticker for mention in read.parsed.mentions),
        status=DocumentStatus.PARSED,
    )
    return place(own, others)
