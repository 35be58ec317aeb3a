from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

import pytest

from stonks.model.errors import Unreachable
from stonks.model.job import BrokerOrderJob
from stonks.ports.broker import Broker
from stonks.settings import Settings
from stonks.stages.broker.clerk import Clerk
from tests.fakes.broker import FaultyBroker
from tests.fakes.floor import ELEVEN, TODAY, TradingFloor, after
from tests.fakes.ports import some_ports
from tests.fakes.work import FakeWork

MINUTE = timedelta(minutes=1)
TOMORROW = after(1)
NAMES = UUID(int=5)


async def hold_one(floor: TradingFloor, ticker: str = "AAPL") -> None:
    """Buy some of a stock today; tomorrow's open fills it."""
    await floor.book(TODAY.opens_at)
    await floor.recommend(1, ticker)
    work = await floor.trade(ELEVEN)
    (job,) = work.followed
    assert isinstance(job, BrokerOrderJob)
    await floor.courier(FakeWork(floor.store, job, ELEVEN))


async def breakers(floor: TradingFloor) -> dict[str, dict[str, Any]]:
    return {f"{row['kind']}@{row['scope']}": row for row in await floor.all("breakers", "scope, kind")}


async def states(floor: TradingFloor) -> dict[str, str]:
    return {name: row["state"] for name, row in (await breakers(floor)).items()}


async def counts(floor: TradingFloor) -> int:
    return int(await floor.database.value("SELECT count(*) FROM portfolio_snapshots"))


def live_clerk(floor: TradingFloor, broker: Broker | None = None) -> Clerk:
    """A clerk whose broker's prices move all the time."""
    settings = Settings.model_construct(broker_url="alpaca:paper")
    return Clerk(some_ports(store=floor.store, broker=broker or floor.broker, queue=floor.marks, settings=settings))


# ------------------------------------------------------------------------------------------------ when it is counted


async def seem_counted_at_the_edge(floor: TradingFloor) -> None:
    """Let the last count be one of tomorrow's open, so that this edge asks for no other."""
    statement = "UPDATE portfolio_snapshots SET as_of = $1 WHERE as_of = (SELECT max(as_of) FROM portfolio_snapshots)"
    await floor.database.rows(statement, TOMORROW.opens_at)


async def test_a_count_that_failed_after_booking_is_made_up_for_at_the_next_poll(floor: TradingFloor) -> None:
    await hold_one(floor)
    broker = FaultyBroker(floor.broker)
    floor.renew(broker)
    await floor.book(TODAY.closes_at)
    broker.faults["account"] = "before"
    with pytest.raises(Unreachable):
        await floor.book(TOMORROW.opens_at)  # the fill is booked, the count is not made
    await seem_counted_at_the_edge(floor)
    booked, counted = len(await floor.all("fills")), await counts(floor)

    await floor.book(TOMORROW.opens_at + timedelta(seconds=10))
    await floor.book(TOMORROW.opens_at + timedelta(seconds=20))

    assert (booked, await counts(floor)) == (1, counted + 1)


async def test_a_failed_count_is_made_up_for_after_a_crash_too(floor: TradingFloor) -> None:
    await hold_one(floor)
    await floor.book(TODAY.closes_at)
    floor.renew(FaultyBroker(floor.broker, account="before"))
    with pytest.raises(Unreachable):
        await floor.book(TOMORROW.opens_at)
    await seem_counted_at_the_edge(floor)
    counted = await counts(floor)

    floor.renew()
    await floor.book(TOMORROW.opens_at + timedelta(seconds=10))

    assert await counts(floor) == counted + 1


async def test_where_prices_move_the_account_is_counted_every_minute_of_a_session(floor: TradingFloor) -> None:
    clerk = live_clerk(floor)
    for seconds in (0, 10, 59, 60, 70, 130):
        await clerk.poll(FakeWork[None](floor.store, None, ELEVEN + timedelta(seconds=seconds)))
    await clerk.poll(FakeWork[None](floor.store, None, TODAY.closes_at))
    before = await counts(floor)
    await clerk.poll(FakeWork[None](floor.store, None, TODAY.closes_at + timedelta(hours=2)))

    assert (before, await counts(floor)) == (4, 4)


async def test_at_the_built_in_exchange_a_quiet_session_is_counted_at_its_edges_alone(floor: TradingFloor) -> None:
    for hours in range(6):
        await floor.book(TODAY.opens_at + timedelta(hours=hours))
    assert await counts(floor) == 1


# ------------------------------------------------------------------------------------------------ what trips


async def test_the_second_level_of_a_days_loss_has_every_position_given_up_once(floor: TradingFloor) -> None:
    await hold_one(floor)
    await floor.book(TOMORROW.opens_at)
    await floor.database.rows("UPDATE trading_state SET day_start_equity = 120000")
    await floor.book(TOMORROW.closes_at)
    await floor.book(after(2).opens_at)

    (exit_,) = await floor.all("position_exits")
    assert (exit_["ticker"], exit_["reason"], exit_["asked_by"]) == ("AAPL", "DAILY_FLATTEN", "breaker:DAILY_FLATTEN")
    assert exit_["asked_at"] == TOMORROW.closes_at


async def test_a_breaker_tells_what_was_measured_from_when_by_whom_and_what_a_reset_does(floor: TradingFloor) -> None:
    await floor.book(TODAY.opens_at)
    await floor.database.rows("UPDATE trading_state SET high_water_mark = 120000")
    await floor.book(TODAY.closes_at)

    row = (await breakers(floor))["DRAWDOWN@global"]
    assert row["observed"] == pytest.approx(-1 / 6)
    assert (row["limit_"], row["opener"], row["opened_at"]) == (-0.10, "measured", TODAY.closes_at)
    assert set(row["inputs"]) == {"equity"}
    assert "from its best, from 120,000.00 to 100,000.00 dollars" in row["reason"]
    assert "A reset closes DRAWDOWN for the whole account" in row["reason"]


async def refuse(floor: TradingFloor, number: int, *, rejected: bool, leg: str = "entry") -> None:
    """Keep an order that was sent at eleven, and what the broker made of it."""
    order = uuid5(NAMES, str(number))
    status = "rejected" if rejected else "filled"
    await floor.database.insert(
        "orders",
        {
            "id": order,
            "account": "paper",
            "leg": leg,
            "attempt": number,
            "client_order_id": f"so-{number}",
            "ticker": "AAPL",
            "side": "buy",
            "type": "market",
            "quantity": Decimal(1),
            "time_in_force": "day",
            "reduce_only": False,
            "source": "engine",
            "cause": "test",
            "status": status,
            "created_at": ELEVEN + number * timedelta(seconds=1),
            "updated_at": ELEVEN,
        },
    )
    for seq, kind in enumerate(("claimed", status)):
        event = {"order_id": order, "seq": seq, "kind": kind, "dedupe_key": kind, "source": "rest", "at": ELEVEN}
        await floor.database.insert("order_events", event)


async def test_refused_orders_open_half_open_and_close_by_what_becomes_of_the_probe(floor: TradingFloor) -> None:
    await floor.book(TODAY.opens_at)
    for number in range(5):
        await refuse(floor, number, rejected=number < 2)

    await floor.book(ELEVEN + timedelta(seconds=10))
    opened = await states(floor)
    await floor.book(ELEVEN + 6 * MINUTE)
    half = await states(floor)
    await refuse(floor, 400, rejected=False)  # created 400 seconds after eleven: the probe
    await floor.book(ELEVEN + 8 * MINUTE)

    assert (opened, half) == ({"ORDER_ERRORS@broker": "open"}, {"ORDER_ERRORS@broker": "half_open"})
    assert await states(floor) == {"ORDER_ERRORS@broker": "closed"}


async def test_a_probe_that_is_refused_opens_again(floor: TradingFloor) -> None:
    await floor.book(TODAY.opens_at)
    for number in range(5):
        await refuse(floor, number, rejected=True)
    await floor.book(ELEVEN + timedelta(seconds=10))
    await floor.book(ELEVEN + 6 * MINUTE)
    await refuse(floor, 400, rejected=True)
    await floor.book(ELEVEN + 8 * MINUTE)

    row = (await breakers(floor))["ORDER_ERRORS@broker"]
    assert (row["state"], row["opened_at"]) == ("open", ELEVEN + 8 * MINUTE)


async def test_a_model_whose_answers_do_not_hold_makes_recommendations_advisory(floor: TradingFloor) -> None:
    for number in range(20):
        await floor.database.insert(
            "llm_calls",
            {
                "id": uuid5(NAMES, f"call{number}"),
                "agent": "document-extractor",
                "model": "m",
                "prompt_version": "1",
                "cache_key": str(number),
                "outcome": "repair",
                "attempt": 1,
                "verdicts": [
                    {"check": "nonce", "passed": True},
                    {"check": "quote", "passed": number > 7},
                    {"check": "number", "passed": True},
                ],
                "called_at": ELEVEN - MINUTE,
            },
        )

    await floor.book(ELEVEN)

    row = (await breakers(floor))["LLM_QUALITY@signals"]
    assert (row["state"], row["observed"]) == ("open", 8 / 40)


async def test_three_trades_that_lost_lock_their_ticker_alone(floor: TradingFloor) -> None:
    await floor.book(TODAY.opens_at)
    await refuse(floor, 1, rejected=False)
    for number in range(6):
        await floor.database.insert(
            "fills",
            {
                "id": uuid5(NAMES, f"fill{number}"),
                "order_id": uuid5(NAMES, "1"),
                "account": "paper",
                "execution_id": f"x{number}",
                "ticker": "JPM",
                "side": "sell" if number % 2 else "buy",
                "quantity": Decimal(1),
                "price": Decimal(99 if number % 2 else 100),
                "fee": Decimal(0),
                "at": TODAY.opens_at + number * MINUTE,
            },
        )
    await floor.database.rows("UPDATE trading_state SET execution_cursor = 'x5'")

    await floor.database.rows("UPDATE trading_state SET counted_cursor = NULL")
    await floor.clerk._counter.count(  # noqa: SLF001 - the paper exchange knows nothing of these executions
        FakeWork[None](floor.store, None, ELEVEN),
        await floor.clerk._watch(ELEVEN),  # noqa: SLF001
    )

    assert await states(floor) == {"LOW_PROFIT@ticker:JPM": "open"}


async def test_redis_shows_every_breaker_again_after_it_was_wiped(floor: TradingFloor) -> None:
    await floor.book(TODAY.opens_at)
    await floor.database.rows("UPDATE trading_state SET high_water_mark = 120000")
    await floor.book(TODAY.closes_at)
    floor.marks.shown.clear()

    await floor.book(TOMORROW.opens_at)

    assert floor.marks.shown["trading:circuit_breaker:global:DRAWDOWN"] == "open"


async def half_open(floor: TradingFloor) -> None:
    """Have the broker's errors open a breaker and half open it six minutes after eleven."""
    await floor.book(TODAY.opens_at)
    for number in range(5):
        await refuse(floor, number, rejected=True)
    await floor.book(ELEVEN + timedelta(seconds=10))
    await floor.book(ELEVEN + 6 * MINUTE)


async def test_a_half_open_breaker_lets_one_entry_of_a_probes_size_pass_and_the_broker_take_it(
    floor: TradingFloor,
) -> None:
    await half_open(floor)
    at = ELEVEN + 7 * MINUTE
    await floor.recommend(1, "AAPL", at=at)
    await floor.recommend(2, "JPM", at=at)

    work = await floor.trade(at)
    await floor.deliver(work, at)
    decided = {row["ticker"]: row for row in await floor.all("trading_decisions")}
    (probe,) = [row for row in await floor.all("orders") if row["decision_id"] is not None]

    assert probe["quantity"] * 100 <= 100_000 * Decimal("0.005")
    assert decided[probe["ticker"]]["clamps"][-1]["code"] in {"PROBE", "CONTRADICTION"}
    assert "PROBE" in {clamp["code"] for clamp in decided[probe["ticker"]]["clamps"]}
    assert {row["primary_reason"] for row in decided.values()} == {None, "BREAKER_OPEN"}
    assert probe["status"] == "accepted"
    await floor.book(at + 2 * MINUTE)
    assert await states(floor) == {"ORDER_ERRORS@broker": "closed"}


async def test_what_was_decided_before_a_breaker_half_opened_is_no_probe(floor: TradingFloor) -> None:
    await floor.book(TODAY.opens_at)
    await floor.recommend(1, "AAPL")
    work = await floor.trade(ELEVEN)
    await half_open(floor)

    await floor.deliver(work, ELEVEN + 7 * MINUTE)

    (order,) = [row for row in await floor.all("orders") if row["decision_id"] is not None]
    assert (order["status"], order["status_reason"]) == ("denied", "BREAKER_OPEN")


async def test_a_week_of_losses_halves_what_is_bought_and_keeps_nothing_from_being_bought(floor: TradingFloor) -> None:
    await floor.book(TODAY.opens_at)
    row = {"scope": "global", "kind": "WEEKLY_LOSS", "state": "open", "observed": -0.06, "limit_": -0.05}
    await floor.database.insert("breakers", row | {"opened_at": ELEVEN, "changed_at": ELEVEN})
    await floor.recommend(1, "AAPL")
    await floor.trade(ELEVEN)

    (decision,) = await floor.all("trading_decisions")
    clamp = next(each for each in decision["clamps"] if each["code"] == "WEEKLY_LOSS")
    assert decision["verdict"] == "act"
    assert clamp["after"] == pytest.approx(clamp["before"] / 2)


@pytest.mark.parametrize("kind", ["DRAWDOWN", "DAILY_FLATTEN", "STALE_DATA", "RECON_MISMATCH"])
async def test_exits_pass_while_a_breaker_is_open(floor: TradingFloor, kind: str) -> None:
    await hold_one(floor)
    await floor.book(TOMORROW.opens_at)
    row = {"scope": "global", "kind": kind, "state": "open", "opened_at": ELEVEN, "changed_at": ELEVEN}
    await floor.database.insert("breakers", row)
    await floor.recommend(2, "AAPL", at=TOMORROW.opens_at + 30 * MINUTE, action="sell")
    await floor.recommend(3, "UNH", at=TOMORROW.opens_at + 30 * MINUTE)

    at = TOMORROW.opens_at + 31 * MINUTE
    await floor.deliver(await floor.trade(at), at)

    decided = {row["ticker"]: row["primary_reason"] for row in await floor.all("trading_decisions", "decided_at")}
    (sale,) = [row for row in await floor.all("orders") if row["leg"] == "exit"]
    assert decided == {"AAPL": None, "UNH": "BREAKER_OPEN"}
    assert sale["status"] == "accepted"
