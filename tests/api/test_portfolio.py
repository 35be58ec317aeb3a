"""What is held and what it is worth."""

import re
from datetime import datetime
from decimal import Decimal

from tests.fakes.seed import NOW
from tests.fakes.world import World

PLAIN = re.compile(r"-?\d+(\.\d+)?")


async def test_a_position_is_worth_its_quantity_at_the_last_price(world: World) -> None:
    found = (await world.get("/positions"))["items"]

    assert found
    for row in found:
        quantity, price = Decimal(row["quantity"]), Decimal(row["last_price"])
        assert Decimal(row["market_value"]) == round(quantity * price, 2)
        assert Decimal(row["unrealized"]) == round(quantity * (price - Decimal(row["average_price"])), 2)


async def test_closed_positions_are_shown_when_asked_for(world: World) -> None:
    held, every = (await world.get("/positions"))["items"], (await world.get("/positions", closed=True))["items"]

    assert 0 < len(held) < len(every)
    assert held == [row for row in every if Decimal(row["quantity"]) != 0]


async def test_equity_goes_forward_and_never_above_its_high_water_mark(world: World) -> None:
    points = (await world.get("/portfolio/equity"))["points"]

    instants = [datetime.fromisoformat(point["as_of"]) for point in points]
    assert instants == sorted(instants)
    assert len(points) > 15
    for point in points:
        equity, mark = Decimal(point["equity"]), Decimal(point["high_water_mark"])
        assert equity <= mark
        assert abs(point["drawdown"] - float(1 - equity / mark)) < 1e-9


async def test_money_is_written_out_as_a_plain_decimal(world: World) -> None:
    await world.connection.execute(
        "INSERT INTO portfolio_snapshots VALUES ('paper', $1, 40000, 60000, 60000, 100000, 200000)", NOW
    )

    newest = (await world.get("/portfolio/equity"))["points"][-1]
    status = await world.get("/trading/status")

    figures = [newest[name] for name in ("equity", "cash", "gross", "net")] + [status["equity"], status["day_profit"]]
    assert all(PLAIN.fullmatch(figure) for figure in figures), figures
    assert newest["drawdown"] == 0.5


async def test_status_tells_state_worth_and_breakers(world: World) -> None:
    status = await world.get("/trading/status")

    assert (status["state"], status["account"]) == ("active", "paper")
    assert status["acted"] == len(world.seeded.acted)
    assert status["skipped"] == len(world.seeded.skipped)
    assert [breaker["state"] for breaker in status["breakers"]] == ["closed", "closed", "open"]


async def test_an_account_that_never_traded_is_told_so(world: World) -> None:
    await world.connection.execute("TRUNCATE trading_state, portfolio_snapshots")

    status = await world.get("/trading/status")

    assert (status["state"], status["equity"], status["drawdown"]) == ("not_started", None, None)
