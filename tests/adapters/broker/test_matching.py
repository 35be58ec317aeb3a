from datetime import date, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given, strategies as st

from stonks.adapters.broker.matching import VOLUME_SHARE, Floor, Played, play
from stonks.adapters.broker.resting import Purse, Resting
from stonks.model.market import Bar
from stonks.model.order import OrderEventKind as Kind, OrderType, Side
from tests.fakes.facts import bar

DAY = date(2025, 4, 14)
BEFORE = datetime.fromisoformat("2025-04-14T12:00:00Z")
LATER = BEFORE + timedelta(days=30)


def order(
    side: Side = Side.BUY,
    kind: OrderType = OrderType.MARKET,
    quantity: int = 10,
    *,
    price: str | None = None,
    **changes: object,
) -> Resting:
    resting = Resting(
        client_order_id="so-1",
        ticker="AAPL",
        side=side,
        type=kind,
        quantity=Decimal(quantity),
        limit_price=Decimal(price) if price and kind is OrderType.LIMIT else None,
        stop_price=Decimal(price) if price and kind is OrderType.STOP else None,
        time_in_force="gtc",
        kind=Kind.ACCEPTED,
        reason=None,
        filled_quantity=Decimal(0),
        triggered=False,
        reserved=Decimal(0),
        accepted_at=BEFORE,
        matched_at=BEFORE,
        ended_at=None,
    )
    return msgspec.structs.replace(resting, **changes)


def days(*prices: tuple[float, float, float, float], volume: int = 1_000_000) -> list[Bar]:
    return [bar(DAY + timedelta(days=offset), each, volume=volume) for offset, each in enumerate(prices)]


def run(
    orders: list[Resting], bars: list[Bar], until: datetime = LATER, cash: int = 100_000, held: int = 100
) -> Played:
    floor = Floor(
        orders=tuple(orders),
        bars={"AAPL": bars},
        half_spreads={"AAPL": Decimal("0.0001")},
        purse=Purse(cash=Decimal(cash), held={"AAPL": Decimal(held)}),
    )
    return play(floor, until)


def test_a_market_order_fills_at_the_next_open_and_half_the_spread() -> None:
    bars = days((100, 105, 95, 101))
    (trade,) = run([order()], bars).trades
    assert (trade.price, trade.quantity, trade.at) == (Decimal("100.01"), Decimal(10), bars[0].starts_at)


def test_an_order_never_meets_a_bar_that_had_begun_when_it_was_accepted() -> None:
    bars = days((100, 105, 95, 101), (102, 103, 101, 102))
    at_open = order(accepted_at=bars[0].starts_at, matched_at=bars[0].starts_at)
    (trade,) = run([at_open], bars).trades
    assert trade.at == bars[1].starts_at


def test_nothing_fills_before_its_moment() -> None:
    bars = days((100, 105, 95, 101))
    assert run([order()], bars, until=bars[0].starts_at - timedelta(seconds=1)).trades == ()
    stop = order(Side.SELL, OrderType.STOP, price="96")
    assert run([stop], bars, until=bars[0].ends_at - timedelta(seconds=1)).trades == ()


@pytest.mark.parametrize(
    ("side", "kind", "price", "prices", "filled_at", "closing"),
    [
        (Side.SELL, OrderType.STOP, "96", (100, 105, 95, 101), "95.99", True),
        (Side.SELL, OrderType.STOP, "96", (90, 99, 89, 95), "89.99", False),
        (Side.BUY, OrderType.STOP, "104", (100, 105, 95, 101), "104.01", True),
        (Side.BUY, OrderType.STOP, "104", (110, 111, 109, 110), "110.01", False),
        (Side.BUY, OrderType.LIMIT, "96", (100, 105, 95, 101), "96", True),
        (Side.BUY, OrderType.LIMIT, "104", (100, 105, 95, 101), "100.01", False),
        (Side.BUY, OrderType.LIMIT, "100.001", (100, 105, 95, 101), "100.001", False),
        (Side.SELL, OrderType.LIMIT, "104", (100, 105, 95, 101), "104", True),
        (Side.SELL, OrderType.LIMIT, "104", (106, 107, 105, 106), "105.99", False),
    ],
)
def test_stops_fill_when_reached_limits_when_passed_and_gaps_at_the_open(
    side: Side, kind: OrderType, price: str, prices: tuple[float, float, float, float], filled_at: str, *, closing: bool
) -> None:
    bars = days(prices)
    (trade,) = run([order(side, kind, price=price)], bars).trades
    assert trade.price == Decimal(filled_at)
    assert trade.at == (bars[0].ends_at if closing else bars[0].starts_at)


@pytest.mark.parametrize(
    ("side", "kind", "price"),
    [
        (Side.BUY, OrderType.LIMIT, "95"),
        (Side.SELL, OrderType.LIMIT, "105"),
        (Side.BUY, OrderType.STOP, "105.01"),
        (Side.SELL, OrderType.STOP, "94.99"),
    ],
)
def test_a_limit_that_is_only_touched_and_a_stop_that_is_not_do_not_fill(
    side: Side, kind: OrderType, price: str
) -> None:
    assert run([order(side, kind, price=price)], days((100, 105, 95, 101))).trades == ()


def test_a_bar_that_reaches_stop_and_target_is_a_loss() -> None:
    target = order(Side.SELL, OrderType.LIMIT, 100, price="104", client_order_id="target")
    stop = order(Side.SELL, OrderType.STOP, 100, price="96", client_order_id="stop")
    played = run([target, stop], days((100, 105, 95, 101)))
    assert [trade.client_order_id for trade in played.trades] == ["stop"]
    assert {o.client_order_id: o.kind for o in played.orders} == {"stop": Kind.FILL, "target": Kind.REJECTED}


def test_a_trade_takes_no_more_than_its_share_of_the_volume_and_the_rest_waits() -> None:
    bars = days((100, 105, 95, 101), (102, 103, 101, 102), volume=1000)
    played = run([order(quantity=40)], bars)
    assert [(trade.quantity, trade.at) for trade in played.trades] == [
        (Decimal(25), bars[0].starts_at),
        (Decimal(15), bars[1].starts_at),
    ]


def test_earlier_trades_of_a_bar_use_up_its_share() -> None:
    bars = days((100, 105, 95, 101), volume=1000)
    first = run([order(quantity=20)], bars, until=bars[0].starts_at)
    stop = order(Side.SELL, OrderType.STOP, 20, price="96", client_order_id="stop")
    floor = Floor(
        orders=(stop,),
        bars={"AAPL": bars},
        half_spreads={"AAPL": Decimal(0)},
        purse=first.purse,
        trades=first.trades,
    )
    assert [trade.quantity for trade in play(floor, LATER).trades] == [Decimal(5)]


def test_what_a_day_order_did_not_fill_ends_with_the_bar() -> None:
    bars = days((100, 105, 95, 101), (102, 103, 101, 102), volume=1000)
    played = run([order(quantity=40, time_in_force="day")], bars)
    (ended,) = played.orders
    assert [trade.quantity for trade in played.trades] == [Decimal(25)]
    assert (ended.kind, ended.filled_quantity, ended.ended_at) == (Kind.EXPIRED, Decimal(25), bars[0].ends_at)


def test_what_the_account_cannot_pay_or_does_not_hold_is_rejected() -> None:
    (poor,) = run([order(quantity=10)], days((100, 105, 95, 101)), cash=999).orders
    (short,) = run([order(Side.SELL, quantity=10)], days((100, 105, 95, 101)), held=9).orders
    assert (poor.kind, short.kind) == (Kind.REJECTED, Kind.REJECTED)
    assert "costs" in str(poor.reason)
    assert "holds 9" in str(short.reason)


def test_a_large_order_pays_for_its_impact() -> None:
    (trade,) = run([order(quantity=25)], days((100, 105, 95, 101), volume=1000)).trades
    assert trade.price == Decimal("100.02")


PRICES = st.tuples(st.integers(90, 110), st.integers(0, 9), st.integers(0, 9), st.integers(-9, 9)).map(
    lambda p: (p[0], p[0] + p[1], p[0] - p[2], max(p[0] - p[2], min(p[0] + p[1], p[0] + p[3])))
)
ORDERS = st.builds(
    order,
    st.sampled_from(list(Side)),
    st.sampled_from(list(OrderType)),
    st.integers(1, 400),
    price=st.integers(85, 115).map(str),
    time_in_force=st.sampled_from(["day", "gtc"]),
)


@given(
    st.lists(ORDERS, min_size=1, max_size=6),
    st.lists(PRICES, min_size=1, max_size=6),
    st.integers(0, 30_000),
    st.sampled_from([1000, 100_000]),
)
def test_no_market_overdraws_the_account_or_fills_outside_its_range(
    orders: list[Resting], prices: list[tuple[int, int, int, int]], cash: int, volume: int
) -> None:
    named = [msgspec.structs.replace(each, client_order_id=f"so-{n}") for n, each in enumerate(orders)]
    bars = days(*prices, volume=volume)
    played = run(named, bars, cash=cash)

    spent, shares = Decimal(cash), Decimal(100)
    for trade in played.trades:
        sign = 1 if trade.side is Side.BUY else -1
        spent, shares = spent - sign * trade.quantity * trade.price - trade.fee, shares + sign * trade.quantity
        own = next(each for each in bars if each.starts_at <= trade.at <= each.ends_at)
        width = own.open * Decimal("0.0003") + Decimal("0.01")
        assert own.low - width <= trade.price <= own.high + width
        assert trade.at in {own.starts_at, own.ends_at}
        assert spent >= 0
        assert shares >= 0
    assert (played.purse.cash, played.purse.held["AAPL"]) == (spent, shares)
    for each in bars:
        taken = sum(trade.quantity for trade in played.trades if each.starts_at <= trade.at <= each.ends_at)
        assert taken <= each.volume * VOLUME_SHARE


@given(st.lists(ORDERS, min_size=1, max_size=4), st.lists(PRICES, min_size=1, max_size=4), st.integers(0, 7))
def test_meeting_the_market_in_two_steps_or_in_one_is_the_same(
    orders: list[Resting], prices: list[tuple[int, int, int, int]], cut: int
) -> None:
    named = [msgspec.structs.replace(each, client_order_id=f"so-{n}") for n, each in enumerate(orders)]
    bars = days(*prices, volume=10_000)
    moments = sorted(at for each in bars for at in (each.starts_at, each.ends_at))
    once = run(named, bars)

    first = run(named, bars, until=moments[min(cut, len(moments) - 1)])
    changed = {each.client_order_id: each for each in first.orders}
    halfway = tuple(changed.get(each.client_order_id, each) for each in named)
    rest = Floor(
        orders=halfway,
        bars={"AAPL": bars},
        half_spreads={"AAPL": Decimal("0.0001")},
        purse=first.purse,
        trades=first.trades,
    )
    second = play(rest, LATER)

    assert first.trades + second.trades == once.trades
    assert second.purse == once.purse


# ------------------------------------------------------------------------------------------------ legs


def bracket(entry: Resting, stop: str, target: str) -> list[Resting]:
    loss = order(Side.SELL, OrderType.STOP, price=stop, client_order_id="sl", parent="so-1", held=True)
    gain = order(Side.SELL, OrderType.LIMIT, price=target, client_order_id="tp", parent="so-1", held=True)
    return [entry, loss, gain]


def after(played: Played) -> dict[str, Resting]:
    return {each.client_order_id: each for each in played.orders}


def test_a_leg_protects_from_the_rest_of_the_day_on_which_its_order_fills() -> None:
    bars = days((100, 105, 95, 101))
    played = run(bracket(order(), "97", "110"), bars, held=0)
    assert [(each.client_order_id, each.at) for each in played.trades] == [
        ("so-1", bars[0].starts_at),
        ("sl", bars[0].ends_at),
    ]
    assert after(played)["tp"].kind is Kind.CANCELED


def test_a_day_that_touches_both_legs_is_a_loss_and_only_one_of_them_trades() -> None:
    played = run(bracket(order(), "97", "103"), days((100, 105, 95, 101)), held=0)
    assert [each.client_order_id for each in played.trades] == ["so-1", "sl"]


def test_legs_of_an_order_that_never_trades_end_with_it_and_sell_nothing() -> None:
    entry = order(kind=OrderType.LIMIT, price="50", time_in_force="day")
    played = run(bracket(entry, "40", "60"), days((100, 105, 95, 101), (100, 105, 95, 101)))
    assert played.trades == ()
    assert {name: leg.kind for name, leg in after(played).items()} == {
        "so-1": Kind.EXPIRED,
        "sl": Kind.CANCELED,
        "tp": Kind.CANCELED,
    }


def test_legs_are_for_what_their_order_traded_and_less_what_the_other_did() -> None:
    thin = days((100, 101, 99, 100), (110, 112, 109, 111), volume=400)
    entry = order(quantity=20, time_in_force="day")
    played = run(bracket(entry, "90", "105"), [*thin, bar(DAY + timedelta(days=2), (88, 89, 87, 88))], held=0)
    assert [(each.client_order_id, each.quantity) for each in played.trades] == [
        ("so-1", Decimal(10)),
        ("tp", Decimal(10)),
    ]
    assert after(played)["sl"].kind is Kind.CANCELED


@given(
    prices=st.lists(st.tuples(*[st.integers(80, 120)] * 4), min_size=1, max_size=6),
    volumes=st.lists(st.integers(40, 2000), min_size=6, max_size=6),
    stop=st.integers(80, 99),
    target=st.integers(101, 120),
)
def test_legs_never_sell_more_than_their_order_bought(
    prices: list[tuple[int, ...]], volumes: list[int], stop: int, target: int
) -> None:
    bars = [
        bar(DAY + timedelta(days=n), (each[0], max(each), min(each), each[-1]), volume=volumes[n])
        for n, each in enumerate(prices)
    ]
    played = run(bracket(order(quantity=30), str(stop), str(target)), bars, held=0)
    bought = sum(each.quantity for each in played.trades if each.side is Side.BUY)
    sold = sum(each.quantity for each in played.trades if each.side is Side.SELL)
    assert sold <= bought
    assert played.purse.held.get("AAPL", 0) == bought - sold
    assert all(leg.kind is not Kind.REJECTED for leg in played.orders)
    if bought == sold == 30:
        assert all(leg.ended_at for leg in after(played).values())


# ------------------------------------------------------------------------------------------------ as a bar begins


def at_open(
    bars: list[Bar], kind: OrderType, side: Side = Side.SELL, price: str | None = None, **changes: str
) -> Resting:
    plain = msgspec.structs.replace(order(side, kind, price=price), **changes)
    return msgspec.structs.replace(plain, accepted_at=bars[0].starts_at, matched_at=bars[0].starts_at)


def test_a_stop_that_is_placed_as_a_bar_begins_protects_from_what_comes_after_its_open() -> None:
    bars = days((100, 105, 95, 101))
    (trade,) = run([at_open(bars, OrderType.STOP, price="97")], bars).trades
    assert (trade.price, trade.at) == (Decimal("96.99"), bars[0].ends_at)


def test_a_stop_that_the_open_has_passed_as_it_is_placed_sells_at_the_open() -> None:
    """Not at its price, which the market has left behind: that would be a gain from nothing."""
    bars = days((94, 105, 93, 101))
    (trade,) = run([at_open(bars, OrderType.STOP, price="97")], bars).trades
    assert (trade.price, trade.at) == (Decimal("93.99"), bars[0].ends_at)


def test_a_leg_that_is_released_by_a_fill_below_its_stop_sells_at_the_open_too() -> None:
    bars = days((94, 105, 93, 101))
    entry = order(price="100", kind=OrderType.LIMIT)
    stop = order(Side.SELL, OrderType.STOP, price="97", client_order_id="sl", parent="so-1", held=True)
    bought, sold = run([entry, stop], bars, held=0).trades
    assert (bought.price, sold.price) == (Decimal("94.01"), Decimal("93.99"))


def test_a_limit_that_is_placed_as_a_bar_begins_gets_no_worse_than_its_open() -> None:
    bars = days((100, 105, 95, 101))
    (better,) = run([at_open(bars, OrderType.LIMIT, Side.BUY, price="104")], bars).trades
    (waiting,) = run([at_open(bars, OrderType.LIMIT, Side.BUY, price="96")], bars).trades
    assert (better.price, waiting.price) == (Decimal("100.01"), Decimal(96))


def test_a_day_order_at_the_market_that_comes_as_a_bar_begins_outlives_it() -> None:
    bars = days((100, 105, 95, 101), (102, 103, 101, 102))
    (trade,) = run([at_open(bars, OrderType.MARKET, Side.BUY, time_in_force="day")], bars).trades
    assert trade.at == bars[1].starts_at


def test_an_order_that_is_on_its_way_as_a_bar_begins_meets_the_next_one() -> None:
    bars = days((100, 105, 95, 101), (102, 103, 96, 102))
    late = bars[0].starts_at + timedelta(milliseconds=150)
    (trade,) = run([order(Side.SELL, OrderType.STOP, price="97", accepted_at=late, matched_at=late)], bars).trades
    assert trade.at == bars[1].ends_at


# ------------------------------------------------------------------------------------------------ other stops


def stop_limit(side: Side, stop: str, limit: str) -> Resting:
    plain = order(side, OrderType.STOP_LIMIT)
    return msgspec.structs.replace(plain, stop_price=Decimal(stop), limit_price=Decimal(limit))


@pytest.mark.parametrize(
    ("side", "stop", "limit", "prices", "filled_at"),
    [
        (Side.SELL, "97", "96", (100, 105, 95, 101), "96.99"),
        (Side.SELL, "97", "97", (100, 105, 95, 101), "97"),
        (Side.SELL, "97", "96", (96.5, 99, 95, 98), "96.49"),
        (Side.SELL, "97", "96", (90, 99, 89, 95), "96"),
        (Side.SELL, "97", "96", (90, 95, 89, 94), None),
        (Side.SELL, "97", "98", (100, 105, 95, 101), None),
        (Side.SELL, "94", "93", (100, 105, 95, 101), None),
        (Side.BUY, "103", "104", (100, 105, 95, 101), "103.01"),
        (Side.BUY, "103", "104", (110, 112, 109, 111), None),
    ],
)
def test_a_stop_limit_waits_for_its_stop_and_then_gets_its_limit_or_better(
    side: Side, stop: str, limit: str, prices: tuple[float, float, float, float], filled_at: str | None
) -> None:
    trades = run([stop_limit(side, stop, limit)], days(prices)).trades
    assert [trade.price for trade in trades] == ([Decimal(filled_at)] if filled_at else [])


def test_a_stop_limit_that_has_been_triggered_stays_so() -> None:
    bars = days((100, 105, 95, 101), (94, 97.5, 93, 97))
    resting = stop_limit(Side.SELL, "97", "97.2")
    (trade,) = run([resting], bars).trades
    assert run([resting], bars[:1]).orders[0].triggered
    assert (trade.price, trade.at) == (Decimal("97.2"), bars[1].ends_at)


def trailing(side: Side, peak: str, **trail: str) -> Resting:
    amounts = {name: Decimal(value) for name, value in trail.items()}
    return msgspec.structs.replace(order(side, OrderType.TRAILING_STOP), peak=Decimal(peak), **amounts)


def test_a_trailing_stop_follows_the_best_price_and_never_goes_back() -> None:
    bars = days((100, 104, 99, 103.5), (103, 106, 102.5, 105.5), (104, 105, 99, 100))
    waiting = run([trailing(Side.SELL, "100", trail_price="4")], bars[:2]).orders[0]
    (trade,) = run([trailing(Side.SELL, "100", trail_price="4")], bars).trades
    assert (waiting.peak, waiting.stop) == (Decimal(106), Decimal(102))
    assert (trade.price, trade.at) == (Decimal("101.99"), bars[2].ends_at)


def test_a_trailing_stop_in_percent_gaps_to_the_open() -> None:
    (trade,) = run([trailing(Side.SELL, "100", trail_percent="5")], days((90, 91, 89, 90))).trades
    assert trade.price == Decimal("89.99")


def test_a_trailing_stop_fires_where_the_price_must_have_come_down_to_it() -> None:
    """The high came before the close, so a close beyond the level that the high set went through it."""
    bars = days((100, 110, 99, 101))
    (trade,) = run([trailing(Side.SELL, "100", trail_price="4")], bars).trades
    assert trade.price == Decimal("105.99")
    assert run([trailing(Side.SELL, "100", trail_price="4")], days((100, 110, 99, 107))).trades == ()


def test_a_trailing_purchase_follows_the_lowest_price() -> None:
    bars = days((100, 101, 95, 96), (97, 101, 96, 100))
    (trade,) = run([trailing(Side.BUY, "100", trail_price="4")], bars).trades
    assert (trade.price, trade.at) == (Decimal("99.01"), bars[1].ends_at)


@given(
    st.lists(st.tuples(*[st.integers(80, 120)] * 4), min_size=1, max_size=6),
    st.sampled_from([OrderType.STOP, OrderType.STOP_LIMIT, OrderType.TRAILING_STOP]),
    st.sampled_from(list(Side)),
)
def test_no_stop_fills_at_a_price_that_the_bar_did_not_have(
    rows: list[tuple[int, int, int, int]], kind: OrderType, side: Side
) -> None:
    bars = days(*[(first, max(row), min(row), last) for row in rows for first, _, _, last in [row]])
    resting = order(side, kind, stop_price=Decimal(100), peak=Decimal(100), trail_price=Decimal(5))
    if kind is OrderType.STOP_LIMIT:
        resting = msgspec.structs.replace(resting, limit_price=Decimal(101 if side is Side.BUY else 99))
    for trade in run([resting], bars).trades:
        met = next(each for each in bars if each.starts_at <= trade.at <= each.ends_at)
        assert met.low - Decimal("0.05") <= trade.price <= met.high + Decimal("0.05")


def test_two_executions_of_an_order_within_a_second_are_two() -> None:
    first = days((100, 105, 95, 101), volume=200)[0]
    moment = timedelta(milliseconds=300)
    second = msgspec.structs.replace(
        first, starts_at=first.starts_at + 2 * moment, ends_at=first.starts_at + 3 * moment
    )
    first = msgspec.structs.replace(first, ends_at=first.starts_at + moment)

    one, other = run([order()], [first, second]).trades

    assert other.at - one.at < timedelta(seconds=1)
    assert one.execution_id != other.execution_id
