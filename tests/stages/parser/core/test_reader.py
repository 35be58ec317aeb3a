"""Reading in a child of the real pool, within its limits: each kind of text needs other packages."""

import json

import pytest

from stonks.model.company import Company
from stonks.model.document import DocumentStatus, DocumentType
from stonks.runtime.pool import ChildPool
from stonks.stages.parser.core.reader import packed, read
from tests.fakes.extractions import make_document

UNIVERSE = packed([Company(ticker="BA", name="Boeing")])
ENGLISH = (
    "Boeing said on Tuesday that it had delivered 45 jets in March, which was more than analysts had expected. " * 4
)
GERMAN = "Boeing hat im März mehr Flugzeuge ausgeliefert, als die Fachleute an der Börse erwartet hatten. " * 4
PAGE = f"<html><body><article><p>{ENGLISH}</p></article></body></html>"
REPORT = f"<html><body>{f'<p>{ENGLISH}</p>' * 60}</body></html>"

TEXTS = {
    "an item of a feed": ("application/json", json.dumps({"title": "Jets", "body": ENGLISH}), "news", "en"),
    "a page": ("text/html", PAGE, "news", "en"),
    "a filing": ("text/html", REPORT, "filing", "en"),
    "a text": ("text/plain", ENGLISH, "news", "en"),
    "a text in another language": ("text/plain", GERMAN, "news", "de"),
}


@pytest.mark.parametrize(("kind", "text", "document_type", "language"), TEXTS.values(), ids=TEXTS)
async def test_a_child_reads(kind: str, text: str, document_type: str, language: str) -> None:
    document = make_document(content_type=kind, document_type=DocumentType(document_type))
    async with ChildPool.opened(slots=1) as pool:
        found = await pool.run(read, document, text.encode(), UNIVERSE)

    expected = DocumentStatus.PARSED if language == "en" else DocumentStatus.REJECTED
    assert (found.parsed.status, found.parsed.language) == (expected, language)
    assert bool(found.signature) == (language == "en")


async def test_a_child_reads_as_we_would() -> None:
    document = make_document(content_type="text/html")
    async with ChildPool.opened(slots=1) as pool:
        assert await pool.run(read, document, PAGE.encode(), UNIVERSE) == read(document, PAGE.encode(), UNIVERSE)
