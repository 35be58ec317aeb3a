"""Files read as documents: whatever is in them, each is one answer with an end state."""

import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from stonks.model.company import Company
from stonks.model.document import DocumentStatus, DocumentType
from stonks.runtime.pool import ChildPool
from stonks.stages.parser.core.text import MOST_BYTES
from stonks.stages.parser.files import FileReader, document_in
from tests.fakes.pool import InlinePool

BOEING = Company(ticker="BA", name="Boeing", aliases=("Boeing",))
STORY = "Boeing delivered 45 aircraft in March, more than a year ago, and expects to deliver more of them in April."
PAGE = (
    "<html><head><title>Boeing delivers</title><meta property='article:published_time' content='2025-04-08T13:00:00Z'>"
    f"</head><body><article><p>{STORY}</p></article></body></html>"
)


@pytest.fixture
def reader() -> FileReader:
    return FileReader(InlinePool(), [BOEING])


@pytest_asyncio.fixture
async def real() -> AsyncIterator[FileReader]:
    async with ChildPool.opened(slots=2) as pool:
        yield FileReader(pool, [BOEING])


async def test_a_page_is_read_as_it_would_be_stored(reader: FileReader, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(PAGE)

    found = await reader.read(page)

    assert (found.kind, found.status, found.reason) == (DocumentType.NEWS, DocumentStatus.PARSED, None)
    assert (found.title, found.text, found.language) == ("Boeing delivers", f"Boeing delivers\n\n{STORY}", "en")
    assert str(found.published_at) == "2025-04-08 13:00:00+00:00"
    (mention,) = found.mentions
    assert [found.text[span.start : span.end] for span in mention.spans] == ["Boeing", "Boeing"]


async def test_a_packed_file_is_unpacked(reader: FileReader, tmp_path: Path) -> None:
    page = tmp_path / "page.html.gz"
    page.write_bytes(gzip.compress(PAGE.encode()))

    assert (await reader.read(page)).title == "Boeing delivers"


@pytest.mark.parametrize(
    ("name", "data", "status", "reason"),
    [
        ("cut.html.gz", gzip.compress(PAGE.encode(), mtime=0)[:-20], "failed", "cannot be read: "),
        ("plain.txt.gz", b"not packed", "failed", "cannot be read: "),
        ("broken.html.gz", gzip.compress(b"", mtime=0)[:10] + b"\xff" * 40, "failed", "cannot be read: "),
        ("picture.bin", b"\x89PNG\x00\x01", "rejected", "unreadable"),
        ("list.json", b"<html>not JSON</html>", "rejected", "unreadable"),
        ("empty.txt", b"", "rejected", "empty"),
        ("large.txt", b"a " * (MOST_BYTES // 2 + 1), "rejected", "too large"),
        (
            "nobody.txt",
            b"Nobody that is followed is named here, said nobody in particular on Monday.",
            "rejected",
            "no",
        ),
    ],
)
async def test_a_bad_file_is_an_answer_with_its_end_state(
    reader: FileReader, tmp_path: Path, name: str, data: bytes, *, status: str, reason: str
) -> None:
    (tmp_path / name).write_bytes(data)

    found = await reader.read(tmp_path / name)

    assert found.status == status
    assert found.reason is not None
    assert found.reason.startswith(reason)


async def test_a_file_that_is_not_there_is_an_answer(reader: FileReader, tmp_path: Path) -> None:
    assert (await reader.read(tmp_path / "none")).reason == "cannot be read: No such file or directory"


async def test_a_name_that_is_no_text_is_shown_as_one(reader: FileReader, tmp_path: Path) -> None:
    path = Path(bytes(tmp_path).decode()) / b"b\xf6se.html".decode(errors="surrogateescape")
    path.write_text(PAGE)

    found = await reader.read(path)

    assert found.status is DocumentStatus.PARSED
    assert found.path.endswith("b\ufffdse.html")


async def test_many_files_come_in_their_order_whichever_is_read_first(real: FileReader, tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.html" for number in range(40)]
    for number, path in enumerate(paths):
        path.write_text(PAGE.replace("45", str(100 + number)) if number % 7 else "x" * number)

    found = [one async for one in real.read_all(paths)]

    assert [one.path for one in found] == [str(path) for path in paths]
    assert all(str(100 + n) in one.text for n, one in enumerate(found) if n % 7)


@pytest.mark.parametrize(
    ("name", "data", "kind", "content_type"),
    [
        ("a.htm", b"<p>x", DocumentType.NEWS, "text/html"),
        ("a", b" <!DOCTYPE html><p>x", DocumentType.NEWS, "text/html"),
        ("a", b'{"title": "x"}', DocumentType.NEWS, "application/json"),
        ("a.txt.gz", b"words", DocumentType.NEWS, "text/plain"),
        ("a.txt", b"<SEC-DOCUMENT>0000320193", DocumentType.FILING, "text/plain"),
        ("a.txt", b"<SEC-DOCUMENT>\n<TYPE>10-K\n<TEXT>\n<html>", DocumentType.FILING, "text/html"),
        (
            "a.htm",
            b"<p>SECURITIES AND EXCHANGE COMMISSION</p><p>Washington</p><b>FORM</b>&nbsp;10-Q",
            DocumentType.FILING,
            "text/html",
        ),
        ("a.htm", b"<p>The Securities and Exchange Commission sued.</p>", DocumentType.NEWS, "text/html"),
    ],
)
def test_a_file_says_what_it_is(name: str, data: bytes, *, kind: DocumentType, content_type: str) -> None:
    document = document_in(name, data)

    assert (document.document_type, document.content_type) == (kind, content_type)


def test_whoever_asks_may_say_what_files_are() -> None:
    assert document_in("a.htm", b"<p>x", DocumentType.MACRO_EVENT).document_type is DocumentType.MACRO_EVENT
