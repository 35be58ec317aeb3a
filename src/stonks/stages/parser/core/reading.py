"""What a document's bytes say before anything is judged: title, body, and what was odd about them."""

import html
import re
from datetime import datetime

import msgspec

from stonks.model.errors import Malformed
from stonks.stages.parser.core.hostile import refuse_hostile, refuse_vast
from stonks.stages.parser.core.text import decode, normalize


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """Title and body in normalized form."""

    title: str
    body: str
    flags: frozenset[str] = frozenset()
    author: bool = False
    published_at: datetime | None = None


MOST_TEXT, MOST_TITLE = 500_000, 2_000
"""Characters of a body and of a title that are read; a book has as many as the one, no headline as the other."""

TRUNCATED = "truncated"
"""Flag of a document of which only the beginning is read."""

_MARKUP = re.compile(r"</?(?:p|br|div|span|a|b|i|em|strong|ul|ol|li|h\d|table|img)\b[^>]*>", re.IGNORECASE)


def reading_of(title: str, body: str, *, author: bool = False, published_at: datetime | None = None) -> Reading:
    """Return title and body normalized; a body that only repeats the title counts as none."""
    plain_title, title_flags = normalize(_one_line(title[:MOST_TITLE]))
    plain_body, body_flags = normalize(body[:MOST_TEXT])
    if plain_body.startswith(plain_title) and plain_body[len(plain_title) :][:1] in {"", "\n"}:
        plain_body = plain_body[len(plain_title) :].lstrip()
    flags = title_flags | body_flags
    if len(title) > MOST_TITLE or len(body) > MOST_TEXT:
        flags |= {TRUNCATED}
    return Reading(title=plain_title, body=plain_body, flags=flags, author=author, published_at=published_at)


def _one_line(text: str) -> str:
    return " ".join(text.split())


class _Publisher(msgspec.Struct):
    name: str = ""


class _Item(msgspec.Struct):
    """A news item as feeds deliver it: ours, Finnhub's and Polygon's names for the same things."""

    title: str = ""
    headline: str = ""
    body: str | None = None
    content: str | None = None
    summary: str | None = None
    description: str | None = None
    author: str | None = None
    publisher: str | _Publisher | None = None
    published_at: str | None = None
    published_utc: str | None = None


_ITEM = msgspec.json.Decoder(_Item)


def read_item(raw: bytes, title: str) -> Reading:
    """Return what the JSON of one news item says; what the feed thinks of it (tags, sentiment) is left aside.

    Raises:
        Malformed: it is no such JSON.
    """
    try:
        item = _ITEM.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as wrong:
        raise Malformed(f"not a news item: {wrong}") from wrong
    body = next((text for text in (item.body, item.content, item.summary, item.description) if text), "")
    return reading_of(
        _plain(item.title or item.headline or title),
        _plain(body),
        author=bool(item.author),
        published_at=_instant(item.published_at or item.published_utc),
    )


def read_plain(raw: bytes, title: str) -> Reading:
    """Return plain text; without a title from the feed its first line is one, if it can be."""
    text = decode(raw)
    first, _, rest = text.strip().partition("\n")
    if not title and len(first) <= MOST_TITLE:
        return reading_of(first, rest)
    return reading_of(title, text)


def _plain(text: str) -> str:
    """Return text that a feed may have marked up or escaped."""
    if "<" in text and _MARKUP.search(text):
        from resiliparse.extract.html2text import extract_plain_text

        refuse_vast(text)
        refuse_hostile(text)
        return str(extract_plain_text(text, preserve_formatting=True, list_bullets=False, alt_texts=False))
    return html.unescape(text) if "&" in text and ";" in text else text


def _instant(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else None
