"""Alpaca's own client works against the exchange as it would against Alpaca."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from alpaca.common.exceptions import APIError
from alpaca.data.historical.stock import StockHistoricalDataClient
from alpaca.data.requests import (
    StockBarsRequest,
    StockLatestBarRequest,
    StockLatestQuoteRequest,
    StockLatestTradeRequest,
)
from alpaca.data.timeframe import TimeFrame
from alpaca.trading.client import TradingClient
from alpaca.trading.enums import OrderClass, OrderSide, OrderStatus, QueryOrderStatus, TimeInForce
from alpaca.trading.models import NonTradeActivity, TradeActivity, TradeUpdate
from alpaca.trading.requests import (
    ClosePositionRequest,
    GetCalendarRequest,
    GetOrderByIdRequest,
    GetOrdersRequest,
    GetPortfolioHistoryRequest,
    LimitOrderRequest,
    MarketOrderRequest,
    ReplaceOrderRequest,
    StopLimitOrderRequest,
    StopLossRequest,
    StopOrderRequest,
    TakeProfitRequest,
    TrailingStopOrderRequest,
)
from alpaca.trading.stream import TradingStream

from stonks.adapters.broker.exchange.latency import seeded
from stonks.model.market import CorporateAction
from stonks.ports.store import Store
from tests.fakes.exchange import Exchange, exchange
from tests.fakes.facts import bar

BARS = [
    bar(date(2025, 4, 11), (99, 101, 98, 100)),
    bar(date(2025, 4, 14), (100, 105, 95, 101)),
    bar(date(2025, 4, 15), (110, 112, 108, 111)),
    bar(date(2025, 4, 16), (112, 115, 90, 95)),
]
MONDAY, TUESDAY, WEDNESDAY = BARS[1], BARS[2], BARS[3]
MORNING = MONDAY.starts_at - timedelta(hours=1)
NOON = MONDAY.starts_at + timedelta(hours=3)

Ask = Callable[..., Any]


@pytest.fixture
async def served(store: Store) -> AsyncIterator[Exchange]:
    async with exchange(store, BARS, MORNING) as served:
        yield served


@pytest.fixture
def client(served: Exchange) -> TradingClient:
    return TradingClient("any", "key", url_override=served.address)


def market(quantity: int, side: OrderSide = OrderSide.BUY, **more: object) -> MarketOrderRequest:
    return MarketOrderRequest(symbol="AAPL", qty=quantity, side=side, time_in_force=TimeInForce.DAY, **more)


def limit(price: float, quantity: int = 10, **more: object) -> LimitOrderRequest:
    return LimitOrderRequest(
        symbol="AAPL", qty=quantity, side=OrderSide.BUY, time_in_force=TimeInForce.GTC, limit_price=price, **more
    )


ask: Ask = asyncio.to_thread


async def test_it_looks_at_the_account_the_market_and_the_calendar(served: Exchange, client: TradingClient) -> None:
    account = await ask(client.get_account)
    clock = await ask(client.get_clock)
    calendar = await ask(client.get_calendar, GetCalendarRequest(start=date(2025, 4, 14), end=date(2025, 4, 15)))
    assets = await ask(client.get_all_assets)
    asset = await ask(client.get_asset, "AAPL")
    by_number = await ask(client.get_asset, asset.id)
    configuration = await ask(client.get_account_configurations)
    same = await ask(client.set_account_configurations, configuration)

    assert (account.cash, account.equity, account.buying_power) == ("100000", "100000", "100000")
    assert (clock.timestamp, clock.is_open) == (MORNING, False)
    assert (clock.next_open, clock.next_close) == (MONDAY.starts_at, MONDAY.ends_at)
    assert [(f"{day.open:%Y-%m-%d %H:%M}", f"{day.close:%H:%M}") for day in calendar] == [
        ("2025-04-14 09:30", "16:00"),
        ("2025-04-15 09:30", "16:00"),
    ]
    assert [each.symbol for each in assets] == ["AAPL"]
    assert (asset.name, asset.tradable, by_number) == ("Apple Inc.", True, asset)
    assert configuration == same
    await served.move(NOON)
    assert (await ask(client.get_clock)).is_open


async def test_it_reads_prices(served: Exchange) -> None:
    data = StockHistoricalDataClient("any", "key", url_override=served.address)
    await served.move(MONDAY.ends_at)

    quote = (await ask(data.get_stock_latest_quote, StockLatestQuoteRequest(symbol_or_symbols="AAPL")))["AAPL"]
    trade = (await ask(data.get_stock_latest_trade, StockLatestTradeRequest(symbol_or_symbols="AAPL")))["AAPL"]
    latest = (await ask(data.get_stock_latest_bar, StockLatestBarRequest(symbol_or_symbols="AAPL")))["AAPL"]
    asked = StockBarsRequest(symbol_or_symbols="AAPL", timeframe=TimeFrame.Day, start=BARS[0].starts_at)
    bars = (await ask(data.get_stock_bars, asked))["AAPL"]

    assert quote.bid_price < 101 < quote.ask_price
    assert (trade.price, latest.close) == (101, 101)
    assert [each.open for each in bars] == [99, 100]


async def test_an_order_is_placed_found_and_filled(served: Exchange, client: TradingClient) -> None:
    placed = await ask(client.submit_order, market(10, client_order_id="mine"))
    by_client = await ask(client.get_order_by_client_id, "mine")
    by_number = await ask(client.get_order_by_id, placed.id)
    await served.move(NOON)
    filled = await ask(client.get_order_by_id, placed.id)
    (position,) = await ask(client.get_all_positions)
    same = await ask(client.get_open_position, "AAPL")
    (activity,) = await ask(client.get, "/account/activities/FILL")
    account = await ask(client.get_account)

    assert placed == by_client == by_number
    assert (placed.status, placed.submitted_at) == (OrderStatus.NEW, MORNING)
    assert (filled.status, filled.filled_qty, filled.filled_avg_price) == (OrderStatus.FILLED, "10", "100.01")
    assert (filled.filled_at, filled.updated_at) == (MONDAY.starts_at, MONDAY.starts_at)
    assert (position.qty, position.qty_available, position.avg_entry_price) == ("10", "10", "100.01")
    assert (position.current_price, position.unrealized_pl, position.lastday_price) == ("100", "-0.1", "100")
    assert position == same
    assert (activity["order_id"], activity["qty"], activity["cum_qty"]) == (str(placed.id), "10", "10")
    assert (account.cash, account.equity, account.last_equity) == ("98999.9", "99999.9", "100000")


async def test_refusals_have_alpacas_codes(served: Exchange, client: TradingClient) -> None:
    await ask(client.submit_order, limit(50, client_order_id="mine"))
    wrong: dict[int, tuple[Ask, object]] = {
        40010001: (client.submit_order, limit(50, client_order_id="mine")),
        40310000: (client.submit_order, market(2000)),
        42210000: (client.submit_order, limit(50.001)),
        40410000: (client.get_order_by_client_id, "other"),
    }

    codes = {code: await refusal(call, argument) for code, (call, argument) in wrong.items()}
    selling = await refusal(client.submit_order, market(1, OrderSide.SELL))
    nobody = await served.session.get(f"{served.address}/v2/account", headers={"APCA-API-KEY-ID": ""})

    assert codes == {40010001: 40010001, 40310000: 40310000, 42210000: 42210000, 40410000: 40410000}
    assert selling == 40310000
    assert nobody.status == 401
    assert len(await ask(client.get_orders)) == 1


async def refusal(call: Ask, argument: object) -> int:
    """The code with which a call is refused."""
    with pytest.raises(APIError) as refused:
        await ask(call, argument)
    return int(json.loads(str(refused.value))["code"])


async def test_an_order_is_replaced_and_canceled(client: TradingClient) -> None:
    first = await ask(client.submit_order, limit(50))
    second = await ask(client.replace_order_by_id, first.id, ReplaceOrderRequest(qty=5, limit_price=51))
    old = await ask(client.get_order_by_id, first.id)
    await ask(client.cancel_order_by_id, second.id)
    gone = await ask(client.get_order_by_id, second.id)

    assert (second.replaces, second.qty, second.limit_price) == (first.id, "5", "51")
    assert (old.status, old.replaced_by) == (OrderStatus.REPLACED, second.id)
    assert gone.status == OrderStatus.CANCELED
    assert await refusal(client.cancel_order_by_id, second.id) == 42210000
    assert await ask(client.get_orders) == []


async def test_orders_are_listed_as_asked_and_all_canceled(served: Exchange, client: TradingClient) -> None:
    first = await ask(client.submit_order, limit(50))
    await served.move(NOON)
    second = await ask(client.submit_order, limit(51))
    canceled = await ask(client.cancel_orders)
    third = await ask(client.submit_order, limit(52))

    listed = {state: await ask(client.get_orders, GetOrdersRequest(status=state)) for state in QueryOrderStatus}
    late = await ask(client.get_orders, GetOrdersRequest(status=QueryOrderStatus.ALL, after=MORNING, limit=1))

    assert {(each.id, each.status) for each in canceled} == {(first.id, 200), (second.id, 200)}
    assert {state: [each.id for each in orders] for state, orders in listed.items()} == {
        QueryOrderStatus.OPEN: [third.id],
        QueryOrderStatus.CLOSED: [second.id, first.id],
        QueryOrderStatus.ALL: [third.id, second.id, first.id],
    }
    assert [each.id for each in late] == [third.id]


async def test_a_stop_limit_order_and_one_in_a_bracket_sell_no_lower_than_their_limit(
    served: Exchange, client: TradingClient
) -> None:
    entry = market(10, order_class=OrderClass.OTO, stop_loss=StopLossRequest(stop_price=97, limit_price=96.5))
    placed = await ask(client.submit_order, entry)
    (leg,) = placed.legs
    await served.move(MONDAY.ends_at)
    sold = await ask(client.get_order_by_id, leg.id)
    buying = StopLimitOrderRequest(
        symbol="AAPL", qty=5, side=OrderSide.BUY, time_in_force=TimeInForce.GTC, stop_price=114, limit_price=114.5
    )
    second = await ask(client.submit_order, buying)
    await served.move(WEDNESDAY.ends_at)
    bought = await ask(client.get_order_by_id, second.id)

    assert (leg.type, leg.stop_price, leg.limit_price, leg.status) == ("stop_limit", "97", "96.5", "held")
    assert (sold.status, sold.filled_avg_price) == (OrderStatus.FILLED, "96.99")
    assert (bought.status, bought.filled_avg_price) == (OrderStatus.FILLED, "114.01")


async def test_a_trailing_stop_follows_the_price_up(served: Exchange, client: TradingClient) -> None:
    await ask(client.submit_order, market(10))
    await served.move(NOON)
    trail = TrailingStopOrderRequest(
        symbol="AAPL", qty=10, side=OrderSide.SELL, time_in_force=TimeInForce.GTC, trail_percent=5
    )
    placed = await ask(client.submit_order, trail)
    wrong = TrailingStopOrderRequest(
        symbol="AAPL", qty=1, side=OrderSide.SELL, time_in_force=TimeInForce.GTC, trail_price=0
    )
    refused = await refusal(client.submit_order, wrong)
    await served.move(TUESDAY.ends_at)
    followed = await ask(client.get_order_by_id, placed.id)
    await served.move(WEDNESDAY.ends_at)
    sold = await ask(client.get_order_by_id, placed.id)

    assert (placed.type, placed.trail_percent, placed.hwm, placed.stop_price) == ("trailing_stop", "5", "100", "95")
    assert refused == 42210000
    assert (followed.hwm, followed.stop_price) == ("112", "106.4")
    assert (sold.status, sold.filled_avg_price) == (OrderStatus.FILLED, "106.39")


async def test_it_reads_fees_dividends_and_splits_among_the_activities(
    served: Exchange, client: TradingClient, store: Store
) -> None:
    ex_date = TUESDAY.starts_at.date()
    actions = [
        CorporateAction(ticker="AAPL", type="dividend", ex_date=ex_date, cash=Decimal("0.25"), known_at=MORNING),
        CorporateAction(ticker="AAPL", type="split", ex_date=ex_date, ratio=Decimal("0.35"), known_at=MORNING),
    ]
    async with store.transaction() as transaction:
        await transaction.run("ingestion.store_actions", source="test", actions=actions)
    await ask(client.submit_order, market(10))
    await served.move(NOON)
    before = Decimal((await ask(client.get_account)).cash)
    await served.move(TUESDAY.starts_at)
    await ask(client.close_position, "AAPL")
    await served.move(WEDNESDAY.ends_at)

    told = await ask(client.get, "/account/activities")
    pages = [told[0], *(await ask(client.get, "/account/activities", {"page_token": told[0]["id"], "page_size": 2}))]
    kinds = [each["activity_type"] for each in told]
    fill, bought = (TradeActivity(**each) for each in told if each["activity_type"] == "FILL")
    others = [NonTradeActivity(**each) for each in told if each["activity_type"] != "FILL"]
    dividend, fee, split = sorted(others, key=lambda each: each.activity_type)

    assert sorted(kinds) == ["DIV", "FEE", "FILL", "FILL", "SPLIT"]
    assert kinds[:2] == ["FEE", "FILL"]
    assert pages == told[:3]
    assert (dividend.net_amount, dividend.per_share_amount, dividend.qty, dividend.date) == (2.5, 0.25, 10, ex_date)
    assert (split.qty, round(split.net_amount, 2)) == (-7, round(0.5 * 101 / 0.35, 2))
    assert (fill.qty, bought.qty, fee.date) == (3, 10, WEDNESDAY.starts_at.date())
    cash = Decimal((await ask(client.get_account)).cash)
    moved = sum(Decimal(each["net_amount"]) for each in told if "net_amount" in each)
    assert cash - before == moved + Decimal(told[1]["qty"]) * Decimal(told[1]["price"])


async def test_orders_are_on_their_way_for_a_while(store: Store) -> None:
    async with exchange(store, BARS, MONDAY.starts_at - timedelta(milliseconds=20), lag=seeded) as late:
        client = TradingClient("any", "key", url_override=late.address)
        placed = await ask(client.submit_order, limit(96))
        await late.move(MONDAY.ends_at)
        waiting = await ask(client.get_order_by_id, placed.id)
        await late.move(WEDNESDAY.ends_at)
        filled = await ask(client.get_order_by_id, placed.id)

    assert (waiting.status, filled.filled_at) == (OrderStatus.NEW, WEDNESDAY.ends_at)


async def test_positions_are_closed_in_part_and_whole(served: Exchange, client: TradingClient) -> None:
    await ask(client.submit_order, market(10))
    await served.move(NOON)
    part = await ask(client.close_position, "AAPL", ClosePositionRequest(qty="4"))
    stop = StopOrderRequest(symbol="AAPL", qty=6, side=OrderSide.SELL, time_in_force=TimeInForce.GTC, stop_price=90)
    await ask(client.submit_order, stop)
    await served.move(TUESDAY.ends_at)
    (rest,) = await ask(client.get_all_positions)
    (closing,) = await ask(client.close_all_positions, True)  # noqa: FBT003 - the client's own signature
    await served.move(WEDNESDAY.starts_at)
    history = await ask(client.get_portfolio_history, GetPortfolioHistoryRequest(period="1W"))

    assert (part.side, part.qty) == (OrderSide.SELL, "4")
    assert (rest.qty, rest.qty_available) == ("6", "0")
    assert (closing.status, closing.body.qty) == (200, "6")
    assert await ask(client.get_all_positions) == []
    assert history.timestamp[-1] == int(TUESDAY.ends_at.timestamp())
    assert history.equity[0] == 100_000
    account = await ask(client.get_account)
    assert Decimal(account.cash) == Decimal(account.equity) > 100_000


async def test_a_bracket_waits_for_its_entry_and_one_leg_ends_the_other(
    served: Exchange, client: TradingClient
) -> None:
    legs = {"take_profit": TakeProfitRequest(limit_price=111.5), "stop_loss": StopLossRequest(stop_price=94)}
    asked = MarketOrderRequest(
        symbol="AAPL", qty=10, side=OrderSide.BUY, time_in_force=TimeInForce.GTC, order_class=OrderClass.BRACKET, **legs
    )
    placed = await ask(client.submit_order, asked)
    await served.move(NOON)
    (position,) = await ask(client.get_all_positions)
    entry = await ask(client.get_order_by_id, placed.id, GetOrderByIdRequest(nested=True))
    target = next(leg for leg in entry.legs if leg.type == "limit")
    moved = await ask(client.replace_order_by_id, target.id, ReplaceOrderRequest(limit_price=109))
    await served.move(TUESDAY.ends_at)
    listed = await ask(client.get_orders, GetOrdersRequest(status=QueryOrderStatus.ALL, nested=True))
    sold = await ask(client.get_order_by_id, moved.id)

    assert {(leg.type, leg.status) for leg in placed.legs} == {("stop", "held"), ("limit", "held")}
    assert (entry.status, {leg.status for leg in entry.legs}) == (OrderStatus.FILLED, {OrderStatus.NEW})
    assert (position.qty, position.qty_available) == ("10", "0")
    assert (sold.status, sold.filled_avg_price) == (OrderStatus.FILLED, "109.99")
    assert [each.order_class for each in listed] == [OrderClass.BRACKET]
    assert sorted(leg.status for leg in listed[0].legs) == ["canceled", "filled", "replaced"]


async def test_legs_follow_their_entry_to_its_replacement_and_end_with_it(client: TradingClient) -> None:
    asked = limit(50, order_class=OrderClass.OTO, stop_loss=StopLossRequest(stop_price=45))
    first = await ask(client.submit_order, asked)
    second = await ask(client.replace_order_by_id, first.id, ReplaceOrderRequest(qty=5))
    (leg,) = second.legs
    await ask(client.cancel_order_by_id, second.id)

    assert (leg.order_class, leg.status) == (OrderClass.OTO, "held")
    assert (await ask(client.get_order_by_id, leg.id)).status == OrderStatus.CANCELED

    gain, loss = TakeProfitRequest(limit_price=45), StopLossRequest(stop_price=46)
    crossed = limit(50, order_class=OrderClass.BRACKET, take_profit=gain, stop_loss=loss)
    assert await refusal(client.submit_order, crossed) == 42210000


@asynccontextmanager
async def listening(served: Exchange) -> AsyncIterator["asyncio.Queue[TradeUpdate]"]:
    """What the client's stream tells while the block runs."""
    told: asyncio.Queue[TradeUpdate] = asyncio.Queue()

    async def hear(update: TradeUpdate) -> None:
        told.put_nowait(update)

    stream: Any = TradingStream("any", "key", url_override=served.stream)
    stream.subscribe_trade_updates(hear)
    running = asyncio.create_task(stream._run_forever())  # noqa: SLF001 - what its run() puts into a loop of its own
    await asyncio.wait_for(served.updates.somebody.wait(), 10)
    try:
        yield told
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await stream.close()


async def test_its_stream_hears_what_happens_to_orders(served: Exchange, client: TradingClient) -> None:
    async with listening(served) as told:
        first = await ask(client.submit_order, limit(50))
        await ask(client.replace_order_by_id, first.id, ReplaceOrderRequest(limit_price=51))
        await ask(client.cancel_orders)
        await ask(client.submit_order, market(10))
        await served.move(NOON)
        heard = [await asyncio.wait_for(told.get(), 10) for _ in range(6)]
    (activity,) = await ask(client.get, "/account/activities/FILL")

    assert [each.event for each in heard] == ["new", "replaced", "new", "canceled", "new", "fill"]
    fill = heard[-1]
    assert (fill.price, fill.qty, fill.position_qty, fill.timestamp) == (100.01, 10, 10, MONDAY.starts_at)
    assert (fill.order.status, fill.order.filled_avg_price) == (OrderStatus.FILLED, "100.01")
    assert activity["id"].endswith(str(fill.execution_id))
