from datetime import UTC, datetime

import pytest
from hypothesis import given, strategies as st

from stonks.adapters.sources.syndication import parse_feed
from stonks.model.errors import Malformed

WHERE = "https://example.com/feeds/all.xml"


def test_rss_items_come_with_their_longest_text_and_absolute_links() -> None:
    (item,) = parse_feed(
        b"""<?xml version="1.0"?><rss xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
        <title>Not an item</title><item><guid isPermaLink="false">7</guid><title> A &amp; B </title>
        <link>/news/7</link><description><![CDATA[<p>Short</p>]]></description>
        <content:encoded><![CDATA[<p>Long and longer</p>]]></content:encoded>
        <category>Rates</category><pubDate>Wed, 19 Mar 2025 14:00:00 -0400</pubDate></item></channel></rss>""",
        WHERE,
    )

    assert (item.id, item.title, item.body) == ("7", "A & B", "<p>Long and longer</p>")
    assert (item.link, item.categories) == ("https://example.com/news/7", ("Rates",))
    assert item.published_at == datetime(2025, 3, 19, 18, tzinfo=UTC)


def test_atom_entries_take_their_alternate_link_and_their_first_date() -> None:
    (item,) = parse_feed(
        b"""<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>urn:1</id><title type="html">T</title>
        <link rel="self" href="/self"/><link href="https://example.org/1"/><summary>S</summary>
        <updated>2025-03-20T09:00:00Z</updated><published>2025-03-19T14:00:00-04:00</published>
        <category term="8-K"/></entry></feed>""",
        WHERE,
    )

    assert (item.id, item.link, item.body, item.categories) == ("urn:1", "https://example.org/1", "S", ("8-K",))
    assert item.published_at == datetime(2025, 3, 19, 18, tzinfo=UTC)


def test_rdf_items_are_items() -> None:
    (item,) = parse_feed(
        b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
        xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>C</title></channel><item><title>T</title>
        <link>https://example.org/r</link><dc:date>2025-03-19T18:00:00Z</dc:date></item></rdf:RDF>""",
        WHERE,
    )

    assert (item.id, item.published_at) == ("https://example.org/r", datetime(2025, 3, 19, 18, tzinfo=UTC))


@pytest.mark.parametrize("date", ["yesterday", "", "2025-03-19T18:00:00", "Wed, 99 Mar 2025 18:00:00 GMT"])
def test_a_date_that_is_none_leaves_an_item_undated(date: str) -> None:
    (item,) = parse_feed(f"<rss><item><guid>1</guid><pubDate>{date}</pubDate></item></rss>".encode(), WHERE)

    assert item.published_at is None


TITLED = "<rss><item><guid>1</guid><title>Zürich – “up”</title></item></rss>"


@pytest.mark.parametrize(
    "raw",
    [
        f'<?xml version="1.0" encoding="utf-8"?>{TITLED}'.encode("cp1252"),
        f'<?xml version="1.0" encoding="latin-1"?>{TITLED}'.encode(),
        f'<?xml version="1.0" encoding="klingon"?>{TITLED}'.encode(),
        f"\n\n{TITLED}\n".encode(),
        f'<?xml version="1.0" encoding="utf-16"?>{TITLED}'.encode("utf-16"),
    ],
)
def test_a_charset_that_is_not_what_it_says_does_not_stop_a_feed(raw: bytes) -> None:
    (item,) = parse_feed(raw, WHERE)

    assert item.id == "1"
    assert item.title.startswith("Z")


LAUGHS = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))

HOSTILE = {
    "billion laughs": f'<!DOCTYPE r [<!ENTITY l0 "ha">{LAUGHS}]><rss><item><guid>&l9;</guid></item></rss>'.encode(),
    "quadratic": (f'<!DOCTYPE r [<!ENTITY a "{"a" * 50_000}">]><rss>' + "&a;" * 10_000 + "</rss>").encode(),
    "a file": b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><item><guid>&x;</guid></item></rss>',
    "a parameter entity": b'<!DOCTYPE r [<!ENTITY % x SYSTEM "http://127.0.0.1:1/x.dtd"> %x;]><rss/>',
    "entities in UTF-16": '<!DOCTYPE r [<!ENTITY x "y">]><rss><item><guid>&x;</guid></item></rss>'.encode("utf-16"),
    "very deep": b"<rss>" + b"<a>" * 100_000 + b"</a>" * 100_000 + b"</rss>",
    "unclosed": b"<rss><item>",
    "no feed": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "a page": b"<html><body>hello</body></html>",
    "JSON": b'{"items": []}',
    "nothing": b"",
    "NUL bytes": b"\x00" * 100,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_feed_is_malformed(name: str) -> None:
    with pytest.raises(Malformed, match=r"example\.com"):
        parse_feed(HOSTILE[name], WHERE)


def test_an_external_dtd_is_not_loaded() -> None:
    raw = b'<!DOCTYPE rss SYSTEM "http://127.0.0.1:1/rss.dtd"><rss><item><guid>1</guid></item></rss>'

    assert [item.id for item in parse_feed(raw, WHERE)] == ["1"]


def test_a_name_of_any_length_is_kept_short_and_apart() -> None:
    raw = "".join(f"<item><guid>{'x' * 9000}{n}</guid></item>" for n in range(2))
    first, second = parse_feed(f"<rss>{raw}</rss>".encode(), WHERE)

    assert len(first.id) < 600
    assert first.id != second.id


MARKUP = st.sampled_from(
    [
        "<rss>",
        "</rss>",
        "<item>",
        "</item>",
        "<guid>",
        "</guid>",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "&amp;",
        "&x;",
        "<",
    ]
)


@given(pieces=st.lists(st.one_of(MARKUP, st.text(max_size=5)), max_size=30), prolog=st.booleans())
def test_any_bytes_are_a_feed_or_malformed(pieces: list[str], prolog: bool) -> None:  # noqa: FBT001 - drawn
    raw = ("<?xml version='1.0' encoding='utf-8'?><rss>" if prolog else "") + "".join(pieces)
    try:
        items = parse_feed(raw.encode(errors="replace"), WHERE)
    except Malformed:
        return
    assert all(len(item.id) < 600 for item in items)


@given(raw=st.binary(max_size=200))
def test_any_binary_is_a_feed_or_malformed(raw: bytes) -> None:
    try:
        parse_feed(raw, WHERE)
    except Malformed as error:
        assert WHERE in str(error)  # noqa: PT017 - most bytes are no feed


def test_an_item_whose_link_cannot_be_read_has_none() -> None:
    feed = b"<rss><channel><item><title>Jets</title><link>http://[oops/jets</link></item></channel></rss>"

    (item,) = parse_feed(feed, "https://example.com/feed")

    assert (item.title, item.link) == ("Jets", None)
