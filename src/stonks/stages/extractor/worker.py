"""Loads a parsed document, lets the core read it, and saves what it says, its signals and its end state."""

from importlib.resources import files
from uuid import UUID

import msgspec

from stonks.model.company import Company
from stonks.model.document import Document, DocumentStatus, Span
from stonks.model.errors import Malformed
from stonks.model.identity import object_key
from stonks.model.job import AggregationJob, ExtractionJob, MacroClassificationJob
from stonks.model.signal import GlobalEvent, MacroImpact
from stonks.ports.bundle import Ports
from stonks.ports.stage import Work
from stonks.stages.extractor.classifier import EventClassifier
from stonks.stages.extractor.core.exposure import expose, interpolate, push_of, read_effects, read_priors
from stonks.stages.extractor.core.extract import EXTRACTOR_VERSION, Article, Named, body_start
from stonks.stages.extractor.core.macro import Bulletin, classify
from stonks.stages.extractor.core.novelty import LOOK_BACK, Told, novelty, story_words
from stonks.stages.extractor.core.reading.blend import Blended
from stonks.stages.extractor.core.records import (
    Provenance,
    event_record,
    impact_records,
    intelligence_record,
    macro_impact_record,
)
from stonks.stages.extractor.core.signals import company_signal, macro_signal
from stonks.stages.extractor.embedded import read_article
from stonks.stages.extractor.refiner import Refiner

NOTHING_SAID = "nothing said of a company"
NO_EVENT = "no macro event"
"""Why a document that was read has led to no signal."""


class Extractor:
    """Reads one document a job: for companies or, where it tells of the world at large, for a macro event."""

    def __init__(self, ports: Ports) -> None:
        """Take the reviewed effects and exposures that stand beside the core."""
        self._store, self._objects, self._pool = ports.store, ports.objects, ports.pool
        self._refiner = None if ports.agents is None else Refiner(ports, ports.agents)
        reviewed = files("stonks.stages.extractor.core")
        self._effects = read_effects(reviewed.joinpath("effects.toml").read_text())
        self._classifier = None if ports.agents is None else EventClassifier(ports, ports.agents, self._effects)
        self._priors = read_priors(reviewed.joinpath("exposures.toml").read_text())

    async def __call__(self, work: Work[ExtractionJob | MacroClassificationJob]) -> None:
        """Read the document if it is parsed and not read yet.

        Raises:
            Malformed: there is no such document.
            Crashed: the process that read it died.
        """
        document = await self._store.row(Document, "extraction.document", id=work.job.document_id)
        if document is None:
            raise Malformed(f"{work.job.key}: there is no such document")
        if document.status is not DocumentStatus.PARSED or document.normalized_sha256 is None:
            async with work.commit():
                return
        text = (await self._objects.get(object_key("normalized", document.normalized_sha256))).decode()
        if isinstance(work.job, MacroClassificationJob):
            await self._classify(work, document, text)
        else:
            await self._extract(work, document, text)

    async def _extract(self, work: Work[ExtractionJob | MacroClassificationJob], document: Document, text: str) -> None:
        """Save what the document says of each company it names."""
        article = await self._article(document, text)
        read, provenance = Blended(extraction=await self._pool.run(read_article, article)), Provenance()
        if self._refiner is not None:
            read, provenance = await self._refiner.refine(document, article, read.extraction, work.now)
        extraction = read.extraction
        found = (company_signal(document, one, extraction.extractor_version, work.now) for one in extraction.impacts)
        signals = [signal for signal in found if signal is not None]
        async with work.commit() as commit:
            await commit.run(
                "extraction.save",
                intelligence=intelligence_record(document.id, read, provenance, work.now),
                impacts=impact_records(document.id, extraction, work.now),
                signals=signals,
                reason=None if extraction.impacts else NOTHING_SAID,
                id=document.id,
                now=work.now,
            )
            await commit.follow(*_aggregations(document.id, [signal.ticker for signal in signals]))

    async def _classify(
        self, work: Work[ExtractionJob | MacroClassificationJob], document: Document, text: str
    ) -> None:
        """Save the macro event the document tells and what it means for every company that is followed."""
        bulletin = Bulletin(
            document_id=document.id,
            text=text,
            body_start=body_start(text, document.title),
            known_at=work.now,
            version=EXTRACTOR_VERSION,
        )
        event, provenance = await self._pool.run(classify, bulletin, self._effects), Provenance()
        article, new = await self._article(document, text), await self._novelty(document)
        if self._classifier is not None:
            event, provenance = await self._classifier.refine(document, bulletin, article, event, new)
        impacts = await self._interpolate(event, article) if event else []
        found = (macro_signal(document, event, one, new, work.now) for one in impacts) if event else ()
        signals = [signal for signal in found if signal is not None]
        async with work.commit() as commit:
            await commit.run(
                "extraction.save_event",
                events=[] if event is None else [event_record(event, provenance)],
                impacts=[macro_impact_record(impact, work.now) for impact in impacts],
                signals=signals,
                reason=NO_EVENT if event is None else None,
                id=document.id,
                now=work.now,
            )
            await commit.follow(*_aggregations(document.id, [signal.ticker for signal in signals]))

    async def _article(self, document: Document, text: str) -> Article:
        named = await self._store.rows(Named, "extraction.named", id=document.id)
        earlier = await self._store.rows(
            Told,
            "extraction.earlier",
            tickers=[one.ticker for one in named],
            since=document.known_at - LOOK_BACK,
            known_at=document.known_at,
            id=document.id,
        )
        fresh = await self._store.value("extraction.fresh", id=document.id)
        return Article(
            text=text,
            body_start=body_start(text, document.title),
            document_type=document.document_type,
            cluster_id=document.story_cluster_id or document.id,
            named=tuple(named),
            earlier=tuple(earlier),
            regions=None if fresh is None else msgspec.convert(fresh, tuple[Span, ...]),
        )

    async def _interpolate(self, event: GlobalEvent, article: Article) -> list[MacroImpact]:
        """Return the event's impact on every company; what the text says of those it names is one more term."""
        companies = await self._store.rows(Company, "extraction.companies", now=event.known_at)
        said = await self._pool.run(read_article, article)
        named = {impact.ticker: impact.direction * impact.relevance for impact in said.impacts}
        push = push_of(event, self._effects[event.type], named)
        return interpolate(event, push, expose(companies, self._priors))

    async def _novelty(self, document: Document) -> float:
        """Return how new a macro story is against the macro documents of the week before."""
        earlier = await self._store.rows(
            Told,
            "extraction.earlier_macro",
            since=document.known_at - LOOK_BACK,
            known_at=document.known_at,
            id=document.id,
        )
        return novelty(story_words(document.title), document.story_cluster_id or document.id, earlier)


def _aggregations(document: UUID, tickers: list[str]) -> list[AggregationJob]:
    return [AggregationJob(ticker=ticker, cause=str(document)) for ticker in sorted(tickers)]
