"""Listed web pages, read as far as robots.txt allows: a changed page is a new revision, one gone a removal."""

from collections.abc import AsyncGenerator, Sequence
from datetime import timedelta
from urllib.parse import urlsplit

import msgspec

from stonks.adapters.sources.cursors import dump_cursor, load_cursor, mark_of
from stonks.adapters.sources.live import Surroundings
from stonks.adapters.sources.robots import Robots
from stonks.adapters.sources.web.answer import Due, Missing, WebAnswer
from stonks.adapters.sources.web.client import Endpoint, OutOfTime, Web
from stonks.adapters.sources.web.guard import read_url
from stonks.model.document import Action, DocumentType, FetchedDocument, Source
from stonks.model.errors import Permanent, Transient
from stonks.ports.sources import Fetched

_CADENCE = timedelta(minutes=30)
_FRESH = timedelta(hours=2)
_GONE_AFTER = 2
"""How many polls in a row must find nothing until a page counts as removed; one may be an accident."""


class Page(msgspec.Struct):
    """A page as it was last read: its validators, its content, how often it changed, how often it was not there."""

    etag: str = ""
    modified: str = ""
    digest: str = ""
    revision: int = 0
    absences: int = 0

    def validators(self) -> dict[str, str]:
        """Headers that ask for what is new only."""
        given = {"If-None-Match": self.etag, "If-Modified-Since": self.modified}
        return {name: value for name, value in given.items() if value}


class ScrapeCursor(msgspec.Struct):
    """Pages by name; ``after`` is the URL behind which a poll that ran out of time goes on."""

    pages: dict[str, Page] = {}
    after: str = ""


class Listed(msgspec.Struct, frozen=True):
    """A page to read: of the settings, and so trusted, or of a company."""

    url: str
    home: bool
    tickers: tuple[str, ...] = ()


class WebScrapeReader:
    """Reads the pages of the settings and of the followed companies, one step each."""

    kind = "web_scrape"

    def __init__(self, surroundings: Surroundings) -> None:
        """Read pages as the settings and the universe list them."""
        self._pages = surroundings.settings.scrape_pages
        self._universe = surroundings.universe
        self._robots = Robots(surroundings.clock)

    def sources(self) -> Sequence[Source]:
        """Return the one source of all listed pages."""
        return [Source(name=self.kind, adapter=self.kind, cadence=_CADENCE, freshness_slo=_FRESH)]

    async def read(self, source: Source, web: Web) -> AsyncGenerator[Fetched, None]:
        """Yield each page that is new, changed or gone."""
        state = load_cursor(source.cursor, ScrapeCursor)
        for listed in await self._listed():
            if listed.url <= state.after:
                continue
            page = state.pages.setdefault(mark_of(listed.url), Page())
            step = await self._step(web, listed, page)
            state.after = listed.url
            yield msgspec.structs.replace(step, cursor=dump_cursor(state))
        state.after = ""
        yield Fetched(cursor=dump_cursor(state))

    async def _listed(self) -> list[Listed]:
        """Return every page once, by URL; one of the settings keeps its trust."""
        pages = {url: Listed(url, home=True) for url in self._pages}
        for listing in await self._universe.listings():
            for url in listing.pages:
                known = pages.get(url, Listed(url, home=False))
                pages[url] = msgspec.structs.replace(known, tickers=(*known.tickers, listing.ticker))
        return sorted(pages.values(), key=lambda page: page.url)

    async def _step(self, web: Web, listed: Listed, page: Page) -> Fetched:
        try:
            home = _home(listed)
            await self._robots.allow(web, listed.url, home)
            answer = await web.follow(listed.url, home, due=Due.PAGE, validators=page.validators())
        except OutOfTime:
            raise
        except Missing as missing:
            return _absent(web, listed, page, str(missing))
        except (Transient, Permanent) as error:
            return Fetched(troubles=(f"{type(error).__name__}: {error}",))
        page.absences = 0
        if answer.unchanged:
            return Fetched()
        page.etag, page.modified = answer.headers.get("etag", ""), answer.headers.get("last-modified", "")
        digest = mark_of(answer.body)
        if digest == page.digest:
            return Fetched()
        page.digest = digest
        page.revision += 1
        return Fetched(documents=(_document(listed, page, answer),))


def _home(listed: Listed) -> Endpoint | None:
    if not listed.home:
        return None
    target = read_url(listed.url)
    parts = urlsplit(target.url)
    return Endpoint(name=f"web:{target.host}", base=f"{parts.scheme}://{parts.netloc}", setting="STONKS_SCRAPE_PAGES")


def _absent(web: Web, listed: Listed, page: Page, why: str) -> Fetched:
    """Return a removal once a page that was there has been gone for long enough."""
    page.absences += 1
    if not page.digest or page.absences < _GONE_AFTER:
        return Fetched(troubles=(why,))
    page.digest = page.etag = page.modified = ""
    page.revision += 1
    removal = FetchedDocument(
        external_id=listed.url,
        revision=page.revision,
        action=Action.REMOVED,
        document_type=DocumentType.WEB_SCRAPE,
        publisher=read_url(listed.url).host,
        published_at=None,
        known_at=web.answers[-1].fetched_at,
        content_type="text/html",
        raw=b"",
        url=listed.url,
    )
    return Fetched(documents=(removal,))


def _document(listed: Listed, page: Page, answer: WebAnswer) -> FetchedDocument:
    return FetchedDocument(
        external_id=listed.url,
        revision=page.revision,
        action=Action.CREATED if page.revision == 1 else Action.UPDATED,
        document_type=DocumentType.WEB_SCRAPE,
        publisher=read_url(listed.url).host,
        published_at=None,
        known_at=answer.fetched_at,
        content_type=answer.content_type,
        raw=answer.body,
        url=listed.url,
        feed_tickers=listed.tickers,
    )
