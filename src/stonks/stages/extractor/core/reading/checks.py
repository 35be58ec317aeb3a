"""The deterministic checks of a model's answer about one window (signals.md 1.2): what fails is left out, and named."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import NamedTuple, Protocol, TypeVar

from stonks.model.document import Quote
from stonks.model.signal import EventType as E, KeyNumber
from stonks.ports.agents import Judged, Verdict
from stonks.stages.extractor.core.clauses import split_sentences
from stonks.stages.extractor.core.grounding import Grounds, figures_in
from stonks.stages.extractor.core.reading.shapes import (
    CompaniesRead,
    CompanyRead,
    DocumentRead,
    GuidanceRead,
    NumberRead,
    RiskRead,
)
from stonks.stages.extractor.core.reading.subject import Believed, Candidate, Guidance, Reading, Risk
from stonks.stages.extractor.core.reading.windows import Window

BASE = (0.2, 0.4, 0.6, 0.75)
"""What a model's certainty of 0 to 3 is worth until outcomes say otherwise (signals.md 1.2)."""
SURE_RULES = 0.6
"""Score of the rules from which a model that says the opposite is not believed but looked at."""

_GOOD = (
    E.EARNINGS_BEAT,
    E.GUIDANCE_RAISE,
    E.M_AND_A_TARGET,
    E.FDA_CLINICAL_POS,
    E.DIVIDEND_UP,
    E.BUYBACK,
    E.CONTRACT_WIN,
    E.RATING_UP,
)
_BAD = (
    E.EARNINGS_MISS,
    E.GUIDANCE_CUT,
    E.FDA_CLINICAL_NEG,
    E.LITIGATION_REGULATORY,
    E.ANTITRUST,
    E.DIVIDEND_CUT,
    E.CYBER,
    E.RECALL,
    E.OUTAGE,
    E.SUPPLY_DISRUPTION,
    E.RATING_DOWN,
    E.SHORT_REPORT,
    E.BANKRUPTCY,
)
POLARITY: dict[E, int] = {**dict.fromkeys(_GOOD, 1), **dict.fromkeys(_BAD, -1)}
"""Events that are good or bad news by themselves."""

_SIGNS = {"positive": 1, "negative": -1, "mixed": 0, "none": 0}

T = TypeVar("T")


class Quoting(Protocol):
    """A claim with its words."""

    @property
    def quote(self) -> str:
        """The words as the model has them."""
        ...


class _Claim(NamedTuple):
    """One item of the answer: what is made of it, or None with the reason why."""

    check: str
    kept: object | None
    why_not: str = ""


class Checks:
    """One window and its candidates, against which answers are held."""

    def __init__(self, window: Window, candidates: Sequence[Candidate]) -> None:
        """Hold answers against these."""
        self._window, self._candidates = window, candidates
        self._grounds = Grounds(window.text)

    def judge(self, answer: DocumentRead | CompaniesRead) -> Judged[Reading]:
        """Return what of an answer held; of one whose every claim about a company failed, nothing."""
        companies = [self._company(one) for one in answer.companies]
        verdicts = [_verdict(claim) for claim in companies] + list(self._reviews(answer.companies))
        believed = _kept(companies, Believed)
        if companies and not believed:
            return Judged(value=None, verdicts=tuple(verdicts))
        if isinstance(answer, CompaniesRead):
            reading = Reading(companies=believed, claimed=len(companies), kept=len(believed))
            return Judged(value=reading, verdicts=tuple(verdicts))
        numbers = [self._number(one) for one in answer.key_numbers]
        guidance = [self._guidance(one) for one in answer.guidance]
        risks = [self._risk(one) for one in answer.risks]
        summary = self._summary(answer.summary)
        rest = [*numbers, *guidance, *risks, summary]
        claims = [*companies, *rest]
        reading = Reading(
            kind=answer.doc_kind,
            summary=str(summary.kept or ""),
            companies=believed,
            numbers=_kept(numbers, KeyNumber),
            guidance=_kept(guidance, Guidance),
            risks=_kept(risks, Risk),
            claimed=len(claims),
            kept=sum(claim.kept is not None for claim in claims),
        )
        return Judged(value=reading, verdicts=(*verdicts, *map(_verdict, rest)))

    # ---------------------------------------------------------------------------------- words

    def _found(self, claim: Quoting) -> Quote | None:
        """Return the words of a claim where they stand in the window, or None."""
        return self._grounds.find(claim.quote)

    def _placed(self, claim: Quoting) -> Quote | None:
        """Return the words of a claim where they stand in the whole text, or None."""
        found = self._found(claim)
        return None if found is None else self._window.place(found)

    @cached_property
    def _sentences(self) -> list[tuple[int, int]]:
        return list(split_sentences(self._window.text, 0, len(self._window.text)))

    def _speaks_of(self, candidate: Candidate, quote: Quote) -> bool:
        """Whether a quote of the window stands in a sentence that names the company, or beside one."""
        if candidate.speaks:
            return True
        touched = [at for at, (start, end) in enumerate(self._sentences) if start < quote.end and quote.start < end]
        if not touched:
            return False
        lo, hi = self._sentences[max(0, touched[0] - 1)][0], self._sentences[touched[-1] + 1 :][:1]
        end = hi[0][1] if hi else self._sentences[touched[-1]][1]
        inside = (self._window.inside(span) for span in candidate.spans)
        return any(span is not None and lo <= span.start and span.end <= end for span in inside)

    # ---------------------------------------------------------------------------------- claims

    def _company(self, claim: CompanyRead) -> _Claim:
        if not 1 <= claim.mention_id <= len(self._candidates):
            return _Claim("candidate", None, f"there is no candidate {claim.mention_id}")
        candidate = self._candidates[claim.mention_id - 1]
        found, placed = self._found(claim), self._placed(claim)
        sign = _SIGNS[claim.direction]
        if found is None or placed is None:
            return _Claim("quote", None, f"candidate {claim.mention_id}: the quote does not stand in the text")
        if not self._speaks_of(candidate, found):
            return _Claim("ticker", None, f"candidate {claim.mention_id}: the quote does not speak of it")
        if claim.sentiment * sign < 0 or (sign and not claim.sentiment) or (abs(claim.sentiment) > 1 and not sign):
            return _Claim("consistency", None, f"candidate {claim.mention_id}: sentiment and direction disagree")
        certainty = max(
            0, claim.confidence - any(POLARITY.get(one, 0) * claim.sentiment < 0 for one in claim.event_types)
        )
        believed = Believed(
            ticker=candidate.ticker,
            sentiment=claim.sentiment,
            magnitude=claim.magnitude,
            horizon=claim.horizon,
            event_types=tuple(dict.fromkeys(claim.event_types)),
            confidence=0.0 if _contradicts(claim, candidate) else BASE[certainty],
            quote=placed,
        )
        return _Claim("company", believed)

    def _reviews(self, companies: Iterable[CompanyRead]) -> Iterable[Verdict]:
        """Yield what a person should look at: the model says the opposite of what the rules are sure of."""
        for claim in companies:
            if 1 <= claim.mention_id <= len(self._candidates):
                candidate = self._candidates[claim.mention_id - 1]
                if _contradicts(claim, candidate):
                    yield Verdict(check="review", passed=False, detail=f"{candidate.ticker}: rules say the opposite")

    def _number(self, claim: NumberRead) -> _Claim:
        placed, figures = self._placed(claim), figures_in(claim.value_text)
        if placed is None:
            return _Claim("quote", None, "a number's quote does not stand in the text")
        if len(figures) != 1:
            return _Claim("number", None, "a value_text is not one figure")
        words = claim.value_text
        if claim.scale != "one" and claim.scale not in words.lower():
            words = f"{figures[0].words} {claim.scale}"
        if claim.unit == "pct" and not figures[0].percent:
            words = f"{figures[0].words}%"
        if Grounds(placed.quote).unsupported(words):
            return _Claim("number", None, "a number is not what its quote says")
        value = figures_in(words)[0].value
        number = KeyNumber(
            metric=claim.metric,
            value=value,
            unit=claim.unit,
            basis=claim.basis,
            period=self._stated(claim.period),
            evidence=placed,
        )
        return _Claim("number", number)

    def _stated(self, words: str) -> str:
        """Return a few words where the text has them, else nothing."""
        return _plain(words) if words.casefold() in self._window.text.casefold() else ""

    def _guidance(self, claim: GuidanceRead) -> _Claim:
        placed = self._placed(claim)
        if placed is None:
            return _Claim("quote", None, "a guidance's quote does not stand in the text")
        if self._grounds.unsupported(f"{claim.metric} {claim.period}"):
            return _Claim("number", None, "a guidance has a figure that the text has not")
        return _Claim(
            "guidance",
            Guidance(
                metric=_plain(claim.metric), direction=claim.direction, period=_plain(claim.period), evidence=placed
            ),
        )

    def _risk(self, claim: RiskRead) -> _Claim:
        placed = self._placed(claim)
        if placed is None:
            return _Claim("quote", None, "a risk's quote does not stand in the text")
        if self._grounds.unsupported(claim.text):
            return _Claim("number", None, "a risk has a figure that the text has not")
        return _Claim("risk", Risk(text=_plain(claim.text), evidence=placed))

    def _summary(self, summary: str) -> _Claim:
        if strange := self._grounds.unsupported(summary):
            return _Claim("number", None, f"the summary states what the text does not: {', '.join(strange)[:80]}")
        return _Claim("summary", _plain(summary))


def _contradicts(claim: CompanyRead, candidate: Candidate) -> bool:
    return abs(candidate.score) > SURE_RULES and claim.sentiment * candidate.score < 0


def _kept(claims: Iterable[_Claim], shape: type[T]) -> tuple[T, ...]:
    return tuple(claim.kept for claim in claims if isinstance(claim.kept, shape))


def _verdict(claim: _Claim) -> Verdict:
    return Verdict(check=claim.check, passed=claim.kept is not None, detail=claim.why_not)


def _plain(words: str) -> str:
    """Return a model's prose in one line of characters that can be stored and shown."""
    printable = "".join(character if character.isprintable() else " " for character in words)
    return " ".join(printable.split())
