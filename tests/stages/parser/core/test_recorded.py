"""What the parser makes of real news, pages and filings; figures are printed with ``-s``."""

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import msgspec
import pytest

from stonks.adapters.sources.tape import feed_item, read_body, read_tape
from stonks.model.document import Document, DocumentStatus, DocumentType, Parsed
from stonks.model.tape import Tape, TapeDocument
from stonks.replay.build import build_djia
from stonks.stages.parser.core import Gazetteer, Rejection, parse
from stonks.stages.parser.core.page import read_page
from tests.stages.parser.core.test_core import document as blank

pytestmark = pytest.mark.recorded


@pytest.fixture(scope="session")
def tape_directory(recorded: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("djia") / "tape"
    build_djia(recorded, directory, date(2025, 3, 3), date(2025, 5, 30))
    return directory


@pytest.fixture(scope="session")
def tape(tape_directory: Path) -> Tape:
    return read_tape(tape_directory)


@pytest.fixture(scope="session")
def parsed(tape: Tape, tape_directory: Path) -> list[tuple[TapeDocument, Parsed]]:
    gazetteer = Gazetteer(tape.companies)
    return [(one, parse(stored(one), raw(one, tape_directory), gazetteer)) for one in tape.documents]


def stored(one: TapeDocument) -> Document:
    content_type = "application/json" if one.body_file is None else one.content_type
    kind = DocumentType(one.kind)
    return msgspec.structs.replace(blank(kind, content_type), title=one.title, publisher=one.publisher)


def report(figures: str) -> None:
    print(f"\n{figures}")  # noqa: T201 - what this test is also for


def raw(one: TapeDocument, directory: Path) -> bytes:
    return feed_item(one) if one.body_file is None else read_body(directory, one.body_file)


# ------------------------------------------------------------------------------------------------ news


def test_every_document_ends_in_a_named_state(parsed: list[tuple[TapeDocument, Parsed]]) -> None:
    ends = Counter(str(one.status_reason or one.status) for _, one in parsed)
    report(f"{len(parsed)} documents: {dict(ends.most_common())}")

    assert len(parsed) > 2300
    assert all(one.status in {DocumentStatus.PARSED, DocumentStatus.REJECTED} for _, one in parsed)
    assert all((one.status_reason in set(Rejection)) == (one.status is DocumentStatus.REJECTED) for _, one in parsed)
    assert ends[DocumentStatus.PARSED] > 0.55 * len(parsed)
    assert ends[Rejection.SPAM] >= 5


def test_about_half_of_the_feeds_tags_name_a_company_that_the_text_names(
    parsed: list[tuple[TapeDocument, Parsed]],
) -> None:
    tags = [(ticker, {found.ticker for found in one.mentions}) for source, one in parsed for ticker in source.tickers]
    rate = sum(ticker in named for ticker, named in tags) / len(tags)
    report(f"{len(tags)} tags, {rate:.1%} of them named in the text")

    assert 0.45 < rate < 0.60


def test_no_company_is_named_by_a_word_in_lower_case(parsed: list[tuple[TapeDocument, Parsed]]) -> None:
    found = {one.text[span.start : span.end] for _, one in parsed for mention in one.mentions for span in mention.spans}

    assert [name for name in found if name == name.lower() and name.isalpha()] == ["watsonx"]


def test_the_reports_that_were_filed_are_read_and_are_about_who_filed_them(
    parsed: list[tuple[TapeDocument, Parsed]],
) -> None:
    filings = [(source, one) for source, one in parsed if source.kind is DocumentType.FILING]

    assert len(filings) == 3
    for source, one in filings:
        roles = {mention.ticker: mention.role for mention in one.mentions}
        assert one.status is DocumentStatus.PARSED
        assert roles[source.tickers[0]] == "primary"
        assert len(one.text) > 90_000
        assert one.form in {"10-K", "10-Q"}
        assert len(one.items) >= 9


# ------------------------------------------------------------------------------------------------ pages and filings


def pages(recorded: Path) -> Iterator[tuple[dict[str, list[str]], bytes]]:
    folder = recorded / "articles-trafilatura-en"
    for expected in json.loads((folder / "evaldata.json").read_text()).values():
        file = folder / "html" / expected["file"]
        packed = file.with_name(file.name + ".gz")
        yield expected, gzip.decompress(packed.read_bytes()) if packed.exists() else file.read_bytes()


def test_articles_are_told_from_what_stands_around_them(recorded: Path) -> None:
    kept = lost = noise = 0
    for expected, page in pages(recorded):
        body = read_page(page, "").body
        kept += sum(part in body for part in expected["with"])
        lost += sum(part not in body for part in expected["with"])
        noise += sum(part in body for part in expected["without"])
    precision, recall = kept / (kept + noise), kept / (kept + lost)
    f1 = 2 * precision * recall / (precision + recall)
    report(f"precision {precision:.3f}, recall {recall:.3f}, F1 {f1:.3f}")

    assert f1 >= 0.93
