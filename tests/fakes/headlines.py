"""What a tape's headlines say, read by the extractor alone: a panel's evidence in seconds, without the pipeline."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid5

from stonks.adapters.sources.tape import read_tape
from stonks.model.document import DocumentType
from stonks.model.identity import document_id
from stonks.model.tape import Tape, TapeDocument
from stonks.replay.evaluation.panel import DailyReturn, Said
from stonks.replay.evaluation.scoreboard import Evidence
from stonks.stages.extractor.core.extract import Article, Named, extract
from stonks.stages.parser.core.mentions import Gazetteer

NAMESPACE = document_id("headlines", "story", 1)


def evidence_of(directory: Path) -> Evidence:
    """Return the evidence of a tape's span: copies of one title are one story."""
    tape = read_tape(directory)
    span = tape.manifest.span
    return Evidence(
        sessions=[one for one in tape.sessions if span.start <= one.closes_at <= span.end],
        tickers=tape.manifest.universe,
        returns=list(returns_of(tape)),
        said=list(said_in(tape)),
    )


def returns_of(tape: Tape) -> Iterator[DailyReturn]:
    before: dict[str, float] = {}
    for bar in tape.bars:
        opened, closed = float(bar.open), float(bar.close)
        last = before.get(bar.ticker)
        yield DailyReturn(
            ticker=bar.ticker,
            starts_at=bar.starts_at,
            intraday=closed / opened - 1.0,
            daily=None if last is None else closed / last - 1.0,
        )
        before[bar.ticker] = closed


def said_in(tape: Tape) -> Iterator[Said]:
    gazetteer = Gazetteer(list(tape.companies))
    names = {company.ticker: company.name for company in tape.companies}
    for document in tape.documents:
        if document.kind is not DocumentType.NEWS or document.content_type != "text/plain" or not document.known_at:
            continue
        for impact in extract(article_of(document, gazetteer, names)).impacts:
            yield Said(
                ticker=impact.ticker,
                cluster_id=uuid5(NAMESPACE, document.title),
                known_at=document.known_at,
                direction=impact.direction,
                weight=impact.strength * impact.confidence * impact.relevance,
            )


def article_of(document: TapeDocument, gazetteer: Gazetteer, names: dict[str, str]) -> Article:
    text = f"{document.title}\n\n{document.body or ''}"
    start = len(document.title) + 2
    return Article(
        text=text,
        body_start=start,
        document_type=document.kind,
        cluster_id=uuid5(NAMESPACE, document.title),
        named=tuple(
            Named(ticker=one.ticker, role=one.role, spans=tuple(one.spans), name=names[one.ticker])
            for one in gazetteer.find(text, start)
        ),
    )
