"""The account over HTTP: what it is worth, how that went, what happened in it, and how it is set up."""

from datetime import timedelta
from decimal import Decimal

from aiohttp import web

from stonks.adapters.broker.exchange.answers import answer
from stonks.adapters.broker.exchange.asking import instant, limit, numbered
from stonks.adapters.broker.exchange.diary import local_day
from stonks.adapters.broker.exchange.ledger import History, Page, Wanted, number
from stonks.adapters.broker.exchange.venue import VENUE
from stonks.adapters.broker.exchange.wire import KINDS, Body, activity_body, amount
from stonks.adapters.broker.exchange.worth import equity_at, worth
from stonks.model.errors import Malformed, Refused

_NOTHING = Decimal(0)
_PAGE = 100
_DAYS = {"D": 1, "W": 7, "M": 31, "A": 366}
_CONFIGURATION: Body = {
    "dtbp_check": "entry",
    "fractional_trading": False,
    "max_margin_multiplier": "1",
    "no_shorting": True,
    "pdt_check": "entry",
    "ptp_no_exception_entry": False,
    "suspend_trade": False,
    "trade_confirm_email": "none",
}


def routes() -> list[web.RouteDef]:
    """Return the routes of the account."""
    return [
        web.get("/v2/account", read, allow_head=False),
        web.get("/v2/account/configurations", read_configuration, allow_head=False),
        web.patch("/v2/account/configurations", change_configuration),
        web.get("/v2/account/portfolio/history", read_history, allow_head=False),
        web.get("/v2/account/activities", list_activities, allow_head=False),
        web.get("/v2/account/activities/{kind}", list_activities, allow_head=False),
    ]


async def read(request: web.Request) -> web.Response:
    """Answer with the cash account: it borrows nothing and sells nothing short."""
    venue = request.app[VENUE]
    now = await worth(venue)
    working = await venue.ledger.orders(Wanted(open=True))
    free = amount(now.cash - sum((order.reserved for order in working), _NOTHING))
    equity, nothing = amount(now.equity), "0"
    return answer(
        {
            "id": number(f"account/{venue.ledger.account}"),
            "account_number": venue.ledger.account,
            "status": "ACTIVE",
            "currency": "USD",
            "cash": amount(now.cash),
            "equity": equity,
            "portfolio_value": equity,
            "last_equity": amount(now.eve_equity),
            "long_market_value": amount(now.long_value),
            "buying_power": free,
            "regt_buying_power": free,
            "non_marginable_buying_power": free,
            **dict.fromkeys(("daytrading_buying_power", "short_market_value", "accrued_fees", "sma"), nothing),
            **dict.fromkeys(("initial_margin", "maintenance_margin", "last_maintenance_margin"), nothing),
            "multiplier": "1",
            **dict.fromkeys(("trading_blocked", "transfers_blocked", "account_blocked"), False),
            **dict.fromkeys(("trade_suspended_by_user", "shorting_enabled", "pattern_day_trader"), False),
            "daytrade_count": 0,
        }
    )


async def read_configuration(_request: web.Request) -> web.Response:
    """Answer with how the account is set up, which is fixed."""
    return answer(_CONFIGURATION)


async def change_configuration(request: web.Request) -> web.Response:
    """Take a configuration that changes nothing.

    Raises:
        Refused: it would change something.
    """
    asked = await request.json()
    if not isinstance(asked, dict):
        raise Malformed("a configuration is an object")
    changed = [name for name, value in asked.items() if _CONFIGURATION.get(name) != value]
    if changed:
        raise Refused(f"{', '.join(changed)}: fixed at this exchange")
    return answer(_CONFIGURATION)


async def list_activities(request: web.Request) -> web.Response:
    """Answer with what happened in the account: all of it, or some kinds; newest first unless asked otherwise."""
    venue, query = request.app[VENUE], request.query
    kinds = request.match_info.get("kind") or query.get("activity_types")
    token = query.get("page_token")
    page = Page(
        kinds=tuple(kinds.split(",")) if kinds else KINDS,
        behind=numbered(token.rpartition("::")[2]) if token else None,
        after=instant(query.get("after")),
        until=instant(query.get("until")),
        oldest_first=query.get("direction") == "asc",
        most=limit(query.get("page_size"), _PAGE, _PAGE),
    )
    await venue.paper.meet(venue.now())
    owner: Body = {"account_id": number(f"account/{venue.ledger.account}")}
    return answer([activity_body(activity) | owner for activity in await venue.ledger.activities(page)])


async def read_history(request: web.Request) -> web.Response:
    """Answer with equity at each close of a period, as far as daily bars tell it."""
    venue, query = request.app[VENUE], request.query
    if query.get("timeframe", "1D") != "1D":
        raise Refused("timeframe is 1D here: the exchange has daily bars")
    now, days = venue.now(), _days(query.get("period", "1M"))
    closes = [
        session.closes_at
        for session in await venue.diary.sessions(local_day(now) - timedelta(days=days), local_day(now))
        if session.closes_at <= now
    ]
    history = History(
        cash=(await venue.paper.account(now)).cash,
        executions=await venue.ledger.executions(now),
        adjustments=await venue.ledger.adjustments(now),
    )
    equity = [await equity_at(venue, history.at(at), at) for at in closes]
    base = equity[0] if equity else history.cash
    return answer(
        {
            "timestamp": [int(at.timestamp()) for at in closes],
            "equity": [float(value) for value in equity],
            "profit_loss": [float(value - base) for value in equity],
            "profit_loss_pct": [float(value / base - 1) for value in equity],
            "base_value": float(base),
            "timeframe": "1D",
        }
    )


def _days(period: str) -> int:
    count, unit = period[:-1], period[-1:]
    if not count.isdecimal() or unit not in _DAYS:
        raise Malformed(f"period {period!r} is not a number and one of {', '.join(_DAYS)}")
    return int(count) * _DAYS[unit]
