"""The market over HTTP: clock, calendar, assets, and prices as daily bars tell them."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from aiohttp import web

from stonks.adapters.broker.exchange.answers import answer
from stonks.adapters.broker.exchange.asking import instant, limit
from stonks.adapters.broker.exchange.diary import NEW_YORK, local_day
from stonks.adapters.broker.exchange.venue import VENUE, Unknown, Venue
from stonks.adapters.broker.exchange.wire import Body, asset_number
from stonks.model.errors import Malformed, Refused
from stonks.model.market import Bar

_YEAR = timedelta(days=365)
_RECENT = timedelta(days=40)
_MOST = 10_000
Latest = Callable[[Venue, str, datetime], Awaitable[Body | None]]


def routes() -> list[web.RouteDef]:
    """Return the routes of the market."""
    return [
        web.get("/v2/clock", read_clock, allow_head=False),
        web.get("/v2/calendar", read_calendar, allow_head=False),
        web.get("/v2/assets", list_assets, allow_head=False),
        web.get("/v2/assets/{symbol}", read_asset, allow_head=False),
        web.get("/v2/stocks/bars", list_bars, allow_head=False),
        web.get("/v2/stocks/quotes/latest", list_quotes, allow_head=False),
        web.get("/v2/stocks/trades/latest", list_trades, allow_head=False),
        web.get("/v2/stocks/bars/latest", list_latest_bars, allow_head=False),
    ]


async def read_clock(request: web.Request) -> web.Response:
    """Answer with the exchange's time and when it opens and closes next."""
    venue = request.app[VENUE]
    now = venue.now()
    closing, opening = await venue.diary.ahead(now)
    return answer(
        {
            "timestamp": now,
            "is_open": closing.opens_at <= now,
            "next_open": opening.opens_at,
            "next_close": closing.closes_at,
        }
    )


async def read_calendar(request: web.Request) -> web.Response:
    """Answer with sessions in New York's time; without bounds, a year back and a year ahead."""
    venue, query = request.app[VENUE], request.query
    today = local_day(venue.now())
    start, end = instant(query.get("start")), instant(query.get("end"))
    first = start.date() if start else today - _YEAR
    last = end.date() if end else today + _YEAR
    rows = []
    for session in await venue.diary.sessions(first, last):
        opens, closes = (f"{at.astimezone(NEW_YORK):%H:%M}" for at in (session.opens_at, session.closes_at))
        rows.append({"date": session.day, "open": opens, "close": closes, "settlement_date": None})
    return answer(rows)


async def list_assets(request: web.Request) -> web.Response:
    """Answer with every listing that the exchange knows by name."""
    venue = request.app[VENUE]
    return answer([_asset(venue, ticker) for ticker in sorted(venue.names)])


async def read_asset(request: web.Request) -> web.Response:
    """Answer with one listing: one it knows by name, or that has traded lately."""
    venue = request.app[VENUE]
    ticker = venue.ticker(request.match_info["symbol"])
    if ticker not in venue.names and not await _recent(venue, ticker):
        raise Unknown(f"asset not found for {ticker}")
    return answer(_asset(venue, ticker))


def _asset(venue: Venue, ticker: str) -> Body:
    return {
        "id": asset_number(ticker),
        "class": "us_equity",
        "exchange": "",
        "symbol": ticker,
        "name": venue.names.get(ticker),
        "status": "active",
        "tradable": ticker not in venue.paper.halted,
        **dict.fromkeys(("marginable", "shortable", "easy_to_borrow", "fractionable"), False),
    }


async def list_bars(request: web.Request) -> web.Response:
    """Answer with daily bars of sessions that are over, raw, on one page."""
    venue, query = request.app[VENUE], request.query
    if query.get("timeframe", "1Day") not in {"1Day", "1D"}:
        raise Refused("timeframe is 1Day here: the exchange has daily bars")
    now, most = venue.now(), limit(query.get("limit"), _MOST, _MOST)
    start, end = instant(query.get("start")) or now - _YEAR, instant(query.get("end")) or now
    bars: dict[str, list[Body]] = {}
    for symbol in _symbols(request):
        found = await venue.feed.bars(symbol, start - timedelta(microseconds=1), min(end, now))
        over = [_bar(bar) for bar in found if bar.ends_at <= now]
        bars[symbol] = over[-most:] if query.get("sort") == "desc" else over[:most]
        if query.get("sort") == "desc":
            bars[symbol].reverse()
    return answer({"bars": bars, "next_page_token": None})


async def list_quotes(request: web.Request) -> web.Response:
    """Answer with the latest two-sided prices; sizes are not known and are 0."""

    async def latest(venue: Venue, symbol: str, now: datetime) -> Body | None:
        price = await venue.paper.price(symbol, now)
        sized: Body = {"as": 0, "bs": 0, "ax": "", "bx": "", "c": [], "z": ""}
        return {"t": price.at, "ap": float(price.ask), "bp": float(price.bid), **sized} if price else None

    return await _latest(request, "quotes", latest)


async def list_trades(request: web.Request) -> web.Response:
    """Answer with the latest prices at which the market traded; sizes are not known and are 0."""

    async def latest(venue: Venue, symbol: str, now: datetime) -> Body | None:
        recent = await _recent(venue, symbol)
        if not recent:
            return None
        running = now < recent[-1].ends_at
        price, at = (recent[-1].open, recent[-1].starts_at) if running else (recent[-1].close, recent[-1].ends_at)
        return {"t": at, "p": float(price), "s": 0, "x": "", "c": [], "i": 0, "z": ""}

    return await _latest(request, "trades", latest)


async def list_latest_bars(request: web.Request) -> web.Response:
    """Answer with the bar of the last session that is over."""

    async def latest(venue: Venue, symbol: str, now: datetime) -> Body | None:
        over = [bar for bar in await _recent(venue, symbol) if bar.ends_at <= now]
        return _bar(over[-1]) if over else None

    return await _latest(request, "bars", latest)


async def _latest(request: web.Request, name: str, latest: Latest) -> web.Response:
    venue = request.app[VENUE]
    found = {symbol: await latest(venue, symbol, venue.now()) for symbol in _symbols(request)}
    return answer({name: {symbol: body for symbol, body in found.items() if body is not None}})


async def _recent(venue: Venue, ticker: str) -> Sequence[Bar]:
    now = venue.now()
    return await venue.feed.bars(ticker, now - _RECENT, now)


def _symbols(request: web.Request) -> list[str]:
    symbols = request.query.get("symbols")
    if not symbols:
        raise Malformed("symbols is required")
    return symbols.split(",")


def _bar(bar: Bar) -> Body:
    prices: Body = {"o": float(bar.open), "h": float(bar.high), "l": float(bar.low), "c": float(bar.close)}
    return {"t": bar.starts_at, **prices, "v": int(bar.volume), "n": None, "vw": None}
