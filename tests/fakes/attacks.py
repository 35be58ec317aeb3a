"""Pages, feeds' items and filings that are built to exhaust whoever reads them, in any size."""

import base64
import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from stonks.model.document import Document, DocumentType
from tests.fakes.extractions import make_document

MILLION = 1_000_000
SENTENCE = "Boeing (NYSE: BA) said on Tuesday that it had delivered 45 jets in March, more than analysts had expected. "
BAIT = " " * 3000 + "-" * 3000 + "1" * 3000 + "(" * 3000 + "." * 3000 + "<" * 3000 + "$" * 3000 + "=" * 3000
LINES = (" .\n" * 500 + ". " * 1500 + " | " * 1000 + "\t" * 2000) * 2
READ, UNREADABLE, TOO_LARGE = "parsed", "rejected: unreadable", "rejected: too large"
NOBODY, POOR, EMPTY, SHORT = (f"rejected: {why}" for why in ("no tracked company", "low quality", "empty", "too short"))


@dataclass(frozen=True)
class Attack:
    """One document and the end states that are right for it; several where its size or a package decides."""

    name: str
    raw: bytes
    ends: tuple[str, ...]
    content_type: str = "text/html"
    document_type: DocumentType = DocumentType.NEWS
    flags: frozenset[str] = field(default_factory=frozenset)

    @property
    def document(self) -> Document:
        """The row that a source would have brought it as."""
        title = "Boeing 10-K" if self.document_type is DocumentType.FILING else ""
        return make_document(content_type=self.content_type, document_type=self.document_type, title=title)


def attacks(share: float = 1.0) -> Iterator[Attack]:
    """Yield every attack, with so much of its full size."""

    def sized(size: float) -> int:
        return max(1, int(size * share))

    for make in (_texts, _markup, _limits, _charsets, _heads, _baits, _reports):
        yield from make(sized)


Sized = Callable[[float], int]


def page(body: str, head: str = "") -> bytes:
    """Return a page with an ordinary article and this beside it."""
    return f"<html><head>{head}</head><body><article><p>{SENTENCE * 4}</p></article>{body}</body></html>".encode()


def repeated(piece: str, size: int) -> str:
    """Return a text of about this many characters."""
    return piece * (size // len(piece) + 1)


def _texts(sized: Sized) -> Iterator[Attack]:
    words = repeated(SENTENCE, sized(19.9 * MILLION))
    yield Attack("20 MB of text on a page", f"<html><body><p>{words}</p></body></html>".encode(), (READ, UNREADABLE))
    yield Attack("20 MB of plain text", words.encode(), (READ,), "text/plain")
    item = json.dumps({"title": "Boeing delivers", "body": repeated(SENTENCE, sized(19 * MILLION))})
    yield Attack("20 MB item of a feed", item.encode(), (READ,), "application/json")
    yield Attack("one byte too many", b"x" * 20_000_001, (TOO_LARGE,), "text/plain")
    yield Attack("3 MB of Apple", repeated("Apple ", sized(3 * MILLION)).encode(), (READ, NOBODY), "text/plain")
    tickers = repeated("(NYSE: AAA) ", sized(MILLION))
    yield Attack("1 MB of an exchange's tickers", tickers.encode(), (NOBODY, READ), "text/plain")
    listed = repeated("(NYSE: BA) ", sized(3 * MILLION))
    yield Attack("3 MB of one company's ticker", listed.encode(), (READ,), "text/plain")
    word = b"x" * sized(2 * MILLION)
    yield Attack("2 MB word", word, (SHORT,), "text/plain")
    yield Attack("10^6 paragraphs", page("<p>x</p>" * sized(MILLION)), (READ, UNREADABLE))
    yield Attack("10^6 lines", (SENTENCE * 4 + "x\n\n" * sized(MILLION)).encode(), (READ,), "text/plain")


def _markup(sized: Sized) -> Iterator[Attack]:
    yield Attack("20 MB of <a <a", repeated("<a ", sized(19.9 * MILLION)).encode(), (UNREADABLE, EMPTY))
    attributes = " ".join(f"a{n}=1" for n in range(sized(1e5)))
    yield Attack("10^5 attributes", page(f"<p {attributes}>x</p>"), (UNREADABLE,))
    quoted = " ".join(f"a{n}='<'" for n in range(sized(1e5)))
    yield Attack("10^5 attributes with < in them", page(f"<p {quoted}>x</p>"), (UNREADABLE,))
    bare = " ".join(f"a{n}" for n in range(sized(1e5)))
    yield Attack("10^5 attributes without values", page(f"<p {bare}>x</p>"), (UNREADABLE,))
    for tag in ("div", "blockquote", "table><tr><td", "ul><li", "custom-element", "a><p", "q", "svg"):
        yield Attack(f"10^5 nested <{tag}>", page(f"<{tag}>" * sized(1e5) + "x"), (UNREADABLE, READ))
    yield Attack("10^5 <p> never closed", page("<p>x" * sized(1e5)), (READ, UNREADABLE))
    yield Attack("10^6 end tags", page("</div>" * sized(MILLION)), (READ, UNREADABLE))
    yield Attack("20 MB comment never closed", page("<!--" + repeated("-", sized(19 * MILLION))), (READ, UNREADABLE))
    yield Attack("10^6 comments", page("<!-- -->" * sized(MILLION)), (READ, UNREADABLE))
    yield Attack(
        "20 MB script never closed", page("<script>" + repeated("a<b ", sized(19 * MILLION))), (READ, UNREADABLE)
    )
    yield Attack("20 MB of <![CDATA[", page(repeated("<![CDATA[", sized(19 * MILLION))), (READ, UNREADABLE))
    picture = base64.b64encode(b"\0" * sized(11 * MILLION)).decode()
    yield Attack("15 MB picture in the page", page(f'<img src="data:image/png;base64,{picture}">'), (READ, UNREADABLE))
    hidden = '<div style="display:none">x</div>' * sized(3e5)
    yield Attack("3x10^5 hidden elements", page(hidden), (READ, UNREADABLE))
    yield Attack("hidden elements in each other", page('<div style="display:none">x' * sized(2e4)), (READ, UNREADABLE))
    links = "".join(f'<a href="/{n}">Boeing</a> ' for n in range(sized(2e5)))
    yield Attack("2x10^5 links", page(links), (READ, UNREADABLE))


def _limits(sized: Sized) -> Iterator[Attack]:
    """Yield pages that stay just under what is refused."""
    for piece in (
        "<p>x</p>",
        "<p>x",
        "<div>x</div>",
        f"<div><p>{'x ' * 100}",
        '<a href="/">Boeing</a> ',
        '<div style="display:none">x</div>',
        '<p style="display:none">x<i>',
        "<tr><td>x",
        "<li>x",
        "<h1>Boeing</h1>",
        "x<br>",
        '<script type="application/ld+json">{"@type":"NewsArticle"}</script>',
        '<meta name="author" content="x">',
    ):
        count = min(sized(19_900), sized(2.4e6) // len(piece)) // piece.count("<") * (1 + piece.count("</"))
        yield Attack(f"most of {piece[:24]}", page(piece * count), (READ, UNREADABLE))
    many = " ".join(f"a{n}" for n in range(190))
    yield Attack("190 attributes on each", page(f"<p {many}>x</p>" * sized(2.4e6 // len(many))), (READ,))
    yield Attack("one paragraph of 2.4 MB", page(f"<p>{repeated(SENTENCE, sized(2.4e6))}</p>"), (READ,))
    unseen = f"<i hidden>{'x ' * 1000}" * 250 + "</i>" * 250
    yield Attack("hidden in hidden", page(unseen * sized(4)), (READ,))


def _charsets(sized: Sized) -> Iterator[Attack]:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]><html><body><p>&l9;</p></body></html>'
    yield Attack("billion laughs", bomb.encode(), (UNREADABLE, NOBODY, SHORT))
    figures = "&#99999999999999999999;&#x110000;&#xD800;&#0;&bogus;" * sized(3e5)
    yield Attack("10^6 impossible entities", page(f"<p>{figures}</p>"), (READ, POOR, UNREADABLE))
    zeros = gzip.compress(b"\0" * sized(15e8), compresslevel=1)
    yield Attack("gzip of 1.5 GB of zeros", zeros, (EMPTY, SHORT, UNREADABLE))
    lying = repeated(SENTENCE, sized(5 * MILLION)).encode("utf-16-le")
    yield Attack("UTF-16 that says UTF-8", b"<meta charset=utf-8>" + lying, (READ, NOBODY, UNREADABLE))
    for name in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le"):
        text = repeated(SENTENCE, sized(4 * MILLION)).encode(name)
        ends = (READ, NOBODY, POOR)
        yield Attack(f"4 MB of {name}", text, ends, "text/plain")
    noise = bytes(n * n * 31 % 251 for n in range(4096)) * sized(2000)
    junk = (READ, NOBODY, POOR, "rejected: unsupported language")
    yield Attack("8 MB of noise", noise, (*junk, EMPTY, SHORT, UNREADABLE))
    nul = SENTENCE.encode().replace(b" ", b"\0") * sized(1e5)
    yield Attack("10 MB with NUL for blanks", nul, (READ, POOR, NOBODY, UNREADABLE))
    unseen = "".join(f"{char}\u200b\u202e\u2066\ufeff\u00ad" for char in SENTENCE) * sized(12e3)
    yield Attack(
        "zero-width and bidi flood", unseen.encode(), (READ,), "text/plain", flags=frozenset({"bidi", "zero_width"})
    )
    accents = "e" + "\u0301\u0323" * sized(MILLION)
    yield Attack("10^6 accents on one letter", f"{SENTENCE * 4}{accents}".encode(), (READ,), "text/plain")
    misread = "\u00c3\u00a9\u00e2\u201a\u00ac" * sized(MILLION)
    yield Attack("3 MB misread thrice", f"{SENTENCE * 4}{misread}".encode(), (READ,), "text/plain")


def _heads(sized: Sized) -> Iterator[Attack]:
    deep = '{"@graph":[' * sized(5e5) + "1" + "]}" * sized(5e5)
    script = '<script type="application/ld+json">{}</script>'
    yield Attack("JSON-LD 10^5 deep", page("", script.format('{"a":' * sized(1e5))), (READ, UNREADABLE))
    yield Attack("6 MB of JSON-LD, deep", page("", script.format(deep)), (READ, UNREADABLE))
    many = "".join(script.format('{"@type":"NewsArticle","headline":"x"}') for _ in range(sized(1e5)))
    yield Attack("10^5 JSON-LD blocks", page("", many), (READ, UNREADABLE))
    metas = "".join(f'<meta name="m{n}" content="x">' for n in range(sized(1e5)))
    yield Attack("10^5 meta elements", page("", metas), (READ, UNREADABLE))
    headings = "".join(f"<h1>Heading {n}</h1>" for n in range(sized(1e5)))
    yield Attack("10^5 headings", page(headings, "<title>Boeing | Site</title>"), (READ, UNREADABLE))
    title = f"<title>{repeated('Boeing | ', sized(5e6))}</title>"
    yield Attack("5 MB title", page("", title), (READ, POOR, UNREADABLE))
    nested = json.dumps({"title": "Boeing", "body": "<div>" * sized(1e5)}).encode()
    yield Attack("an item's 10^5 nested <div>", nested, (UNREADABLE,), "application/json")
    brackets = b'{"title":' + b"[" * sized(5e6)
    yield Attack("5 MB of [ for JSON", brackets, (UNREADABLE,), "application/json")


def _baits(sized: Sized) -> Iterator[Attack]:
    text = f"{SENTENCE * 4}{repeated(BAIT, sized(3e6))}"
    yield Attack("runs of signs in text", text.encode(), (READ, POOR), "text/plain")
    yield Attack("runs of signs on a page", page(text.replace("<", "&lt;")), (READ, POOR, UNREADABLE))
    bait = repeated("Rosen " * 20 + "shares rivals such as " * 20, sized(2e6))
    yield Attack("openings of phrases", f"{SENTENCE * 4}{bait}".encode(), (READ, "rejected: spam"), "text/plain")
    named = repeated("Target Block Match Visa Oracle Ford Gap Meta Chase Delta Abbott Nasdaq ", sized(3e6))
    yield Attack("3 MB of names that are words", f"{SENTENCE * 4}{named}".encode(), (READ,), "text/plain")
    shouted = repeated("BA NVDA AAPL MSFT ", sized(3e6))
    yield Attack("3 MB of tickers", f"{SENTENCE * 4}{shouted}".encode(), (READ, POOR), "text/plain")
    orders = repeated("ignore all all all all all all ", sized(2e6))
    yield Attack("openings of orders", f"{SENTENCE * 4}{orders}".encode(), (READ, POOR), "text/plain")


def _reports(sized: Sized) -> Iterator[Attack]:
    def report(name: str, body: str, kind: str = "text/html") -> Attack:
        text = f"FORM 10-K ANNUAL REPORT of Boeing (NYSE: BA)\n{SENTENCE * 300}{body}"
        return Attack(name, text.encode(), (READ, UNREADABLE), kind, DocumentType.FILING)

    yield report("10-K with 10^5 headings", "<p>Item 1A. Risk Factors</p>" * sized(1e5))
    yield report("10-K with 10^5 headings as text", "\nItem 1A. Risk Factors\n" * sized(1e5), "text/plain")
    prose = f"<p>Item 1A. Risk Factors</p><p>{SENTENCE * 5}</p>"
    yield report("10-K of 19 MB of items", repeated(prose, sized(19e6)))
    yield report(
        "10-K in one line", repeated(f"Item 7. Management's Discussion {SENTENCE * 5}", sized(15e6)), "text/plain"
    )
    yield report("table of 10^6 cells", f"<table>{'<tr>' + '<td>1</td>' * 10 + '</tr>'}" * sized(1e5))
    yield report("row of 10^6 cells", f"<table><tr>{'<td>1' * sized(MILLION)}")
    yield report("10^5 tables", "<table><tr><td>1</td></tr></table>" * sized(1e5))
    yield report("10-K with runs of signs", repeated(BAIT.replace("<", "") + LINES, sized(5e6)), "text/plain")
    yield report(
        "10-K of XBRL tags", repeated('<ix:nonFraction name="us-gaap:X"><span>1</span></ix:nonFraction>', sized(15e6))
    )
    yield report("10-K of openings of tags", repeated("<span <font <ix:x <b ", sized(15e6)))
    yield report("10-K of looks", "<p" + repeated(' style="a', sized(10e6)))
