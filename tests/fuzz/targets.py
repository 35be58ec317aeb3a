"""What is fuzzed: every function that reads what a publisher, a feed or an archive wrote."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.robotparser import RobotFileParser

import msgspec

from stonks.adapters.sources import alpaca, gdelt, polygon
from stonks.adapters.sources.submission import Columns, Submissions, filing_of, parse_index, split_submission
from stonks.adapters.sources.syndication import parse_feed
from stonks.adapters.sources.web.answer import WebAnswer, http_date, without_secrets
from stonks.adapters.sources.web.body import read_body
from stonks.adapters.sources.web.guard import check_url
from stonks.model.company import Company
from stonks.model.document import DocumentType
from stonks.model.errors import StonksError
from stonks.stages.parser.core.filings.forms import kind_of
from stonks.stages.parser.core.filings.sentences import sentences_of
from stonks.stages.parser.core.reader import packed, read
from stonks.stages.parser.core.text import decode, normalize
from stonks.stages.parser.files import document_in
from tests.fakes.extractions import make_document
from tests.fuzz.mutation import mutated

AT = datetime(2025, 4, 8, 15, tzinfo=UTC)
UNIVERSE = packed(
    [
        Company(ticker="BA", name="Boeing"),
        Company(ticker="AAPL", name="Apple Inc."),
        Company(ticker="A", name="Agilent"),
    ]
)
Target = Callable[[bytes], str]


class Wrong(AssertionError):
    """Raised when a result breaks a promise: such as an offset outside its text."""


class Ran(NamedTuple):
    """What became of a run of inputs: outcomes, the slowest with its number, and what crashed."""

    outcomes: Counter[str]
    slowest: tuple[float, int, str]
    crashes: tuple[tuple[int, str, str], ...]


def run(first: int, count: int) -> Ran:
    """Return what became of so many inputs, each given to every target of its kind and one of another."""
    outcomes: Counter[str] = Counter()
    slowest, crashes = (0.0, first, ""), []
    for number in range(first, first + count):
        name, data = mutated(number)
        others = sorted(TARGETS)
        for target in {*KINDS.get(name, ()), others[number % len(others)]}:
            started = time.process_time()
            try:
                outcome = TARGETS[target](data)
            except StonksError as error:
                outcome = type(error).__name__
            except Exception as error:  # noqa: BLE001 - that is what is looked for
                crashes.append((number, target, f"{type(error).__name__}: {error}"[:200]))
                outcome = "CRASH"
            slowest = max(slowest, (time.process_time() - started, number, target))
            outcomes[f"{target}: {outcome}"] += 1
    return Ran(outcomes, slowest, tuple(crashes))


def _document(content_type: str, document_type: DocumentType = DocumentType.NEWS, title: str = "") -> Target:
    def target(data: bytes) -> str:
        document = make_document(content_type=content_type, document_type=document_type, title=title)
        found = read(document, data, UNIVERSE)
        parsed = found.parsed
        text = parsed.text
        for span in [span for mention in parsed.mentions for span in mention.spans] + list(parsed.items):
            if not 0 <= span.start <= span.end <= len(text):
                raise Wrong(f"{span} of {len(text)} characters")
        for mention in parsed.mentions:
            if not all(text[span.start : span.end].strip() for span in mention.spans):
                raise Wrong(f"{mention.ticker} stands nowhere")
        if normalize(text)[0] != text or not 0 <= parsed.quality <= 1:
            raise Wrong("not in normal form")
        msgspec.json.encode(parsed)
        return parsed.status_reason or parsed.status

    return target


def _file(data: bytes) -> str:
    document = document_in("a.txt", data)
    return read(document, data, UNIVERSE).parsed.status_reason or "parsed"


def _sentences(data: bytes) -> str:
    text, _ = normalize(decode(data))
    kind = kind_of("10-K", text)
    found = sentences_of(text, 0, kind.rules, ()) if kind else []
    if any(not text[one.start : one.end] for one in found):
        raise Wrong("an empty sentence")
    return "sentences" if found else "none"


def _feed(data: bytes) -> str:
    items = parse_feed(data, "https://example.com/feed")
    filings = [filing_of(item) for item in items]
    msgspec.json.encode(items)
    return f"{min(len(items), 2)} items, {'a' if any(filings) else 'no'} filing"


def _submissions(data: bytes) -> str:
    said = _answer(data).json(Submissions)
    columns: Columns = said.filings.recent
    return f"{len(columns.since(AT.date(), 1))} and {len(said.older(AT.date()))}"


def _answer(data: bytes) -> WebAnswer:
    return WebAnswer(
        url="https://example.com/a", status=200, headers={}, content_type="application/json", body=data, fetched_at=AT
    )


def _polygon(data: bytes) -> str:
    answer = _answer(data)
    page = answer.json(polygon._Page)  # noqa: SLF001 - what it reads with
    for raw in page.results or ():
        for shape in (polygon._Article, polygon._Aggregate):  # noqa: SLF001
            _quietly(lambda raw=raw, shape=shape: _used(polygon._decode(raw, shape, answer), answer))  # type: ignore[misc] # noqa: SLF001
        _quietly(lambda raw=raw: polygon._dividend(raw, answer))  # type: ignore[misc] # noqa: SLF001
        _quietly(lambda raw=raw: polygon._split(raw, answer))  # type: ignore[misc] # noqa: SLF001
    _quietly(lambda: polygon._details("BA", answer))  # noqa: SLF001
    return f"{min(len(page.results or ()), 2)} results"


def _used(one: object, answer: WebAnswer) -> None:
    if isinstance(one, polygon._Aggregate):  # noqa: SLF001
        polygon._date(one)  # noqa: SLF001
        polygon._minutes(one, "BA", answer)  # noqa: SLF001
    elif isinstance(one, polygon._Article):  # noqa: SLF001
        polygon._document(one, b"{}", answer)  # noqa: SLF001


def _quietly(call: Callable[[], object]) -> None:
    try:
        call()
    except StonksError:
        return


def _alpaca(data: bytes) -> str:
    answer = _answer(data)
    _quietly(lambda: alpaca._bars(answer.json(alpaca._BarsPage), None, answer))  # noqa: SLF001
    page = answer.json(alpaca._NewsPage)  # noqa: SLF001
    for raw in page.news:
        _quietly(lambda raw=raw: alpaca._document(alpaca._article(raw, answer), bytes(raw), answer))  # type: ignore[misc] # noqa: SLF001
    return f"{min(len(page.news), 2)} news"


def _gdelt(data: bytes) -> str:
    answer = _answer(data)
    articles = answer.json(gdelt._List).articles  # noqa: SLF001
    for raw in articles:
        _quietly(lambda raw=raw: gdelt._article(raw, answer))  # type: ignore[misc] # noqa: SLF001
    return f"{min(len(articles), 2)} articles"


def _body(data: bytes) -> str:
    async def chunks() -> AsyncIterator[bytes]:
        for at in range(0, len(data), 1000):
            yield data[at : at + 1000]

    body = asyncio.run(read_body(chunks(), "gzip"))
    return type(body.problem).__name__ if body.problem else "whole"


def _url(data: bytes) -> str:
    url = data.decode("utf-8", errors="replace")[:3000]
    without_secrets(url)
    http_date(url)
    return check_url(url).scheme


def _robots(data: bytes) -> str:
    rules = RobotFileParser()
    rules.parse(data[:100_000].decode("utf-8", errors="replace").splitlines())
    return str(rules.can_fetch("stonks", "https://example.com/private"))


TARGETS: dict[str, Target] = {
    "page": _document("text/html"),
    "item": _document("application/json"),
    "plain": _document("text/plain"),
    "report": _document("text/html", DocumentType.FILING, "Boeing 10-K"),
    "report text": _document("text/plain", DocumentType.FILING, "Boeing 10-Q"),
    "file": _file,
    "sentences": _sentences,
    "feed": _feed,
    "index": lambda data: f"{len(parse_index(data, 'x').parts)} parts",
    "submission": lambda data: f"{len(split_submission(data, 'x'))} parts",
    "submissions": _submissions,
    "polygon": _polygon,
    "alpaca": _alpaca,
    "gdelt": _gdelt,
    "body": _body,
    "url": _url,
    "robots": _robots,
}
KINDS: dict[str, tuple[str, ...]] = {
    **{name: (name,) for name in TARGETS},
    "rss": ("feed",),
    "atom": ("feed",),
    "rdf": ("feed",),
    "report": ("report", "sentences"),
    "gzip": ("body",),
    "utf-16": ("plain", "page"),
    "latin": ("plain", "item"),
}
