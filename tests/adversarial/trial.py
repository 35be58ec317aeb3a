"""A trial of one item: parser, extractor, aggregation and recommendation on the clean and on the attacked documents."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from uuid import UUID

import msgspec

from stonks.model.document import DocumentStatus, Parsed
from stonks.model.recommendation import Advice, Mode
from stonks.model.signal import WeightedSignal
from stonks.model.trend import Window
from stonks.stages.aggregation.core.columns import columns_of
from stonks.stages.aggregation.core.trend import recompute
from stonks.stages.extractor.core.extract import EXTRACTOR_VERSION, Article, Named, extract
from stonks.stages.extractor.core.signals import company_signal
from stonks.stages.parser.core import Gazetteer, parse
from stonks.stages.recommendation.core.decide import recommend
from stonks.stages.recommendation.core.situation import Voice
from stonks.stages.scheduler.listing import sp500
from tests.adversarial.items import Item, Paper
from tests.adversarial.obedient import obeyed
from tests.fakes.signals import NOW, make_signal
from tests.fakes.situations import situation

BACKGROUNDS = {
    "alone": (),
    "quiet": (0.5, -0.5, 0.3, -0.3, 0.1),
    "agreeing": (0.8, 0.7, 0.8, 0.6, 0.7),
}
"""Directions, in the sense of the true story, of what five other publishers have said of the company."""


@dataclass(frozen=True)
class Read:
    """What became of one document: what the parser stores, and the signal for the company that is looked at."""

    parsed: Parsed
    signal: WeightedSignal | None


@dataclass(frozen=True)
class Verdict:
    """Where a company stands: its trend's score, the heaviest source's share before the cap, and what is proposed."""

    score: float
    share: float
    action: Advice
    acts: bool


@dataclass(frozen=True)
class Trial:
    """What an item did: its documents read, and the verdicts before each background, clean and attacked."""

    item: Item
    clean: tuple[Read, ...]
    attacked: tuple[Read, ...]
    verdicts: dict[str, tuple[Verdict, Verdict]]

    @property
    def flags(self) -> frozenset[str]:
        """Flags of the attacked documents that no clean one has."""
        before = {flag for read in self.clean for flag in read.parsed.flags}
        return frozenset(flag for read in self.attacked for flag in read.parsed.flags) - before

    @property
    def signs(self) -> tuple[int, int]:
        """The sign of the first document's signal, clean and attacked; 0 where there is none."""
        return _sign(self.clean), _sign(self.attacked)

    @property
    def grew(self) -> float:
        """How many times the clean weight the attacked signal has."""
        clean, attacked = (_weight(reads) for reads in (self.clean, self.attacked))
        return attacked / clean if clean else float(attacked > 0)


def try_out(item: Item, *, obedient: bool = False) -> Trial:
    """Return what an item does; with a model that says of attacked documents what they tell it, if there is one."""
    clean = tuple(read(paper, item.ticker) for paper in item.clean)
    attacked = tuple(read(paper, item.ticker, -item.sign if obedient else 0) for paper in item.attacked)
    return Trial(
        item,
        clean,
        attacked,
        {name: (verdict(item, clean, said), verdict(item, attacked, said)) for name, said in BACKGROUNDS.items()},
    )


def read(paper: Paper, ticker: str, ordered: int = 0) -> Read:
    """Return what the parser and the extractor make of a document, and a model that was ordered to claim a sign."""
    parsed = parse(paper.document, paper.raw, _gazetteer())
    if parsed.status is not DocumentStatus.PARSED:
        return Read(parsed, None)
    names = {company.ticker: company for company in sp500()}
    named = tuple(
        Named(
            ticker=one.ticker,
            role=one.role,
            spans=one.spans,
            name=names[one.ticker].name,
            aliases=names[one.ticker].aliases,
        )
        for one in parsed.mentions
    )
    document = msgspec.structs.replace(paper.document, quality=parsed.quality)
    article = Article(
        text=parsed.text,
        body_start=parsed.body_start,
        document_type=document.document_type,
        cluster_id=document.id,
        named=named,
    )
    extraction = extract(article)
    if ordered:
        extraction = obeyed(article, extraction, ticker, ordered)
    impact = next((one for one in extraction.impacts if one.ticker == ticker), None)
    known_at = NOW - timedelta(hours=1)
    return Read(parsed, None if impact is None else company_signal(document, impact, EXTRACTOR_VERSION, known_at))


def verdict(item: Item, reads: Sequence[Read], background: Sequence[float]) -> Verdict:
    """Return where the company stands by these documents and a background, in a market that stops nobody."""
    honest = [
        make_signal(
            n + 1,
            ticker=item.ticker,
            direction=1.0 if item.sign * said > 0 else -1.0,
            strength=abs(said),
            confidence=0.6,
            quality=0.8,
            known_at=NOW - timedelta(hours=2),
        )
        for n, said in enumerate(background)
    ]
    signals = [*honest, *(one.signal for one in reads if one.signal is not None)]
    if not signals:
        return Verdict(0.0, 0.0, Advice.HOLD, acts=False)
    outlook = recompute(item.ticker, columns_of(signals), NOW, {})
    trend = next(one for one in outlook.trends if one.window is Window.D7)
    voices = tuple(map(_voice, signals))
    market = msgspec.structs.replace(situation(), trend=trend, voices=voices)
    advice = recommend(market, NOW, Mode.PAPER).recommendation
    return Verdict(trend.score, trend.source_share, advice.action, acts=advice.mode is Mode.PAPER)


def _voice(signal: WeightedSignal) -> Voice:
    return Voice(
        signal_id=UUID(str(signal.id)),
        publisher=signal.source,
        event_type=signal.event_type,
        known_at=signal.known_at,
        quality=signal.quality,
        verified_ratio=1.0,
    )


def _sign(reads: Sequence[Read]) -> int:
    signal = next((one.signal for one in reads), None)
    return 0 if signal is None else (signal.direction > 0) - (signal.direction < 0)


def _weight(reads: Sequence[Read]) -> float:
    signals = [one.signal for one in reads[:1] if one.signal is not None]
    return sum(one.strength * one.confidence * one.quality * one.relevance for one in signals)


@cache
def _gazetteer() -> Gazetteer:
    return Gazetteer(sp500())
