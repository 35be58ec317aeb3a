"""The thesis-rewriter: asks a model for better words, and takes none that say another thing than was computed.

What the model gets are finished strings; what it returns is prose whose every figure, reason and action was among them.
Nothing of it leads anywhere but into a text for people.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from uuid import UUID

import msgspec

from stonks.model.prompt import PromptFile
from stonks.model.recommendation import Advice
from stonks.model.trend import Window
from stonks.ports.agents import Attempt, Judged, Prompt, Verdict
from stonks.stages.recommendation.core import prose

AGENT = "thesis-rewriter"
_LONGEST_NAME = 60


class Ground(msgspec.Struct, frozen=True, kw_only=True):
    """One reason for or against a recommendation, as its row and its signal have it."""

    event_type: str
    publisher: str
    known_at: datetime
    weight_share: float
    contribution: float
    """Above zero it speaks for a rise."""


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A recommendation whose thesis may be put in other words."""

    id: UUID
    ticker: str
    company: str
    window: Window
    action: Advice
    probability: float
    probability_low: float
    probability_high: float
    confidence: float
    expected_return: float
    cost: float
    thesis_template: str
    grounds: tuple[Ground, ...]
    """The heaviest first."""


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """A reason with the line of evidence that it rests on."""

    text: str
    evidence_id: str


class Rewritten(msgspec.Struct, frozen=True, kw_only=True):
    """What the model is to return."""

    doc_check: str
    headline: str
    thesis: str
    bull_points: tuple[Point, ...]
    bear_points: tuple[Point, ...]
    what_would_change_my_mind: str
    used_numbers: tuple[str, ...]


class Reworded(msgspec.Struct, frozen=True, kw_only=True):
    """The least that is of use."""

    doc_check: str
    headline: str
    thesis: str


class RewritingTask(msgspec.Struct, frozen=True, kw_only=True):
    """The question for other words for one thesis, and the checks that an answer has to stand."""

    draft: Draft
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
        """What is given: the same figures and reasons lead to the same words."""
        return (self._given(),)

    def compose(self, attempt: Attempt) -> Prompt:
        """Write the recommendation out as strings; what strangers may have had a hand in stands between the marks."""
        wrong = [f"- {complaint}" for complaint in attempt.complaints]
        lines = [
            f"ACTION: {self.draft.action}",
            f"<<<DOC {attempt.fence}",
            self._given(),
            f"DOC {attempt.fence}>>>",
            *(["Your answer before was refused. Mend this:", *wrong] if wrong else []),
            "Return JSON only.",
        ]
        return Prompt(
            system=self.words.ending_with(attempt.nonce),
            prompt="\n".join(lines),
            shape=Reworded if attempt.reduced else Rewritten,
            longest_answer=600,
        )

    def judge(self, answer: Rewritten | Reworded) -> Judged[str]:
        """Return the text where every check held; one that failed lets nothing of the answer through."""
        points = () if isinstance(answer, Reworded) else (*answer.bull_points, *answer.bear_points)
        pieces = [answer.headline, answer.thesis, *(point.text for point in points)]
        if isinstance(answer, Rewritten):
            pieces.append(answer.what_would_change_my_mind)
        told = "\n".join(pieces)
        verdicts = (*self._of_figures(answer, told), *self._of_points(answer), *self._of_words(answer, told))
        held = all(verdict.passed for verdict in verdicts)
        return Judged(value=_text(answer) if held else None, verdicts=verdicts)

    def _given(self) -> str:
        """Return every figure and every reason as finished strings."""
        draft = self.draft
        figures = {
            "probability of a rise": f"{draft.probability:.1%}",
            "its lower bound": f"{draft.probability_low:.1%}",
            "its upper bound": f"{draft.probability_high:.1%}",
            "confidence": f"{draft.confidence:.2f}",
            "expected return": f"{draft.expected_return:+.2%}",
            "cost of a trade": f"{draft.cost:.2%}",
        }
        lines = [f"company: {_plain(draft.company)} ({draft.ticker})"]
        lines += [f"{name}: {figure}" for name, figure in figures.items()]
        lines += ["evidence:", *(f"{name}) {_told(ground)}" for name, ground in self._evidence().items())]
        return "\n".join([*lines, "thesis as it stands:", draft.thesis_template])

    def _evidence(self) -> dict[str, Ground]:
        return {f"E{number}": ground for number, ground in enumerate(self.draft.grounds, start=1)}

    def _names(self) -> list[str]:
        """Return what is a name, with digits or words such as "buy" in it: company, publishers, lines of evidence."""
        words = _plain(self.draft.company).split()
        company = [" ".join(words[:count]) for count in range(1, len(words) + 1)]
        publishers = [_plain(ground.publisher) for ground in self.draft.grounds]
        return [*company, self.draft.ticker, *publishers, *self._evidence()]

    def _of_figures(self, answer: Rewritten | Reworded, told: str) -> Iterator[Verdict]:
        """Every figure was given."""
        claimed = "" if isinstance(answer, Reworded) else "\n".join(answer.used_numbers)
        told, given = (prose.without(text, self._names()) for text in (f"{told}\n{claimed}", self._given()))
        strange = prose.unknown_figures(told, given)
        yield _verdict("number", strange, "figures that were not given: {}")

    def _of_points(self, answer: Rewritten | Reworded) -> Iterator[Verdict]:
        """Every point rests on a line that exists and speaks for the same side."""
        if isinstance(answer, Reworded):
            return
        evidence = self._evidence()
        for points, sign in ((answer.bull_points, 1.0), (answer.bear_points, -1.0)):
            for point in points:
                ground = evidence.get(point.evidence_id)
                if ground is None:
                    yield _verdict("evidence", [point.evidence_id], "there is no line {} in the evidence")
                else:
                    wrong = [] if ground.contribution * sign > 0.0 else [point.evidence_id]
                    yield _verdict("evidence", wrong, "line {} speaks for the other side")

    def _of_words(self, answer: Rewritten | Reworded, told: str) -> Iterator[Verdict]:
        """The action is named and no other, nothing is promised, and it is plain and short."""
        action, names = self.draft.action, self._names()
        head, told = (prose.without(text, names) for text in (f"{answer.headline}\n{answer.thesis}", told))
        missing = [] if prose.names_action(head, action) else [str(action)]
        yield _verdict("action", missing, "the action is not named: {}")
        yield _verdict("action", prose.wrong_actions(told, action), "words against the action: {}")
        yield _verdict("advice", prose.promises(told), "words that promise or press: {}")
        yield _verdict("plain", prose.strange_signs(told), "signs that have no place here: {}")
        words = prose.word_count(told)
        yield _verdict("length", [str(words)] if words > prose.MOST_WORDS else [], "{} words, 160 are allowed")
        yield _verdict("length", [] if answer.headline.strip() and answer.thesis.strip() else ["it"], "{} says nothing")


def _verdict(check: str, wrong: Iterable[str], complaint: str) -> Verdict:
    listed = ", ".join(dict.fromkeys(wrong))
    return Verdict(check=check, passed=not listed, detail=complaint.format(listed[:120]) if listed else "")


def _told(ground: Ground) -> str:
    side = "rise" if ground.contribution > 0.0 else "fall"
    event, at = ground.event_type.replace("_", " "), f"{ground.known_at:%Y-%m-%d %H:%M} UTC"
    return f"{side}: {event}; {_plain(ground.publisher)}; {at}; {ground.weight_share:.0%} of the weight"


def _plain(name: str) -> str:
    """Return a name that others chose, in one short line without signs that could mean something here."""
    kept = "".join(char if char.isalnum() or char in " .,&'-/" else " " for char in name)
    return " ".join(kept.split())[:_LONGEST_NAME]


def _text(answer: Rewritten | Reworded) -> str:
    """Return an answer as paragraphs."""
    parts = [answer.headline, answer.thesis]
    if isinstance(answer, Rewritten):
        parts += [point.text for point in (*answer.bull_points, *answer.bear_points)]
        parts.append(answer.what_would_change_my_mind)
    return "\n\n".join(" ".join(part.split()) for part in parts if part.strip())
