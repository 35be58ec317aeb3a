"""What a page says of itself, most reliable first: JSON-LD, OpenGraph and other meta elements, then its headings."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

_MOST = 200_000
"""Characters of one JSON-LD block that are read."""

_ARTICLES = ("Article", "Posting", "Report", "Review", "PressRelease")
"""Endings of the schema.org types that stand for what is written on a page, not for the page or its site."""

_TITLES = ("og:title", "twitter:title", "dc.title", "citation_title")
_DATES = (
    "article:published_time",
    "datepublished",
    "og:published_time",
    "parsely-pub-date",
    "sailthru.date",
    "date",
    "dc.date.issued",
    "publish-date",
    "pubdate",
)
_AUTHORS = ("author", "article:author", "parsely-author", "sailthru.author", "dc.creator", "byl")
_SITES = ("og:site_name", "application-name", "dc.publisher")
_SEPARATORS = (" | ", " - ", " \u2013 ", " \u2014 ", " \u00bb ", " \u00b7 ", " :: ")


class Metadata(msgspec.Struct, frozen=True, kw_only=True):
    """A page's own title, whether it names an author, and when it says it was published; never a guess."""

    title: str = ""
    author: bool = False
    published_at: datetime | None = None


def metadata_of(tree: Any) -> Metadata:  # noqa: ANN401 - lxml ships no types
    """Return what an lxml tree of a page says of it; an instant without an offset is no instant."""
    articles = [block for block in _blocks(tree) if _is_article(block)]
    meta = _meta(tree)
    return Metadata(
        title=_title(tree, articles, meta),
        author=any(article.get("author") for article in articles)
        or any(meta.get(name) for name in _AUTHORS)
        or bool(tree.xpath("//a[@rel='author']")),
        published_at=next((at for date in _dates(tree, articles, meta) if (at := _instant(date)) is not None), None),
    )


def _dates(tree: Any, articles: Sequence[Mapping[str, Any]], meta: Mapping[str, str]) -> Iterator[object]:  # noqa: ANN401
    """Yield what may say when a page was published, the best word for it first."""
    yield from (article.get("datePublished") for article in articles)
    yield from (meta.get(name) for name in _DATES)
    yield from tree.xpath("//article//time/@datetime")[:1]


def _blocks(tree: Any) -> Iterator[Mapping[str, Any]]:  # noqa: ANN401 - lxml ships no types
    """Yield every object of a page's JSON-LD, those inside lists and graphs too."""
    for script in tree.xpath("//script[@type='application/ld+json']/text()"):
        if len(script) > _MOST:
            continue
        try:
            found = msgspec.json.decode(script.strip())
        except (msgspec.DecodeError, RecursionError):
            continue
        for block in found if isinstance(found, list) else [found]:
            if isinstance(block, dict):
                graph = block.get("@graph")
                yield block
                yield from (one for one in graph if isinstance(one, dict)) if isinstance(graph, list) else ()


def _is_article(block: Mapping[str, Any]) -> bool:
    kinds = block.get("@type")
    return any(str(kind).endswith(_ARTICLES) for kind in (kinds if isinstance(kinds, list) else [kinds]))


def _meta(tree: Any) -> dict[str, str]:  # noqa: ANN401 - lxml ships no types
    """Return a page's meta elements by name in lower case, the first of each."""
    found: dict[str, str] = {}
    for element in tree.xpath("//meta[@content]"):
        name = element.get("property") or element.get("name") or element.get("itemprop")
        if name and (content := element.get("content").strip()):
            found.setdefault(name.lower(), content)
    return found


def _title(tree: Any, articles: Sequence[Mapping[str, Any]], meta: Mapping[str, str]) -> str:  # noqa: ANN401
    headings = [" ".join(heading.text_content().split()) for heading in tree.xpath("//h1")[:5]]
    headline = next((text for article in articles if isinstance(text := article.get("headline"), str) and text), None)
    own = next((meta[name] for name in _TITLES if name in meta), None) or "".join(tree.xpath("//title[1]/text()"))
    site = next((meta[name] for name in _SITES if name in meta), "")
    return " ".join((headline or _without_site(" ".join(own.split()), headings, site)).split())


def _without_site(title: str, headings: Sequence[str], site: str) -> str:
    """Return a page's title without the name of its site, where a heading or the site's own name shows which it is."""
    heading = next((one for one in headings if one and one != site and one in title), None)
    if heading and any(mark in title for mark in _SEPARATORS):
        return heading
    for mark in _SEPARATORS:
        first, _, last = title.rpartition(mark)
        if first and site and last.strip().casefold() == site.casefold():
            return first
    return title


def _instant(text: object) -> datetime | None:
    if not isinstance(text, str):
        return None
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return at if at.tzinfo else None
