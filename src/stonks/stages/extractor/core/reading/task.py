"""The question that one window of a document is, and what of its answer is believed."""

from uuid import UUID

import msgspec

from stonks.model.document import Document, DocumentType, Role
from stonks.model.prompt import PromptFile
from stonks.model.signal import Extraction
from stonks.ports.agents import Attempt, Judged, Prompt
from stonks.stages.extractor.core.extract import Article
from stonks.stages.extractor.core.reading.checks import Checks
from stonks.stages.extractor.core.reading.gate import is_worth_asking
from stonks.stages.extractor.core.reading.shapes import CompaniesRead, DocumentRead
from stonks.stages.extractor.core.reading.subject import Candidate, Reading
from stonks.stages.extractor.core.reading.windows import Window, windows_of

AGENT = "document-extractor"

MOST_CANDIDATES = 20
_LONGEST_NAME = 60
UNKNOWN_QUALITY = 0.5
_BY_ROLE = {Role.PRIMARY: 0, Role.SECONDARY: 1, Role.PASSING: 2}
_OWN_WORDS = {DocumentType.FILING, DocumentType.PRESS_RELEASE}


class ReadingTask(msgspec.Struct, frozen=True, kw_only=True):
    """One window of one document, asked about."""

    document_id: UUID | None
    words: PromptFile
    kind: DocumentType
    day: str
    """The day the document was published, for what it says of "this quarter"."""
    window: Window
    candidates: tuple[Candidate, ...]

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
        """The text and its candidates: a syndicated copy has the same answer, whoever published it when."""
        return (self.kind, self.window.text, self._listed())

    def compose(self, attempt: Attempt) -> Prompt:
        """Write the window out, between marks that its text cannot know."""
        wrong = "".join(f"\n- {complaint}" for complaint in attempt.complaints)
        lines = [
            f"KIND: {self.kind}  DAY: {self.day}",
            "CANDIDATES:",
            self._listed(),
            f"<<<DOC {attempt.fence}",
            self.window.text,
            f"DOC {attempt.fence}>>>",
            *([f"Your answer before was refused. Mend this:{wrong}"] if wrong else []),
            "Only companies are needed: return doc_check and companies." if attempt.reduced else "",
            "Return JSON only. doc_check is the word after NONCE= at the end of the instructions.",
        ]
        return Prompt(
            system=self.words.ending_with(attempt.nonce),
            prompt="\n".join(line for line in lines if line),
            shape=CompaniesRead if attempt.reduced else DocumentRead,
        )

    def judge(self, answer: DocumentRead | CompaniesRead) -> Judged[Reading]:
        """Return what of the answer held."""
        return Checks(self.window, self.candidates).judge(answer)

    def _listed(self) -> str:
        return "\n".join(f"{at}) {one.ticker} {_plain(one.name)}" for at, one in enumerate(self.candidates, start=1))


def tasks_of(
    document: Document,
    article: Article,
    said: Extraction,
    words: PromptFile,
    hurried: bool,  # noqa: FBT001 - the pool passes arguments by place
) -> list[ReadingTask]:
    """Return the questions that a document is; none where it is not worth asking."""
    quality = UNKNOWN_QUALITY if document.quality is None else document.quality
    if not is_worth_asking(article, said, quality, hurried=hurried):
        return []
    day = document.published_at or document.known_at
    return questions_of(article, said, words, day.date().isoformat(), document.id)


def questions_of(
    article: Article, said: Extraction, words: PromptFile, day: str, document_id: UUID | None = None
) -> list[ReadingTask]:
    """Return one question a window, each with the companies that the article names; none where it names none."""
    candidates = candidates_of(article, said)
    if not candidates:
        return []
    return [
        ReadingTask(
            document_id=document_id,
            words=words,
            kind=article.document_type,
            day=day,
            window=window,
            candidates=candidates,
        )
        for window in windows_of(article)
    ]


def candidates_of(article: Article, said: Extraction) -> tuple[Candidate, ...]:
    """Return the companies that a document names, those it is about first."""
    scores = {impact.ticker: impact.direction for impact in said.impacts}
    primary = [named for named in article.named if named.role is Role.PRIMARY]
    ordered = sorted(article.named, key=lambda named: (_BY_ROLE[named.role], named.ticker))
    return tuple(
        Candidate(
            ticker=named.ticker,
            name=named.name,
            spans=named.spans,
            speaks=primary == [named] and article.document_type in _OWN_WORDS,
            score=scores.get(named.ticker, 0.0),
        )
        for named in ordered[:MOST_CANDIDATES]
    )


def _plain(name: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in name).split())[:_LONGEST_NAME]
