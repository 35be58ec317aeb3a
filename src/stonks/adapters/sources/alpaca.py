"""Alpaca's market data: a second source of bars and news."""

from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import msgspec

from stonks.adapters.sources.cursors import Rolling, Round, dump_cursor, load_cursor
from stonks.adapters.sources.figures import finite, within_our_time
from stonks.adapters.sources.live import Surroundings
from stonks.adapters.sources.web.answer import UNDECODABLE, Due, WebAnswer
from stonks.adapters.sources.web.client import Endpoint, Web
from stonks.model.document import Action, DocumentType, FetchedDocument, Source
from stonks.model.errors import Malformed, Refused
from stonks.model.market import Bar, Session
from stonks.ports.budget import Rate
from stonks.ports.sources import Fetched

MINUTES = 5
"""Length of an intraday bar."""

_AT_ONCE = 100
"""How many symbols one request asks about."""

_OVERLAP = timedelta(hours=2)
_FIRST_NEWS = timedelta(days=3)
_FIRST_MINUTES = timedelta(days=5)
_FIRST_DAYS = timedelta(days=360)
_LATE_MINUTES = timedelta(minutes=3 * MINUTES)
_LATE_DAYS = timedelta(days=4)
_CADENCES = {
    "alpaca_news": timedelta(minutes=5),
    "alpaca_intraday": timedelta(minutes=5),
    "alpaca_daily": timedelta(hours=3),
}
_NEW_YORK = ZoneInfo("America/New_York")


class _NewsPage(msgspec.Struct):
    news: list[msgspec.Raw] = []
    next_page_token: str | None = None


class _Article(msgspec.Struct):
    id: int
    headline: str = ""
    created_at: datetime | None = None
    updated_at: datetime | None = None
    source: str = ""
    symbols: tuple[str, ...] = ()
    url: str | None = None


class _Traded(msgspec.Struct):
    t: datetime
    o: Decimal
    h: Decimal
    l: Decimal  # noqa: E741 - Alpaca's name
    c: Decimal
    v: Decimal


class _BarsPage(msgspec.Struct):
    bars: dict[str, list[_Traded]] | None = None
    next_page_token: str | None = None


class AlpacaReader:
    """Reads Alpaca's data API; prices are as they were traded, never adjusted."""

    kind = "alpaca"

    def __init__(self, surroundings: Surroundings) -> None:
        """Ask with the keys of the settings."""
        settings = surroundings.settings
        key, secret = settings.alpaca_key_id, settings.alpaca_secret
        self._universe = surroundings.universe
        self._feed = settings.alpaca_feed
        self._endpoint = Endpoint(
            name="alpaca",
            base=settings.alpaca_data_url,
            rate=Rate(tokens=settings.alpaca_per_minute, per=timedelta(minutes=1), burst=10),
            setting="STONKS_ALPACA_KEY_ID and STONKS_ALPACA_SECRET",
            secrets={
                "APCA-API-KEY-ID": key.get_secret_value() if key else "",
                "APCA-API-SECRET-KEY": secret.get_secret_value() if secret else "",
            },
        )

    def sources(self) -> Sequence[Source]:
        """Return one source a kind of data."""
        return [
            Source(name=name, adapter=self.kind, cadence=cadence, freshness_slo=2 * cadence)
            for name, cadence in _CADENCES.items()
        ]

    def read(self, source: Source, web: Web) -> AsyncGenerator[Fetched, None]:
        """Yield one answer a step.

        Raises:
            Refused: there is no such source.
        """
        match source.name:
            case "alpaca_news":
                return self._news(source, web)
            case "alpaca_intraday":
                return self._bars(source, web, f"{MINUTES}Min", _LATE_MINUTES, _FIRST_MINUTES)
            case "alpaca_daily":
                return self._bars(source, web, "1Day", _LATE_DAYS, _FIRST_DAYS)
            case name:
                raise Refused(f"Alpaca has no source {name}")

    async def _news(self, source: Source, web: Web) -> AsyncGenerator[Fetched, None]:
        state = load_cursor(source.cursor, Rolling)
        since = state.start(web.now - _FIRST_NEWS, _OVERLAP)
        asked = {"start": _zulu(since), "sort": "asc", "limit": "50", "include_content": "true"}
        more = True
        while more:
            given = asked | ({"page_token": state.page} if state.page else {})
            answer = await web.ask(self._endpoint, "/v1beta1/news", given, due=Due.JSON)
            page = answer.json(_NewsPage)
            documents = []
            for raw in page.news:
                article = _article(raw, answer)
                at = article.updated_at or article.created_at
                if state.is_new(str(article.id), bytes(raw), at, answer.fetched_at):
                    documents.append(_document(article, bytes(raw), answer))
            state.page = page.next_page_token or ""
            more = bool(state.page)
            if not more:
                state.finish(_OVERLAP)
            yield Fetched(documents=tuple(documents), cursor=dump_cursor(state))

    async def _bars(
        self, source: Source, web: Web, frame: str, late: timedelta, first: timedelta
    ) -> AsyncGenerator[Fetched, None]:
        state = load_cursor(source.cursor, Round)
        since, until = state.begin(web.now - first, web.now)
        sessions = await self._sessions(since - late, until) if frame == "1Day" else None
        tickers = [listing.ticker for listing in await self._universe.listings() if listing.ticker > state.after]
        asked = {
            "timeframe": frame,
            "start": _zulu(since - late),
            "end": _zulu(until),
            "adjustment": "raw",
            "feed": self._feed,
            "sort": "asc",
            "limit": "10000",
        }
        for names in (sorted(tickers)[at : at + _AT_ONCE] for at in range(0, len(tickers), _AT_ONCE)):
            more = True
            while more:
                given = asked | {"symbols": ",".join(names)} | ({"page_token": state.page} if state.page else {})
                answer = await web.ask(self._endpoint, "/v2/stocks/bars", given, due=Due.JSON)
                page = answer.json(_BarsPage)
                state.page = page.next_page_token or ""
                more = bool(state.page)
                state.after = state.after if more else names[-1]
                yield Fetched(bars=_bars(page, sessions, answer), cursor=dump_cursor(state))
        state.finish()
        yield Fetched(cursor=dump_cursor(state))

    async def _sessions(self, first: datetime, last: datetime) -> dict[date, Session]:
        found = await self._universe.sessions(first.date() - timedelta(days=1), last.date())
        return {session.day: session for session in found}


def _article(raw: msgspec.Raw, answer: WebAnswer) -> _Article:
    try:
        return msgspec.json.decode(raw, type=_Article)
    except UNDECODABLE as wrong:
        raise Malformed(f"{answer.url}: {wrong}") from wrong


def _document(article: _Article, raw: bytes, answer: WebAnswer) -> FetchedDocument:
    return FetchedDocument(
        external_id=str(article.id),
        revision=1,
        action=Action.CREATED,
        document_type=DocumentType.NEWS,
        publisher=article.source or "Alpaca",
        published_at=article.created_at,
        known_at=answer.fetched_at,
        content_type="application/json",
        raw=raw,
        title=article.headline,
        url=article.url or None,
        feed_tickers=article.symbols,
    )


def _bars(page: _BarsPage, sessions: dict[date, Session] | None, answer: WebAnswer) -> tuple[Bar, ...]:
    """Return the bars that are over; a day's bar has its session's hours, and without a session there is none."""
    found = [
        bar
        for ticker, traded in (page.bars or {}).items()
        for one in traded
        if (bar := _bar(one, ticker, sessions, answer)) and bar.ends_at <= answer.fetched_at
    ]
    return tuple(found)


def _bar(traded: _Traded, ticker: str, sessions: dict[date, Session] | None, answer: WebAnswer) -> Bar | None:
    starts_at = within_our_time(traded.t)
    finite(traded.o, traded.h, traded.l, traded.c, traded.v)
    ends_at = starts_at + timedelta(minutes=MINUTES)
    if sessions is not None:
        session = sessions.get(traded.t.astimezone(_NEW_YORK).date())
        if session is None:
            return None
        starts_at, ends_at = session.opens_at, session.closes_at
    return Bar(
        ticker=ticker,
        resolution=f"{MINUTES}m" if sessions is None else "1d",
        starts_at=starts_at,
        ends_at=ends_at,
        open=traded.o,
        high=traded.h,
        low=traded.l,
        close=traded.c,
        volume=traded.v,
        known_at=answer.fetched_at,
    )


def _zulu(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
