"""Web pages to title and body: boilerplate and hidden text are left out."""

import html
import re
from datetime import datetime
from typing import Any

import msgspec

from stonks.model.errors import Malformed
from stonks.stages.parser.core.hostile import refuse_hostile
from stonks.stages.parser.core.reading import Reading, reading_of
from stonks.stages.parser.core.text import decode

SHORT = 200
"""Characters under which the quick extraction is not trusted and the full one is made."""

_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
_HEADLINE = re.compile(r"<meta[^>]+property=[\"']og:title[\"'][^>]+content=[\"']([^\"']+)", re.IGNORECASE)
_PUBLISHED = re.compile(
    r"(?:article:published_time[\"'][^>]{0,40}content=[\"']|\"datePublished\"\s*:\s*\")([0-9T:.+\-Z]{10,35})"
)
_BYLINES = ('rel="author', "rel='author", 'name="author', '"author":', 'class="byline')
_HIDES = re.compile(
    r"display:none|visibility:hidden|font-size:0(?![.\d]*[1-9])|(?<![-\w])opacity:0(?![.\d]*[1-9])"
    r"|(?<![-\w])color:(?:#fff(?:fff)?|white)\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[A-Z][^.!?{}<>]{40,}[a-z][.!?]")
_NO_TEXT = {"script", "style", "noscript", "svg", "template"}
_BLANK = re.compile(r"\s+")


def read_page(raw: bytes, title: str) -> Reading:
    """Return a page's main text; the feed's title counts before the page's own.

    Raises:
        Malformed: the page is built to exhaust a parser, or is no page.
    """
    page = decode(raw, html=True)
    refuse_hostile(page)
    body, hidden = _main_text(page)
    reading = reading_of(
        title or _page_title(page), body, author=any(mark in page for mark in _BYLINES), published_at=_published(page)
    )
    return msgspec.structs.replace(reading, flags=reading.flags | {"hidden_text"}) if hidden else reading


def _main_text(page: str) -> tuple[str, bool]:
    import trafilatura

    tree = trafilatura.load_html(page)
    if tree is None:
        raise Malformed("no HTML")
    hidden = drop_hidden(tree)
    body = trafilatura.extract(tree, fast=True, include_comments=False) or ""
    if len(body) < SHORT:
        tree = trafilatura.load_html(page)
        drop_hidden(tree)
        body = max(body, trafilatura.extract(tree, include_comments=False) or "", key=len)
    return body, hidden


def drop_hidden(tree: Any) -> bool:  # noqa: ANN401 - lxml ships no types
    """Remove what a reader would not see, and return whether it held a sentence or more."""
    sentences = False
    for element in tree.xpath("//body//*[@style or @hidden or @aria-hidden='true']"):
        style = _BLANK.sub("", element.get("style") or "")
        if element.get("hidden") is None and element.get("aria-hidden") != "true" and not _HIDES.search(style):
            continue
        if not sentences and element.tag not in _NO_TEXT:
            sentences = bool(_SENTENCE.search(element.text_content()))
        if element.getparent() is not None:
            element.drop_tree()
    return sentences


def _page_title(page: str) -> str:
    found = _HEADLINE.search(page) or _TITLE.search(page)
    return html.unescape(found.group(1)) if found else ""


def _published(page: str) -> datetime | None:
    found = _PUBLISHED.search(page)
    if not found:
        return None
    try:
        at = datetime.fromisoformat(found.group(1))
    except ValueError:
        return None
    return at if at.tzinfo else None
