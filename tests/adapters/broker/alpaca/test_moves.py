"""Fees, dividends and transfers, read page by page over HTTP on loopback."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from decimal import Decimal

import pytest
import pytest_asyncio
from pydantic import SecretStr

from stonks.adapters.broker.alpaca.moves import PAGE, moves
from stonks.adapters.broker.alpaca.wire import TRADING, Keys, Outlet, Pace, Wire, open_session
from stonks.model.errors import Unreachable
from tests.fakes.alpaca import KEY, SECRET, Alpaca, open_exchange
from tests.fakes.web import OpenBudget

DAY = date(2025, 4, 9)


@pytest_asyncio.fixture
async def alpaca() -> AsyncIterator[Alpaca]:
    async with open_exchange() as exchange:
        yield exchange


@pytest_asyncio.fixture
async def wire(alpaca: Alpaca) -> AsyncIterator[Wire]:
    keys = Keys(id=SecretStr(KEY), secret=SecretStr(SECRET))
    pace = Pace(turn=timedelta(), answer=timedelta(milliseconds=250))
    async with open_session() as session:
        yield Wire(Outlet(session=session, keys=keys, budget=OpenBudget(), pace=pace), alpaca.base, TRADING)


def told(number: int, day: date = DAY, **more: str) -> dict[str, str]:
    return {"id": f"{number:06}", "activity_type": "FEE", "date": day.isoformat(), "net_amount": "-0.01", **more}


async def test_pages_are_read_to_the_end_and_what_moved_nothing_is_left_out(alpaca: Alpaca, wire: Wire) -> None:
    alpaca.moves = [told(number) for number in range(2 * PAGE)] + [
        told(9998, status="canceled"),
        told(9999, net_amount="0"),
    ]

    found = await moves(wire, None)

    assert len(found) == len({move.id for move in found}) == 2 * PAGE
    assert (found[0].amount, found[0].day, found[0].ticker) == (Decimal("-0.01"), DAY, None)


async def test_a_day_is_read_whole_again_and_those_before_it_are_not(alpaca: Alpaca, wire: Wire) -> None:
    alpaca.moves = [told(1, DAY - timedelta(days=1)), told(2), told(3, DAY + timedelta(days=1), status="executed")]

    assert [move.id for move in await moves(wire, DAY)] == ["000002", "000003"]


@pytest.mark.parametrize("fault", ["504_before", "empty_after", "other_after"])
async def test_an_answer_that_says_nothing_is_not_an_empty_one(alpaca: Alpaca, wire: Wire, fault: str) -> None:
    alpaca.faults["moves"] = [fault]

    with pytest.raises(Unreachable):
        await moves(wire, None)
