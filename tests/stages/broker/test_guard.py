"""Protected or flat: what stands at the exchange after fills, refusals, lost answers, deaths and splits."""

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest

from stonks.adapters.broker import open_broker
from stonks.model.errors import Conflict, Refused, Unreachable
from stonks.model.job import BrokerOrderJob
from stonks.model.order import Intent, OrderType
from stonks.ports.broker import Account, BrokerOrder
from stonks.ports.store import Store
from stonks.ports.surrender import give_up
from stonks.settings import Settings
from stonks.stages.broker.worker import Courier
from tests.fakes.broker import FaultyBroker
from tests.fakes.floor import ELEVEN, TODAY, TradingFloor, after
from tests.fakes.market import FakeMarket
from tests.fakes.ports import some_ports
from tests.fakes.work import FakeWork

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
OPEN = after(1).opens_at


class StopsRefused(FaultyBroker):
    """A broker that refuses so many stops, or never answers to one."""

    def __init__(self, floor: TradingFloor, refusals: int = 0, silences: int = 0) -> None:
        super().__init__(floor.broker)
        self.refusals, self.silences = refusals, silences

    async def submit(self, intent: Intent, now: datetime) -> BrokerOrder:
        if intent.type is OrderType.STOP and self.refusals:
            self.refusals -= 1
            raise Refused("stop orders are not for you")
        if intent.type is OrderType.STOP and self.silences:
            self.silences -= 1
            raise Unreachable("no answer")
        return await super().submit(intent, now)


class Slower(FaultyBroker):
    """A broker that counts the position one share short for a while."""

    agrees = False

    async def account(self, now: datetime) -> Account:
        account = await super().account(now)
        short = {ticker: shares - 1 for ticker, shares in account.positions.items()}
        return account if self.agrees else msgspec.structs.replace(account, positions=short)


async def buy(floor: TradingFloor, ticker: str = "UNH") -> None:
    """Order one stock today, to be filled at tomorrow's open."""
    await floor.book(TODAY.opens_at)
    await floor.recommend(1, ticker)
    await floor.instant(ELEVEN)


async def surrender(floor: TradingFloor, ticker: str = "UNH", reason: str = "flatten") -> None:
    async with floor.store.transaction() as transaction:
        await give_up(transaction, "paper", [ticker], reason, "ann", OPEN)


async def at_the_exchange(floor: TradingFloor) -> list[dict[str, Any]]:
    """Open orders on the exchange's book."""
    return await floor.database.rows("SELECT * FROM exchange_orders WHERE ended_at IS NULL ORDER BY seq")


async def held(floor: TradingFloor) -> int:
    return sum(int(row["quantity"]) for row in await floor.all("positions"))


async def test_a_fill_is_protected_at_the_instant_at_which_it_is_booked(floor: TradingFloor) -> None:
    await buy(floor)
    await floor.instant(OPEN)

    (resting,) = await at_the_exchange(floor)
    (entry,) = await floor.orders()
    assert (resting["type"], resting["side"], resting["time_in_force"]) == ("stop", "sell", "gtc")
    assert (resting["quantity"], resting["accepted_at"]) == (entry["filled_quantity"], OPEN)
    (position,), (decision,) = await floor.all("positions"), await floor.all("trading_decisions")
    level = position["average_price"] - Decimal(str(decision["sizing"]["stop_distance"]))
    assert level - Decimal("0.01") < resting["stop_price"] <= level


async def by_hand(floor: TradingFloor, shares: int) -> None:
    """Order a stock without a decision, at a limit that holds until it is filled."""
    order = {"id": UUID(int=7), "account": "paper", "leg": "entry", "attempt": 1, "client_order_id": "so-by-hand"}
    order |= {"ticker": "UNH", "side": "buy", "type": "limit", "quantity": Decimal(shares), "limit_price": Decimal(105)}
    order |= {
        "time_in_force": "gtc",
        "reduce_only": False,
        "source": "manual",
        "cause": "manual",
        "status": "initialized",
    }
    order |= {"decided_price": Decimal(100), "created_at": ELEVEN, "updated_at": ELEVEN}
    await floor.book(TODAY.opens_at)
    await floor.database.insert("orders", order)
    await floor.courier(FakeWork(floor.store, BrokerOrderJob(order_id=UUID(int=7)), ELEVEN))


async def test_each_further_fill_gets_a_further_stop_and_there_is_no_moment_without_the_first(
    floor: TradingFloor, store: Store
) -> None:
    thin = [msgspec.structs.replace(bar, volume=Decimal(400)) if bar.starts_at >= OPEN else bar for bar in floor.bars]
    floor.renew(open_broker("paper:", store, FakeMarket(thin), some_ports().settings))
    await by_hand(floor, 25)

    for day in (1, 2, 3):
        await floor.instant(after(day).opens_at)

    stops = await floor.stops()
    assert [(int(row["quantity"]), row["status"]) for row in stops] == [
        (10, "accepted"),
        (10, "accepted"),
        (5, "accepted"),
    ]
    assert [row["created_at"] for row in stops] == [after(day).opens_at for day in (1, 2, 3)]
    assert {(row["decision_id"], row["parent_id"]) for row in stops} == {(None, UUID(int=7))}
    assert stops[0]["stop_price"] == Decimal("94.01")


async def test_a_fill_and_its_stop_are_written_in_one_transaction(floor: TradingFloor) -> None:
    await buy(floor)
    floor.renew(FaultyBroker(floor.broker, account="before"))

    with pytest.raises(Unreachable):
        await floor.book(OPEN)  # as a death would, it ends the poll after what it booked

    (stop,) = await floor.stops()
    assert len(await floor.all("fills")) == 1
    floor.renew()
    await floor.courier(FakeWork(floor.store, BrokerOrderJob(order_id=stop["id"]), OPEN + SECOND))
    assert [row["client_order_id"] for row in await at_the_exchange(floor)] == [stop["client_order_id"]]


async def test_one_refusal_is_tried_again_at_once(floor: TradingFloor) -> None:
    await buy(floor)
    floor.renew(StopsRefused(floor, refusals=1))

    await floor.instant(OPEN)

    first, second = await floor.stops()
    assert (first["status"], second["status"], second["attempt"]) == ("rejected", "accepted", 2)
    assert await floor.all("position_exits") == []


async def test_after_two_refusals_the_position_is_sold_with_a_critical_alert(floor: TradingFloor) -> None:
    await buy(floor)
    floor.renew(StopsRefused(floor, refusals=9))

    await floor.instant(OPEN)

    _, leaving = await floor.orders()
    (asked,) = await floor.all("position_exits")
    (alert,) = await floor.database.rows("SELECT severity, subject FROM alerts WHERE kind = 'emergency_exit'")
    assert len(await floor.stops()) == 2
    assert (leaving["cause"], leaving["type"], leaving["status"]) == ("emergency_exit", "market", "accepted")
    assert (asked["reason"], asked["asked_by"]) == ("emergency_exit", "protection")
    assert (alert["severity"], alert["subject"]) == ("critical", "UNH")
    await floor.instant(after(2).opens_at)
    assert await held(floor) == 0


async def test_a_lost_answer_is_not_a_second_stop(floor: TradingFloor) -> None:
    await buy(floor)
    faulty = FaultyBroker(floor.broker, submit="after")
    floor.renew(faulty)

    await floor.instant(OPEN)

    assert [row["status"] for row in await floor.stops()] == ["accepted"]
    assert len(await at_the_exchange(floor)) == faulty.submissions == 1


async def test_a_stop_that_is_not_live_in_ten_seconds_gives_the_position_up(floor: TradingFloor) -> None:
    await buy(floor)
    floor.renew(StopsRefused(floor, silences=1))
    booked = await floor.book(OPEN)
    with pytest.raises(Unreachable):
        await floor.deliver(booked, OPEN)

    await floor.book(OPEN + 10 * SECOND)
    assert await floor.all("position_exits") == []
    late = await floor.book(OPEN + 11 * SECOND)

    assert [row["reason"] for row in await floor.all("position_exits")] == ["emergency_exit"]
    await floor.deliver(booked, OPEN + 12 * SECOND)
    await floor.deliver(late, OPEN + 12 * SECOND)
    (resting,) = await at_the_exchange(floor)
    assert (resting["type"], resting["quantity"]) == ("market", await held(floor))


async def test_a_stop_that_waits_for_the_books_to_agree_after_a_start_is_given_its_time(floor: TradingFloor) -> None:
    await buy(floor)
    booked = await floor.book(OPEN)
    other = Slower(floor.broker)
    floor.renew(other)

    for second in range(1, 26, 5):
        await floor.book(OPEN + second * SECOND)
    other.agrees = True
    await floor.book(OPEN + 26 * SECOND)
    await floor.deliver(booked, OPEN + 27 * SECOND)

    assert [row["status"] for row in await floor.stops()] == ["accepted"]
    assert await floor.all("position_exits") == []


async def test_a_stop_that_somebody_cancels_is_made_anew(floor: TradingFloor) -> None:
    await buy(floor)
    await floor.instant(OPEN)
    (stop,) = await floor.stops()
    await floor.broker.cancel(stop["client_order_id"], OPEN + MINUTE)

    await floor.instant(OPEN + 2 * MINUTE)

    assert [row["status"] for row in await floor.stops()] == ["canceled", "accepted"]


async def test_given_up_is_sold_at_the_market_and_done_when_flat(floor: TradingFloor) -> None:
    await buy(floor)
    await floor.instant(OPEN)
    await surrender(floor)

    await floor.instant(OPEN + 10 * MINUTE)
    (resting,) = await at_the_exchange(floor)
    (stop,) = await floor.stops()
    (waiting,) = await floor.all("position_exits")
    await floor.instant(after(2).opens_at)

    (done,) = await floor.all("position_exits")
    assert (resting["type"], stop["status"], waiting["done_at"]) == ("market", "canceled", None)
    assert (await held(floor), done["done_at"]) == (0, after(2).opens_at)
    assert await at_the_exchange(floor) == []


async def test_nothing_held_is_done_at_the_next_look(floor: TradingFloor) -> None:
    await surrender(floor)

    await floor.book(OPEN)

    (asked,) = await floor.all("position_exits")
    assert asked["done_at"] == OPEN


async def test_exits_pass_while_breakers_are_open_and_entries_are_paused(floor: TradingFloor) -> None:
    await buy(floor)
    await floor.database.insert("breakers", {"scope": "global", "kind": "DRAWDOWN", "state": "open"})
    await floor.database.rows("UPDATE trading_state SET state = 'reducing'")

    await floor.instant(OPEN)
    protected = await at_the_exchange(floor)
    await surrender(floor)
    await floor.instant(OPEN + MINUTE)

    assert [row["type"] for row in protected] == ["stop"]
    assert [row["type"] for row in await at_the_exchange(floor)] == ["market"]


async def test_a_halt_leaves_stops_where_they_are_and_sends_nothing(floor: TradingFloor) -> None:
    await buy(floor)
    await floor.instant(OPEN)
    await floor.database.rows("UPDATE trading_state SET state = 'halted'")
    await surrender(floor)

    await floor.instant(OPEN + MINUTE)
    assert [row["type"] for row in await at_the_exchange(floor)] == ["stop"]
    await floor.database.rows("UPDATE trading_state SET state = 'reducing'")
    await floor.instant(OPEN + 2 * MINUTE)

    assert [row["type"] for row in await at_the_exchange(floor)] == ["market"]


async def test_a_fill_in_a_halt_gets_no_stop_and_one_critical_alert_until_the_halt_is_over(floor: TradingFloor) -> None:
    await buy(floor)
    await floor.database.rows("UPDATE trading_state SET state = 'halted'")

    for seconds in range(3):
        await floor.instant(OPEN + seconds * SECOND)
    warned = await floor.database.rows("SELECT severity FROM alerts WHERE kind = 'unprotected'")
    bare = await at_the_exchange(floor)
    await floor.database.rows("UPDATE trading_state SET state = 'active'")
    await floor.instant(OPEN + 3 * SECOND)

    assert ([row["severity"] for row in warned], bare) == (["critical"], [])
    assert [row["type"] for row in await at_the_exchange(floor)] == ["stop"]


async def test_a_recommended_sale_takes_the_stop_back_and_is_sold_once(floor: TradingFloor) -> None:
    await buy(floor)
    await floor.instant(OPEN)
    await floor.recommend(2, "UNH", OPEN + 20 * MINUTE, action="sell")

    await floor.instant(OPEN + 20 * MINUTE)
    await floor.instant(after(2).opens_at)

    (stop,) = await floor.stops()
    assert (stop["status"], await held(floor)) == ("canceled", 0)
    assert await at_the_exchange(floor) == []


async def test_a_stop_that_fills_while_a_sale_is_on_its_way_leaves_nothing_to_sell(floor: TradingFloor) -> None:
    await buy(floor, "JPM")
    await floor.instant(OPEN)
    await surrender(floor, "JPM")
    asked = await floor.book(after(2).opens_at)  # the sale is made; its job comes late
    closing = after(2).closes_at
    with pytest.raises(Conflict):
        await floor.deliver(asked, closing)
    await floor.book(closing)
    await floor.deliver(asked, closing)

    (stop,) = await floor.stops()
    _, sale = await floor.orders()
    assert (stop["status"], sale["status"]) == ("filled", "canceled")
    assert (await held(floor), await at_the_exchange(floor)) == (0, [])
    assert len(await floor.database.rows("SELECT FROM exchange_orders WHERE side = 'sell'")) == 1


async def test_a_sale_that_the_gates_refuse_takes_no_stop_back(floor: TradingFloor) -> None:
    await buy(floor)
    await floor.instant(OPEN)
    await surrender(floor)
    faulty = FaultyBroker(floor.broker, price="none")
    floor.renew(faulty)

    await floor.instant(OPEN + 10 * MINUTE)

    _, sale = await floor.orders()
    assert sale["status"] == "denied"
    assert [row["type"] for row in await at_the_exchange(floor)] == ["stop"]


async def test_before_a_split_the_stop_is_taken_back_and_after_it_one_at_the_new_price_rests(
    floor: TradingFloor,
) -> None:
    await buy(floor)
    await floor.instant(OPEN)
    (stop,) = await floor.stops()
    ex_date = after(3).day
    action = {"type": "split", "ex_date": ex_date, "ratio": Decimal(4), "known_at": OPEN}
    await floor.database.insert("corporate_actions", action | {"ticker": "UNH"})

    await floor.instant(after(2).opens_at)
    before = await at_the_exchange(floor)
    await floor.instant(after(2).closes_at)
    overnight = await at_the_exchange(floor)
    await floor.instant(after(3).opens_at)

    (after_it,) = await at_the_exchange(floor)
    assert [row["stop_price"] for row in before] == [stop["stop_price"]]
    assert overnight == []
    assert after_it["quantity"] == 4 * stop["quantity"] == await held(floor)
    assert abs(after_it["stop_price"] * 4 - stop["stop_price"]) < Decimal("0.04")
    assert after_it["accepted_at"] == after(3).opens_at


async def test_polls_at_once_make_one_stop(floor: TradingFloor) -> None:
    await buy(floor)
    await floor.book(OPEN)
    await floor.database.rows("DELETE FROM orders WHERE leg = 'stop'")

    works = [FakeWork[None](floor.store, None, OPEN + SECOND) for _ in range(4)]
    for work in works:
        await floor.clerk.poll(work)

    assert len(await floor.stops()) == 1


async def test_while_a_file_halts_the_account_a_sale_that_may_not_go_takes_no_stop_with_it(
    floor: TradingFloor, tmp_path: Path
) -> None:
    await buy(floor)
    await floor.instant(OPEN)
    settings = Settings.model_construct(data_dir=tmp_path)
    settings.halt_file.touch()
    floor.courier = Courier(some_ports(store=floor.store, broker=floor.broker, queue=floor.marks, settings=settings))

    await surrender(floor)
    await floor.deliver(await floor.book(OPEN + MINUTE), OPEN + MINUTE)

    assert [(row["type"], row["side"]) for row in await at_the_exchange(floor)] == [("stop", "sell")]
    (sale,) = [row for row in await floor.orders() if row["leg"] == "exit"]
    assert (sale["status"], sale["status_reason"]) == ("denied", "TRADING_HALTED")
