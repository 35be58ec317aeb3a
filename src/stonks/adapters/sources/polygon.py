"""Polygon.io: news, bars of minutes and days, the whole market's day, dividends, splits and details of listings."""

from collections.abc import AsyncGenerator, Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit
from zoneinfo import ZoneInfo

import msgspec

from stonks.adapters.sources.cursors import Rolling, Round, dump_cursor, load_cursor
from stonks.adapters.sources.days import over_sessions
from stonks.adapters.sources.figures import finite, instant_of
from stonks.adapters.sources.live import Surroundings
from stonks.adapters.sources.web.answer import UNDECODABLE, Due, Missing, WebAnswer
from stonks.adapters.sources.web.client import Endpoint, Web
from stonks.model.document import Action, DocumentType, FetchedDocument, Source
from stonks.model.errors import Malformed, Refused
from stonks.model.market import Bar, CalendarEvent, CorporateAction, Session, TickerDetails
from stonks.ports.budget import Rate
from stonks.ports.sources import Fetched

S = TypeVar("S")

MINUTES = 5
"""Length of an intraday bar."""

_OVERLAP = timedelta(hours=2)
_FIRST_NEWS = timedelta(days=3)
_FIRST_MINUTES = timedelta(days=5)
_FIRST_DAYS = timedelta(days=360)
_FIRST_ACTIONS = timedelta(days=400)
_LATE_ACTIONS = timedelta(days=14)
_CADENCES = {
    "polygon_news": timedelta(minutes=5),
    "polygon_intraday": timedelta(minutes=15),
    "polygon_daily": timedelta(hours=12),
    "polygon_grouped": timedelta(hours=1),
    "polygon_dividends": timedelta(hours=12),
    "polygon_splits": timedelta(hours=12),
    "polygon_details": timedelta(days=7),
}
_NEW_YORK = ZoneInfo("America/New_York")


class _Page(msgspec.Struct):
    results: list[msgspec.Raw] | None = None
    next_url: str | None = None


class _Publisher(msgspec.Struct):
    name: str = ""


class _Article(msgspec.Struct):
    id: str
    title: str = ""
    published_utc: datetime | None = None
    article_url: str | None = None
    tickers: tuple[str, ...] = ()
    publisher: _Publisher = msgspec.field(default_factory=_Publisher)


class _Aggregate(msgspec.Struct):
    t: int
    o: Decimal
    h: Decimal
    l: Decimal  # noqa: E741 - Polygon's name
    c: Decimal
    v: Decimal
    T: str = ""


class _Dividend(msgspec.Struct):
    ticker: str
    ex_dividend_date: date
    cash_amount: Decimal


class _Split(msgspec.Struct):
    ticker: str
    execution_date: date
    split_from: Decimal
    split_to: Decimal


class _Details(msgspec.Struct):
    results: dict[str, object]


class _DailyCursor(msgspec.Struct):
    """Tickers whose past has been read."""

    read: list[str] = []


class PolygonReader:
    """Reads Polygon.io with one key and one budget; prices are as they were traded, never adjusted."""

    kind = "polygon"

    def __init__(self, surroundings: Surroundings) -> None:
        """Ask with the key of the settings."""
        settings = surroundings.settings
        key = settings.polygon_key.get_secret_value() if settings.polygon_key else ""
        self._universe = surroundings.universe
        self._endpoint = Endpoint(
            name="polygon",
            base=settings.polygon_url,
            rate=Rate(tokens=settings.polygon_per_minute, per=timedelta(minutes=1), burst=1),
            setting="STONKS_POLYGON_KEY",
            secrets={"Authorization": f"Bearer {key}"},
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
        readers = {
            "polygon_news": self._news,
            "polygon_intraday": self._intraday,
            "polygon_daily": self._daily,
            "polygon_grouped": self._grouped,
            "polygon_dividends": self._dividends,
            "polygon_splits": self._splits,
            "polygon_details": self._details,
        }
        if source.name not in readers:
            raise Refused(f"Polygon.io has no source {source.name}")
        return readers[source.name](source, web)

    async def _news(self, source: Source, web: Web) -> AsyncGenerator[Fetched, None]:
        state = load_cursor(source.cursor, Rolling)
        since = state.start(web.now - _FIRST_NEWS, _OVERLAP)
        first = {"published_utc.gte": _zulu(since), "order": "asc", "sort": "published_utc", "limit": "1000"}
        path = state.page or f"/v2/reference/news?{urlencode(first)}"
        while path:
            answer, page = await self._page(web, path)
            documents = []
            for raw in page.results or ():
                article = _decode(raw, _Article, answer)
                if state.is_new(article.id, bytes(raw), article.published_utc, answer.fetched_at):
                    documents.append(_document(article, bytes(raw), answer))
            state.page = path = self._next(page)
            if not path:
                state.finish(_OVERLAP)
            yield Fetched(documents=tuple(documents), cursor=dump_cursor(state))

    async def _intraday(self, source: Source, web: Web) -> AsyncGenerator[Fetched, None]:
        state = load_cursor(source.cursor, Round)
        since, until = state.begin(web.now - _FIRST_MINUTES, web.now)
        for ticker in await self._tickers():
            if ticker <= state.after:
                continue
            span = f"{_millis(since - timedelta(minutes=3 * MINUTES))}/{_millis(until)}"
            first = f"/v2/aggs/ticker/{ticker}/range/{MINUTES}/minute/{span}?adjusted=false&sort=asc&limit=50000"
            path = state.page or first
            while path:
                answer, page = await self._page(web, path)
                bars = [_minutes(_decode(raw, _Aggregate, answer), ticker, answer) for raw in page.results or ()]
                state.page = path = self._next(page)
                state.after = state.after if path else ticker
                over = tuple(bar for bar in bars if bar.ends_at <= answer.fetched_at)
                yield Fetched(bars=over, cursor=dump_cursor(state))
        state.finish()
        yield Fetched(cursor=dump_cursor(state))

    async def _daily(self, source: Source, web: Web) -> AsyncGenerator[Fetched, None]:
        """Yield the past year of each ticker that is followed anew; ``polygon_grouped`` goes on from there."""
        state = load_cursor(source.cursor, _DailyCursor)
        first, last = (web.now - _FIRST_DAYS).date(), web.now.date()
        sessions = {session.day: session for session in await self._universe.sessions(first, last)}
        for ticker in await self._tickers():
            if ticker in state.read:
                continue
            path = f"/v2/aggs/ticker/{ticker}/range/1/day/{first}/{last}?adjusted=false&sort=asc&limit=50000"
            answer, page = await self._page(web, path)
            aggregates = [_decode(raw, _Aggregate, answer) for raw in page.results or ()]
            state.read.append(ticker)
            bars = tuple(bar for one in aggregates if (bar := _day(one, ticker, sessions.get(_date(one)), answer)))
            yield Fetched(bars=bars, cursor=dump_cursor(state))
        yield Fetched(cursor=dump_cursor(state))

    def _grouped(self, source: Source, web: Web) -> AsyncGenerator[Fetched, None]:
        return over_sessions(source, web, self._universe, self._session)

    async def _session(self, web: Web, session: Session) -> Fetched:
        """Return the followed tickers' bars of one session."""
        path = f"/v2/aggs/grouped/locale/us/market/stocks/{session.day}?adjusted=false"
        answer, page = await self._page(web, path)
        followed = set(await self._tickers())
        aggregates = [_decode(raw, _Aggregate, answer) for raw in page.results or ()]
        bars = (_day(one, one.T, session, answer) for one in aggregates if one.T in followed)
        return Fetched(bars=tuple(bar for bar in bars if bar))

    def _dividends(self, source: Source, web: Web) -> AsyncGenerator[Fetched, None]:
        return self._actions(source, web, "dividends", "ex_dividend_date", _dividend)

    def _splits(self, source: Source, web: Web) -> AsyncGenerator[Fetched, None]:
        return self._actions(source, web, "splits", "execution_date", _split)

    async def _actions(
        self, source: Source, web: Web, kind: str, dated: str, read: Callable[[msgspec.Raw, WebAnswer], CorporateAction]
    ) -> AsyncGenerator[Fetched, None]:
        state = load_cursor(source.cursor, Round)
        since, _ = state.begin(web.now - _FIRST_ACTIONS, web.now)
        first = {f"{dated}.gte": str((since - _LATE_ACTIONS).date()), "order": "asc", "sort": dated, "limit": "1000"}
        followed = set(await self._tickers())
        path = state.page or f"/v3/reference/{kind}?{urlencode(first)}"
        while path:
            answer, page = await self._page(web, path)
            actions = [read(raw, answer) for raw in page.results or ()]
            actions = [action for action in actions if action.ticker in followed]
            state.page = path = self._next(page)
            if not path:
                state.finish()
            events = tuple(map(_event, actions))
            yield Fetched(actions=tuple(actions), events=events, cursor=dump_cursor(state))

    async def _details(self, source: Source, web: Web) -> AsyncGenerator[Fetched, None]:
        state = load_cursor(source.cursor, Round)
        state.begin(web.now, web.now)
        for ticker in await self._tickers():
            if ticker <= state.after:
                continue
            state.after = ticker
            try:
                answer = await web.ask(self._endpoint, f"/v3/reference/tickers/{ticker}", due=Due.JSON)
            except Missing as missing:
                yield Fetched(troubles=(str(missing),), cursor=dump_cursor(state))
                continue
            details = _details(ticker, answer)
            yield Fetched(details=(details,), cursor=dump_cursor(state))
        state.finish()
        yield Fetched(cursor=dump_cursor(state))

    async def _tickers(self) -> list[str]:
        return sorted(listing.ticker for listing in await self._universe.listings())

    async def _page(self, web: Web, path: str) -> tuple[WebAnswer, _Page]:
        answer = await web.ask(self._endpoint, path, due=Due.JSON)
        return answer, answer.json(_Page)

    def _next(self, page: _Page) -> str:
        """Return the path of the next page: on our endpoint, whatever host Polygon.io names, and without a key."""
        if not page.next_url:
            return ""
        parts = urlsplit(page.next_url)
        query = urlencode([pair for pair in parse_qsl(parts.query) if pair[0].lower() != "apikey"])
        return f"{parts.path}?{query}" if query else parts.path


def _decode(raw: msgspec.Raw, shape: type[S], answer: WebAnswer) -> S:
    try:
        return msgspec.json.decode(raw, type=shape)
    except UNDECODABLE as wrong:
        raise Malformed(f"{answer.url}: {wrong}") from wrong


def _document(article: _Article, raw: bytes, answer: WebAnswer) -> FetchedDocument:
    return FetchedDocument(
        external_id=article.id,
        revision=1,
        action=Action.CREATED,
        document_type=DocumentType.NEWS,
        publisher=article.publisher.name or "Polygon.io",
        published_at=article.published_utc,
        known_at=answer.fetched_at,
        content_type="application/json",
        raw=raw,
        title=article.title,
        url=article.article_url,
        feed_tickers=article.tickers,
    )


def _minutes(aggregate: _Aggregate, ticker: str, answer: WebAnswer) -> Bar:
    starts_at = instant_of(aggregate.t)
    return _bar(aggregate, ticker, f"{MINUTES}m", (starts_at, starts_at + timedelta(minutes=MINUTES)), answer)


def _day(aggregate: _Aggregate, ticker: str, session: Session | None, answer: WebAnswer) -> Bar | None:
    """Return a day's bar with its session's hours, or None where there was no session or it is not over."""
    if session is None or session.closes_at > answer.fetched_at:
        return None
    return _bar(aggregate, ticker, "1d", (session.opens_at, session.closes_at), answer)


def _bar(
    aggregate: _Aggregate, ticker: str, resolution: str, span: tuple[datetime, datetime], answer: WebAnswer
) -> Bar:
    finite(aggregate.o, aggregate.h, aggregate.l, aggregate.c, aggregate.v)
    return Bar(
        ticker=ticker,
        resolution=resolution,
        starts_at=span[0],
        ends_at=span[1],
        open=aggregate.o,
        high=aggregate.h,
        low=aggregate.l,
        close=aggregate.c,
        volume=aggregate.v,
        known_at=answer.fetched_at,
    )


def _date(aggregate: _Aggregate) -> date:
    """Return the trading day of a daily aggregate, which is stamped with some hour of it in New York."""
    return instant_of(aggregate.t).astimezone(_NEW_YORK).date()


def _dividend(raw: msgspec.Raw, answer: WebAnswer) -> CorporateAction:
    one = _decode(raw, _Dividend, answer)
    finite(one.cash_amount)
    return CorporateAction(
        ticker=one.ticker,
        type="dividend",
        ex_date=one.ex_dividend_date,
        cash=one.cash_amount,
        known_at=answer.fetched_at,
    )


def _split(raw: msgspec.Raw, answer: WebAnswer) -> CorporateAction:
    one = _decode(raw, _Split, answer)
    finite(one.split_from, one.split_to)
    if not one.split_from:
        raise Malformed(f"{answer.url}: a split of {one.ticker} from nothing")
    ratio = one.split_to / one.split_from
    return CorporateAction(
        ticker=one.ticker, type="split", ex_date=one.execution_date, ratio=ratio, known_at=answer.fetched_at
    )


def _event(action: CorporateAction) -> CalendarEvent:
    return CalendarEvent(
        type=action.type,
        ticker=action.ticker,
        day=action.ex_date,
        when=None,
        amount=action.cash,
        known_at=action.known_at,
    )


def _details(ticker: str, answer: WebAnswer) -> TickerDetails:
    """Return the plain facts of a listing; prose, pictures and addresses are left in the raw answer."""
    said = answer.json(_Details).results
    facts: dict[str, str | int | float | bool | None] = {
        name: value
        for name, value in said.items()
        if isinstance(value, str | int | float | bool) and name not in {"description", "phone_number"}
    }
    return TickerDetails(ticker=ticker, facts=facts, known_at=answer.fetched_at)


def _millis(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _zulu(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
