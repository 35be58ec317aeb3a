"""Web pages to title and body: boilerplate and hidden text are left out."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import msgspec

from stonks.model.errors import Malformed
from stonks.stages.parser.core.hostile import refuse_hostile, refuse_vast
from stonks.stages.parser.core.metadata import metadata_of
from stonks.stages.parser.core.reading import Reading, reading_of
from stonks.stages.parser.core.text import decode

SHORT = 200
"""Characters under which the quick extraction is not trusted and the full one is made."""

_MOST_HIDDEN = 0.5
"""Share of a page's text from which on what is hidden is the page: tabs and galleries that a click opens."""

_HIDES = re.compile(
    r"display:none|visibility:hidden|font-size:0(?![.\d]*[1-9])|(?<![-\w])opacity:0(?![.\d]*[1-9])"
    r"|(?<![-\w])color:(?:#fff(?:fff)?|white)\b"
    r"|(?<![-\w])(?:left|top|right|text-indent|margin-left|margin-top):-\d{3}"
    r"|clip:rect\(0|clip-path:(?:inset\((?:50|100)%|circle\(0)|transform:scale\(0[,)]"
    r"|(?<![-\w])(?:max-)?(?:height|width):0(?![.\d]*[1-9])(?:px)?[^<>]*overflow:hidden"
    r"|overflow:hidden[^<>]*(?<![-\w])(?:max-)?(?:height|width):0(?![.\d]*[1-9])",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[A-Z][^.!?{}<>]{40,}[a-z][.!?]")
_NO_TEXT = {"script", "style", "noscript", "svg", "template"}
_MARKED_UP = re.compile(r"<(?:p|div|section|article|main|table|ul|ol|h[1-6])\b", re.IGNORECASE)
_BLANK = re.compile(r"\s+")


def read_page(raw: bytes, title: str) -> Reading:
    """Return a page's main text; the feed's title counts before the page's own.

    Raises:
        Malformed: the page is built to exhaust a parser, or is no page.
    """
    page = decode(raw, html=True)
    refuse_vast(page)
    refuse_hostile(page)
    tree = _tree(page)
    metadata = metadata_of(tree)
    hidden = drop_hidden(tree)
    reading = reading_of(
        title or metadata.title, _main_text(tree, page), author=metadata.author, published_at=metadata.published_at
    )
    return msgspec.structs.replace(reading, flags=reading.flags | {"hidden_text"}) if hidden else reading


def _tree(page: str) -> Any:  # noqa: ANN401 - lxml ships no types
    import trafilatura

    tree = trafilatura.load_html(page)
    if tree is None and _MARKED_UP.search(page):  # a piece of a page: a feed's item, an excerpt somebody saved
        tree = trafilatura.load_html(f"<html><body>{page}</body></html>")
    if tree is None:
        raise Malformed("no HTML")
    return tree


def _main_text(tree: Any, page: str) -> str:  # noqa: ANN401 - lxml ships no types
    import trafilatura

    body = trafilatura.extract(tree, fast=True, include_comments=False) or ""
    if len(body) >= SHORT:
        return body
    again = _tree(page)  # the quick extraction has taken the first one apart
    drop_hidden(again)
    return max(body, trafilatura.extract(again, include_comments=False) or "", key=len)


def drop_hidden(tree: Any) -> bool:  # noqa: ANN401 - lxml ships no types
    """Remove what a reader would not see, unless it is most of the page; return whether it held a sentence or more."""
    unseen = _outermost(filter(_is_hidden, tree.xpath("//body//*[@style or @hidden or @aria-hidden='true']")))
    texts = [element.text_content() for element in unseen if element.tag not in _NO_TEXT]
    unseen_length = sum(map(len, texts))
    if unseen_length > SHORT and unseen_length > _MOST_HIDDEN * len(tree.text_content()):
        return True
    for element in unseen:
        if element.getparent() is not None:
            element.drop_tree()
    return any(map(_SENTENCE.search, texts))


def _outermost(elements: Iterable[Any]) -> list[Any]:
    """Return elements, given in the page's order, without those inside another one, whose text would count twice."""
    found: list[Any] = []
    for element in elements:
        if not found or found[-1] not in element.iterancestors():
            found.append(element)
    return found


def _is_hidden(element: Any) -> bool:  # noqa: ANN401 - lxml ships no types
    return (
        element.get("hidden") is not None or element.get("aria-hidden") == "true" or _hides(element.get("style") or "")
    )


@lru_cache(maxsize=4096)
def _hides(style: str) -> bool:
    """Whether a style keeps an element from being seen; a page repeats few of them many times."""
    return bool(_HIDES.search(_BLANK.sub("", style)))
