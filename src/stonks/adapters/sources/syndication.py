"""RSS and Atom: XML without entities, DTDs or network, and its items in one shape."""

import re
from datetime import datetime
from typing import Any
from urllib.parse import urljoin

import msgspec

from stonks.adapters.sources.cursors import mark_of
from stonks.adapters.sources.web.answer import http_date
from stonks.model.errors import Malformed

_DECLARATION = re.compile(rb"^\s*<\?xml[^>]*\?>")
_TOMBSTONES = "{http://purl.org/atompub/tombstones/1.0}"
_ITEMS = {"item", "entry", "deleted-entry"}
_LONGEST_ID = 500


class FeedItem(msgspec.Struct, frozen=True, kw_only=True):
    """One item; ``removed`` says that the feed takes it back."""

    id: str
    title: str = ""
    body: str = ""
    link: str | None = None
    published_at: datetime | None = None
    categories: tuple[str, ...] = ()
    removed: bool = False


def parse_feed(raw: bytes, where: str) -> tuple[FeedItem, ...]:
    """Return a feed's items in its order; links are made absolute against ``where``.

    Raises:
        Malformed: it is no XML, declares entities, or is no feed.
    """
    root = _parse(raw, where)
    if _local(root) not in {"rss", "rdf", "feed"}:
        raise Malformed(f"{where}: XML, but neither RSS nor Atom: its root is <{_local(root)[:40]}>")
    return tuple(_item(element, where) for element in root.iter() if _local(element) in _ITEMS)


def _parse(raw: bytes, where: str) -> Any:  # noqa: ANN401 - lxml ships no types
    if b"<!ENTITY" in raw:
        raise Malformed(f"{where}: a feed that declares entities is not read")
    root = _tree(raw, where, last=False)
    if root is None:
        root = _tree(_repaired(raw), where, last=True)
    doctype = root.getroottree().docinfo.internalDTD
    if doctype is not None and any(True for _ in doctype.iterentities()):
        raise Malformed(f"{where}: a feed that declares entities is not read")
    return root


def _tree(raw: bytes, where: str, *, last: bool) -> Any:  # noqa: ANN401 - lxml ships no types
    """Return the root element, or None where it is no XML and another try is left."""
    from lxml.etree import XMLParser, XMLSyntaxError, fromstring

    parser = XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True)
    try:
        return fromstring(raw.strip(), parser)
    except (XMLSyntaxError, ValueError) as wrong:
        if last:
            raise Malformed(f"{where}: no XML: {str(wrong)[:200]}") from wrong
        return None


def _repaired(raw: bytes) -> bytes:
    """Return XML that says another charset than it has: read as the one that most such are in."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")
    return _DECLARATION.sub(b"", text.encode(errors="replace"))


def _local(element: Any) -> str:  # noqa: ANN401 - lxml ships no types
    return str(element.tag).rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def _item(element: Any, where: str) -> FeedItem:  # noqa: ANN401 - lxml ships no types
    if element.tag == f"{_TOMBSTONES}deleted-entry":
        return FeedItem(id=_short(element.get("ref", "")), removed=True)
    texts: dict[str, str] = {}
    categories = []
    for child in element:
        name = _local(child)
        text = "".join(child.itertext()).strip()
        if name == "category":
            categories.append(child.get("term") or text)
        elif text and name not in texts:
            texts[name] = text
    link = _link(element, texts)
    title, body = texts.get("title", ""), max(texts.get("encoded", ""), *map(texts.get, _BODIES, _NOTHING), key=len)
    return FeedItem(
        id=_short(texts.get("guid") or texts.get("id") or link or f"{title}{texts.get('pubdate', '')}"),
        title=title,
        body=body,
        link=_absolute(where, link) if link else None,
        published_at=_date(texts),
        categories=tuple(categories),
    )


def _absolute(where: str, link: str) -> str | None:
    """Return a link made absolute, or None where it is none that could be followed."""
    try:
        return urljoin(where, link)
    except ValueError:
        return None


_BODIES = ("content", "description", "summary")
_NOTHING = ("", "", "")


def _link(element: Any, texts: dict[str, str]) -> str | None:  # noqa: ANN401 - lxml ships no types
    links = [child for child in element if _local(child) == "link" and child.get("href")]
    chosen = next((one for one in links if one.get("rel", "alternate") == "alternate"), None)
    return chosen.get("href").strip() if chosen is not None else texts.get("link")


def _date(texts: dict[str, str]) -> datetime | None:
    for name in ("pubdate", "published", "date", "updated"):
        if (text := texts.get(name)) and (at := http_date(text) or _iso(text)):
            return at
    return None


def _iso(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else None


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_ID else f"{name[:_LONGEST_ID]}#{mark_of(name)}"
