"""RSS and Atom feeds: press releases of the Federal Reserve and any other, each item with the page it links to."""

import re
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

import msgspec

from stonks.adapters.sources.cursors import dump_cursor, load_cursor, mark_of
from stonks.adapters.sources.item import NewsItem
from stonks.adapters.sources.live import Surroundings
from stonks.adapters.sources.robots import Robots
from stonks.adapters.sources.syndication import FeedItem, parse_feed
from stonks.adapters.sources.web.answer import Due, WebAnswer
from stonks.adapters.sources.web.client import Endpoint, OutOfTime, Web
from stonks.adapters.sources.web.guard import read_url
from stonks.model.document import Action, DocumentType, FetchedDocument, Source
from stonks.model.errors import Permanent, Refused, SettingError, Transient
from stonks.ports.sources import Fetched

_CADENCE, _CLOSED = timedelta(minutes=5), timedelta(minutes=15)
_FRESH = timedelta(hours=1)
_TRIES = 3
"""How often the page behind an item is asked for until the item has to do without."""


class FeedCursor(msgspec.Struct):
    """Validators of the feed as it was last read to its end; of its items, content and fruitless tries by name."""

    etag: str = ""
    modified: str = ""
    seen: dict[str, str] = {}
    tries: dict[str, int] = {}

    def validators(self) -> dict[str, str]:
        """Headers that ask for what is new only."""
        given = {"If-None-Match": self.etag, "If-Modified-Since": self.modified}
        return {name: value for name, value in given.items() if value}


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed of the settings."""

    publisher: str
    endpoint: Endpoint
    path: str
    document_type: DocumentType


class FeedReader:
    """Reads feeds; whatever an item links to is asked for behind the guard, unless it is on the feed's own server."""

    kind = "feed"

    def __init__(self, surroundings: Surroundings) -> None:
        """Read the feeds that the settings list.

        Raises:
            SettingError: a feed's URL cannot be read.
        """
        settings = surroundings.settings
        listed = [
            *((*feed, DocumentType.MACRO_EVENT, "STONKS_MACRO_FEEDS") for feed in settings.macro_feeds.items()),
            *((*feed, DocumentType.NEWS, "STONKS_NEWS_FEEDS") for feed in settings.news_feeds.items()),
        ]
        self._feeds = {
            _source_name(publisher): _feed(publisher, url, document_type, setting)
            for publisher, url, document_type, setting in listed
        }
        self._robots = Robots(surroundings.clock)

    def sources(self) -> Sequence[Source]:
        """Return one source a feed."""
        return [
            Source(name=name, adapter=self.kind, cadence=_CADENCE, closed_cadence=_CLOSED, freshness_slo=_FRESH)
            for name in sorted(self._feeds)
        ]

    async def read(self, source: Source, web: Web) -> AsyncGenerator[Fetched, None]:
        """Yield each new, changed or removed item as a document; nothing where the feed has not changed."""
        feed = self._feeds.get(source.name)
        if feed is None:
            raise Refused(f"{source.name}: no feed of that name is in the settings any more")
        state = load_cursor(source.cursor, FeedCursor)
        answer = await web.ask(feed.endpoint, feed.path, due=Due.XML, validators=state.validators())
        if answer.unchanged:
            yield Fetched(cursor=source.cursor)
            return
        items = parse_feed(answer.body, f"{feed.endpoint.base}{feed.path}")
        # Feeds have the newest first; of an item that is told twice the newer word counts.
        for item in {item.id: item for item in reversed(items)}.values():
            key, digest = mark_of(item.id), mark_of(msgspec.json.encode(item))
            if state.seen.get(key) == digest:
                continue
            step = await self._step(web, feed, item, answer, state)
            if not step.troubles:
                state.seen[key] = digest
                state.tries.pop(key, None)
            yield msgspec.structs.replace(step, cursor=dump_cursor(state))
        listed = {mark_of(item.id) for item in items}
        state.seen = {key: digest for key, digest in state.seen.items() if key in listed}
        state.tries = {key: tries for key, tries in state.tries.items() if key in listed}
        state.etag, state.modified = "", ""
        if not state.tries:  # else the same feed has to be read again for what is missing
            state.etag, state.modified = answer.headers.get("etag", ""), answer.headers.get("last-modified", "")
        yield Fetched(cursor=dump_cursor(state))

    async def _step(self, web: Web, feed: Feed, item: FeedItem, answer: WebAnswer, state: FeedCursor) -> Fetched:
        """Return one item as a document; with a trouble instead where its page may be there at the next poll."""
        if item.removed:
            return Fetched(documents=(_removed(feed, item, answer),))
        try:
            page = await self._page(web, feed, item)
        except OutOfTime:
            raise
        except Transient as error:
            key = mark_of(item.id)
            state.tries[key] = state.tries.get(key, 0) + 1
            if state.tries[key] < _TRIES:
                return Fetched(troubles=(str(error),))
            page = None
        return Fetched(documents=(_document(feed, item, answer, page),))

    async def _page(self, web: Web, feed: Feed, item: FeedItem) -> WebAnswer | None:
        """Return the page behind an item, or None where there is none to be had."""
        if item.link is None:
            return None
        try:
            await self._robots.allow(web, item.link, feed.endpoint)
            return await web.follow(item.link, feed.endpoint, due=Due.PAGE)
        except Permanent:
            return None


def _feed(publisher: str, url: str, document_type: DocumentType, setting: str) -> Feed:
    try:
        target = read_url(url)
    except Refused as wrong:
        raise SettingError(setting, f"{publisher}: {wrong}") from wrong
    parts = urlsplit(target.url)
    base = f"{parts.scheme}://{parts.netloc}"
    endpoint = Endpoint(name=f"web:{target.host}", base=base, setting=setting)
    return Feed(publisher, endpoint, target.path, document_type)


def _source_name(publisher: str) -> str:
    return f"feed_{re.sub(r'[^a-z0-9]+', '_', publisher.lower()).strip('_')}"


def _document(feed: Feed, item: FeedItem, answer: WebAnswer, page: WebAnswer | None) -> FetchedDocument:
    said = NewsItem(
        id=item.id,
        title=item.title,
        body=item.body,
        publisher=feed.publisher,
        published_at=item.published_at,
        url=item.link,
        language=None,
    )
    return FetchedDocument(
        external_id=item.id,
        revision=1,
        action=Action.CREATED,
        document_type=feed.document_type,
        publisher=feed.publisher,
        published_at=item.published_at,
        known_at=page.fetched_at if page else answer.fetched_at,
        content_type=page.content_type if page else "application/json",
        raw=page.body if page else said.encode(),
        title=item.title,
        url=item.link,
    )


def _removed(feed: Feed, item: FeedItem, answer: WebAnswer) -> FetchedDocument:
    return FetchedDocument(
        external_id=item.id,
        revision=1,
        action=Action.REMOVED,
        document_type=feed.document_type,
        publisher=feed.publisher,
        published_at=None,
        known_at=answer.fetched_at,
        content_type="application/json",
        raw=b"",
    )
