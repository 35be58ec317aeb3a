"""The event-classifier: asks a model which macro event a text tells, and keeps what the text bears out."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from stonks.model.document import Quote
from stonks.model.prompt import PromptFile
from stonks.model.signal import GlobalEvent
from stonks.model.tokens import tokens_of
from stonks.ports.agents import Attempt, Judged, Prompt, Verdict
from stonks.stages.extractor.core import macro_rules as rules
from stonks.stages.extractor.core.grounding import Grounds

AGENT = "event-classifier"
NO_EVENT = "none"
MOST_TOKENS = 4_000
"""Tokens of the text that are shown: a report tells its event at its head."""
LEAST_NEW = 0.25
LEAST_QUALITY = 0.3
"""Novelty and quality below which a text is not worth asking about."""
LEAST_SEVERITY_PRESSED = 4
"""Severity from which it is while documents wait for long."""

_LONGEST_NAME = 60

EventType = Literal[
    "rates", "inflation", "labor", "growth", "tariff_trade", "sanctions", "armed_conflict", "election_policy",
    "regulation", "natural_disaster", "pandemic", "energy_supply", "commodity_shock", "fx_move", "banking_stress",
    "fiscal", "cyber_systemic", "other", "none",
]  # fmt: skip
Region = Literal["US", "EU", "UK", "CN", "JP", "IN", "LATAM", "MEA", "APAC", "GLOBAL"]
Stage = Literal["rumor", "announced", "effective", "escalation", "deescalation", "data_release"]
Sector = Literal[
    "Energy", "Materials", "Industrials", "Consumer Discretionary", "Consumer Staples", "Health Care", "Financials",
    "Information Technology", "Communication Services", "Utilities", "Real Estate",
]  # fmt: skip
Commodity = Literal["oil", "natgas", "gold", "copper", "steel", "wheat", "corn", "lithium", "semis"]
Currency = Literal["USD", "EUR", "JPY", "CNY", "GBP"]
Way = Literal[-1, 1]
Words = Annotated[str, msgspec.Meta(max_length=600)]


class SectorMove(msgspec.Struct, frozen=True, kw_only=True):
    """What the event does to a sector."""

    gics: Sector
    direction: Literal[-1, 0, 1]
    strength: Literal[1, 2, 3]


class CommodityMove(msgspec.Struct, frozen=True, kw_only=True):
    """Where a commodity's price goes."""

    name: Commodity
    direction: Way


class CurrencyMove(msgspec.Struct, frozen=True, kw_only=True):
    """Where a currency goes."""

    code: Currency
    direction: Way


class EventAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What the model is to return (signals.md 1.3)."""

    doc_check: str
    event_type: EventType
    regions: Annotated[tuple[Region, ...], msgspec.Meta(max_length=10)]
    stage: Stage
    severity: Literal[1, 2, 3, 4, 5]
    surprise: Literal[-2, -1, 0, 1, 2]
    direction_risk_assets: Literal[-1, 0, 1]
    duration: Literal["days", "weeks", "months", "years"]
    sectors: Annotated[tuple[SectorMove, ...], msgspec.Meta(max_length=11)]
    commodities: Annotated[tuple[CommodityMove, ...], msgspec.Meta(max_length=9)]
    currencies: Annotated[tuple[CurrencyMove, ...], msgspec.Meta(max_length=5)]
    countries_named: Annotated[tuple[str, ...], msgspec.Meta(max_length=12)]
    companies_named: Annotated[tuple[int, ...], msgspec.Meta(max_length=12)]
    quote: Words
    confidence: Literal[0, 1, 2, 3]
    summary: Words


class ShortAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The least that is of use."""

    doc_check: str
    event_type: EventType
    severity: Literal[1, 2, 3, 4, 5]
    direction_risk_assets: Literal[-1, 0, 1]
    quote: Words
    confidence: Literal[0, 1, 2, 3]


class Opinion(msgspec.Struct, frozen=True, kw_only=True):
    """What of a model's answer the text bears out."""

    type: str
    """``none`` where the model says that no event is told."""
    severity: int
    direction: int
    confidence: int
    """0 to 3, as the model says."""
    stage: str | None = None
    surprise: int | None = None
    regions: tuple[str, ...] = ()
    sectors: dict[str, int] = {}
    """By GICS name, direction times strength, -3 to 3; only of those that the text names."""
    commodities: dict[str, int] = {}
    currencies: dict[str, int] = {}
    quote: Quote | None = None
    summary: str = ""
    """Empty where it stated a figure that the text does not."""
    verified: float
    """Share of the claims that held."""


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A company that the text may name."""

    ticker: str
    name: str


class EventTask(msgspec.Struct, frozen=True, kw_only=True):
    """The question which macro event a document tells."""

    text: str
    candidates: tuple[Candidate, ...]
    words: PromptFile
    document_id: UUID | None = None

    @property
    def agent(self) -> str:
        """The agent's name."""
        return AGENT

    @property
    def prompt_version(self) -> str:
        """The version of the prompt's file."""
        return self.words.version

    @property
    def subject(self) -> tuple[str, ...]:
        """The text that is shown and the candidates: a copy elsewhere is the same question."""
        return (self._shown(), self._listed())

    def compose(self, attempt: Attempt) -> Prompt:
        """Write the text out between its marks, below the candidates."""
        wrong = [f"- {complaint}" for complaint in attempt.complaints]
        lines = [
            f"CANDIDATES: {self._listed()}",
            f"<<<DOC {attempt.fence}",
            self._shown(),
            f"DOC {attempt.fence}>>>",
            *(["Your answer before was refused. Mend this:", *wrong] if wrong else []),
            "Return JSON only.",
        ]
        return Prompt(
            system=self.words.ending_with(attempt.nonce),
            prompt="\n".join(lines),
            shape=ShortAnswer if attempt.reduced else EventAnswer,
            longest_answer=300 if attempt.reduced else 900,
        )

    def judge(self, answer: EventAnswer | ShortAnswer) -> Judged[Opinion]:
        """Return what the text bears out; an event whose quote does not stand in it is none."""
        grounds = Grounds(self.text)
        quote = grounds.find(answer.quote)
        if quote is None and answer.event_type != NO_EVENT:
            wrong = Verdict(check="quote", passed=False, detail="the quote does not stand in the text word for word")
            return Judged(value=None, verdicts=(wrong,))
        verdicts = [Verdict(check="quote", passed=True)]
        opinion = Opinion(
            type=answer.event_type,
            severity=answer.severity,
            direction=answer.direction_risk_assets,
            confidence=answer.confidence,
            quote=quote,
            verified=1.0,
        )
        if isinstance(answer, EventAnswer):
            opinion = self._filled(opinion, answer, grounds, verdicts)
        held = sum(verdict.passed for verdict in verdicts)
        opinion = msgspec.structs.replace(opinion, verified=held / len(verdicts))
        return Judged(value=opinion, verdicts=tuple(verdicts))

    def _filled(self, opinion: Opinion, answer: EventAnswer, grounds: Grounds, verdicts: list[Verdict]) -> Opinion:
        """Return the opinion with those of the other fields that hold."""

        def kept(check: str, claims: Iterable[str], holds: Callable[[str], bool]) -> tuple[str, ...]:
            found = [(claim, holds(claim)) for claim in dict.fromkeys(claims)]
            verdicts.extend(_of(check, claim, passed=passed) for claim, passed in found)
            return tuple(claim for claim, passed in found if passed)

        named = set(kept("sector", (move.gics for move in answer.sectors), self._names(rules.SECTORS)))
        named |= set(kept("commodity", (move.name for move in answer.commodities), self._names(rules.COMMODITIES)))
        named |= set(kept("currency", (move.code for move in answer.currencies), self._names(rules.CURRENCIES)))
        regions = kept("region", answer.regions, self._names(rules.REGIONS, exact=True))
        kept("country", answer.countries_named, self._says)
        kept("company", map(str, answer.companies_named), self._is_candidate)
        strange = grounds.unsupported(answer.summary)
        verdicts.append(_of("number", ", ".join(strange), passed=not strange))
        return msgspec.structs.replace(
            opinion,
            stage=answer.stage,
            surprise=answer.surprise,
            regions=regions[:4],
            sectors={move.gics: move.direction * move.strength for move in answer.sectors if move.gics in named},
            commodities={move.name: move.direction for move in answer.commodities if move.name in named},
            currencies={move.code: move.direction for move in answer.currencies if move.code in named},
            summary="" if strange else " ".join(answer.summary.split()),
        )

    def _names(self, cues: dict[str, str], *, exact: bool = False) -> Callable[[str], bool]:
        """Return whether the text names a thing by one of its words."""

        def named(thing: str) -> bool:
            words = cues.get(thing)
            flags = 0 if exact else re.IGNORECASE
            return words is not None and re.search(rf"\b(?:{words})\b", self.text, flags) is not None

        return named

    def _says(self, country: str) -> bool:
        words = " ".join(country.split()).casefold()
        return len(words) > 1 and words in " ".join(self.text.split()).casefold()

    def _is_candidate(self, number: str) -> bool:
        return 1 <= int(number) <= len(self.candidates)

    def _listed(self) -> str:
        return " ".join(self._numbered()) or "none"

    def _numbered(self) -> Iterator[str]:
        for number, candidate in enumerate(self.candidates, start=1):
            name = "".join(char if char.isprintable() else " " for char in candidate.name)
            yield f"{number}) {candidate.ticker} {name[:_LONGEST_NAME]}".rstrip()

    def _shown(self) -> str:
        """Return the head of the text, cut between paragraphs where it is too long."""
        shown: list[str] = []
        left = MOST_TOKENS
        for line in self.text.splitlines():
            left -= tokens_of(line)
            if left < 0:
                break
            shown.append(line)
        return "\n".join(shown) if shown else self.text[:MOST_TOKENS]


def is_worth_asking(told: GlobalEvent | None, new: float, quality: float | None, *, hurried: bool) -> bool:
    """Return whether a model is to read a macro document, given what the rules read, its novelty and its quality."""
    if hurried and (told is None or told.severity < LEAST_SEVERITY_PRESSED):
        return False
    return new >= LEAST_NEW and (quality is None or quality >= LEAST_QUALITY)


def _of(check: str, claim: str, *, passed: bool) -> Verdict:
    return Verdict(
        check=check, passed=passed, detail="" if passed else f"the text does not bear out {check} {claim[:80]}"
    )
