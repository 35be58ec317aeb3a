"""Decisions, orders, positions, and what the account is worth."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery, QueryParameter

from stonks.api.account_standing import trading_status
from stonks.api.answers.chain import DecisionDetail, OrderDetail
from stonks.api.answers.decisions import DecisionPage, DecisionRow, ReasonCount
from stonks.api.answers.orders import FillRow, OrderEventRow, OrderPage
from stonks.api.answers.portfolio import EquityPoint, EquitySeries, PositionList, PositionRow, TradingStatus
from stonks.api.explain import decision_body, evaluation, explain_decision, explain_order
from stonks.api.orders import OrderFilter, orders
from stonks.api.paging import Cursor, Limit, page, place
from stonks.api.reading import OpenPorts, read
from stonks.api.standing import present
from stonks.model.decision import Verdict
from stonks.model.order import OrderStatus

Ticker = Annotated[str | None, QueryParameter(max_length=12)]
_FIRST = datetime(1970, 1, 1, tzinfo=UTC)
_LAST = datetime.max.replace(tzinfo=UTC)


@read("/decisions", "listDecisions", "trading")
async def list_decisions(
    ports: OpenPorts,
    limit: Limit = 50,
    cursor: Cursor = None,
    ticker: Ticker = None,
    verdict: FromQuery[Verdict | None] = None,
    reason: Annotated[str | None, QueryParameter(max_length=60, description="The first gate that said no.")] = None,
) -> DecisionPage:
    """What the account decided, newest first, and how often for which reason."""
    start, account = place(cursor), ports.settings.account
    rows = await ports.store.rows(
        DecisionRow,
        "read_decisions.page",
        account=account,
        before_at=start.before_at,
        after_id=start.after_id,
        ticker=ticker,
        verdict=verdict,
        reason=reason,
        limit=limit + 1,
    )
    items, after = page(rows, limit, lambda row: row.decided_at, lambda row: row.id)
    reasons = [] if cursor else await ports.store.rows(ReasonCount, "read_decisions.reasons", account=account)
    return DecisionPage(items=items, next_cursor=after, reasons=reasons)


@read("/decisions/{decision_id:uuid}", "getDecision", "trading")
async def get_decision(ports: OpenPorts, decision_id: FromPath[UUID]) -> DecisionDetail:
    """One decision with every gate, and the chain it stands in."""
    decision = await decision_body(ports, decision_id=decision_id)
    chain = await explain_decision(ports, decision_id)
    if decision is None or chain is None:
        raise NotFoundException(f"there is no decision {decision_id}")
    return DecisionDetail(decision=decision, chain=chain)


@read("/orders", "listOrders", "trading")
async def list_orders(
    ports: OpenPorts,
    limit: Limit = 50,
    cursor: Cursor = None,
    ticker: Ticker = None,
    status: FromQuery[OrderStatus | None] = None,
    is_open: Annotated[
        bool | None, QueryParameter(name="open", description="Whether something can still happen.")
    ] = None,
) -> OrderPage:
    """Orders, newest first."""
    wanted = OrderFilter(account=ports.settings.account, ticker=ticker, status=status, open=is_open)
    rows = await orders(ports.store, limit + 1, place(cursor), wanted)
    items, after = page(rows, limit, lambda row: row.created_at, lambda row: row.id)
    return OrderPage(items=items, next_cursor=after)


@read("/orders/{order_id:uuid}", "getOrder", "trading")
async def get_order(ports: OpenPorts, order_id: FromPath[UUID]) -> OrderDetail:
    """One order with its events, its fills, and why it exists."""
    store = ports.store
    found = await orders(store, 1, None, OrderFilter(id=order_id))
    if not found:
        raise NotFoundException(f"there is no order {order_id}")
    return OrderDetail(
        order=found[0],
        events=await store.rows(OrderEventRow, "read_orders.events", id=order_id),
        fills=await store.rows(FillRow, "read_orders.fills", id=order_id),
        evaluation=await evaluation(store, "order", order_id),
        chain=await explain_order(ports, order_id),
    )


@read("/positions", "listPositions", "trading")
async def list_positions(
    ports: OpenPorts,
    closed: Annotated[bool, QueryParameter(description="Whether to show closed ones too.")] = False,  # noqa: FBT002
) -> PositionList:
    """What the account holds, the largest first, at the last price known."""
    account = ports.settings.account
    rows = await ports.store.rows(
        PositionRow,
        "read_portfolio.positions",
        account=account,
        ticker=None,
        closed=closed,
        now=await present(ports),
    )
    return PositionList(account=account, items=rows)


@read("/portfolio/equity", "getEquity", "trading")
async def get_equity(
    ports: OpenPorts,
    since: FromQuery[datetime | None] = None,
    until: FromQuery[datetime | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=5000, description="How many of the latest points.")] = 2000,
) -> EquitySeries:
    """What the account was worth over time, oldest first."""
    account = ports.settings.account
    points = await ports.store.rows(
        EquityPoint,
        "read_portfolio.equity",
        account=account,
        since=since or _FIRST,
        until=until or _LAST,
        limit=limit,
    )
    return EquitySeries(account=account, starting_cash=Decimal(ports.settings.starting_cash), points=points[::-1])


@read("/trading/status", "getTradingStatus", "trading")
async def get_trading_status(ports: OpenPorts) -> TradingStatus:
    """Whether the account may trade, since when, by whom and why; what it is worth, and every circuit breaker."""
    status = await trading_status(ports)
    if status is None:
        raise NotFoundException(f"there is no account {ports.settings.account}")
    return status
