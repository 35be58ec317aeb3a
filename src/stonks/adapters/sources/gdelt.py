"""GDELT's list of articles for one search, as macro events: headlines with their sites, from the world's press."""

from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from stonks.adapters.sources.cursors import Rolling, dump_cursor, load_cursor
from stonks.adapters.sources.live import Surroundings
from stonks.adapters.sources.web.answer import UNDECODABLE, Due, WebAnswer
from stonks.adapters.sources.web.client import Endpoint, Web
from stonks.model.document import Action, DocumentType, FetchedDocument, Source
from stonks.model.errors import Malformed
from stonks.ports.budget import Rate
from stonks.ports.sources import Fetched

_CADENCE, _CLOSED = timedelta(minutes=15), timedelta(minutes=45)
_FRESH = timedelta(hours=2)
_RATE = Rate(tokens=1, per=timedelta(seconds=6), burst=1)
_FIRST = timedelta(hours=12)
_OVERLAP = timedelta(hours=1)
_SLOT = timedelta(minutes=15)
"""GDELT stamps articles by the quarter of an hour in which it saw them."""

_MOST = 250
_LANGUAGES = {"english": "en", "german": "de", "french": "fr", "spanish": "es", "chinese": "zh", "japanese": "ja"}


class _List(msgspec.Struct):
    articles: list[msgspec.Raw] = []


class _Article(msgspec.Struct):
    url: str
    title: str = ""
    seendate: str = ""
    domain: str = ""
    language: str = ""


class GdeltReader:
    """Reads one search's list by time: it has no pages, so a full answer is followed by one from its last article."""

    kind = "gdelt"

    def __init__(self, surroundings: Surroundings) -> None:
        """Search for what the settings say."""
        settings = surroundings.settings
        self._query = settings.gdelt_query or ""
        self._endpoint = Endpoint(name="gdelt", base=settings.gdelt_url, rate=_RATE, setting="STONKS_GDELT_QUERY")

    def sources(self) -> Sequence[Source]:
        """Return the one source of the search."""
        return [Source(name="gdelt", adapter=self.kind, cadence=_CADENCE, closed_cadence=_CLOSED, freshness_slo=_FRESH)]

    async def read(self, source: Source, web: Web) -> AsyncGenerator[Fetched, None]:
        """Yield articles by when GDELT saw them, one answer a step."""
        state = load_cursor(source.cursor, Rolling)
        now = web.now
        start = datetime.fromisoformat(state.page) if state.page else state.start(now - _FIRST, _OVERLAP)
        while True:
            answer = await web.ask(self._endpoint, "/api/v2/doc/doc", self._search(start, now), due=Due.JSON)
            articles = answer.json(_List).articles
            found = [_article(raw, answer) for raw in articles]
            new = tuple(
                document
                for document in found
                if state.is_new(document.external_id, document.raw, document.published_at, answer.fetched_at)
            )
            is_full = len(articles) >= _MOST
            latest = max((document.published_at for document in found if document.published_at), default=start)
            if not is_full or latest >= now:
                break
            # A slot with more articles than one answer holds is left behind: there is no way to ask for its rest.
            start = latest if latest > start else start + _SLOT
            state.page = start.isoformat()
            yield Fetched(documents=new, cursor=dump_cursor(state))
        state.finish(_OVERLAP)
        yield Fetched(documents=new, cursor=dump_cursor(state))

    def _search(self, start: datetime, end: datetime) -> dict[str, str]:
        return {
            "query": self._query,
            "mode": "artlist",
            "format": "json",
            "sort": "dateasc",
            "maxrecords": str(_MOST),
            "startdatetime": f"{start:%Y%m%d%H%M%S}",
            "enddatetime": f"{end:%Y%m%d%H%M%S}",
        }


def _article(raw: msgspec.Raw, answer: WebAnswer) -> FetchedDocument:
    try:
        article = msgspec.json.decode(raw, type=_Article)
    except UNDECODABLE as wrong:
        raise Malformed(f"{answer.url}: {wrong}") from wrong
    return FetchedDocument(
        external_id=article.url,
        revision=1,
        action=Action.CREATED,
        document_type=DocumentType.MACRO_EVENT,
        publisher=article.domain or "GDELT",
        published_at=_seen_at(article.seendate),
        known_at=answer.fetched_at,
        content_type="application/json",
        raw=bytes(raw),
        title=article.title,
        url=article.url,
        language=_LANGUAGES.get(article.language.lower()),
    )


def _seen_at(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None
