"""The exchange that ``stonks exchange serve`` opens, on the bundled tape."""

from datetime import UTC, datetime

import pytest
from aiohttp import ClientSession

from stonks.app import ExchangeOptions, Servers, open_exchange
from stonks.model.errors import SettingError
from stonks.settings import read_settings
from tests.fakes.exchange import KEYS

ORDER = {"symbol": "AAPL", "qty": "1", "side": "buy", "type": "market", "time_in_force": "day"}
NOON, LATER = datetime(2025, 4, 7, 16, tzinfo=UTC), datetime(2025, 4, 9, 16, tzinfo=UTC)


@pytest.mark.filterwarnings("ignore:Series.values")  # exchange_calendars on pandas 3.1
async def test_it_goes_on_where_its_orders_had_come_to(database_url: str) -> None:
    servers = Servers(database_url=database_url, redis_url="")
    options = ExchangeOptions(at=NOON, rate=0, simulated=True)

    async with (
        open_exchange(read_settings(), servers, options) as address,
        ClientSession(address, headers=KEYS) as session,
    ):
        placed = await session.post("/v2/orders", json=ORDER)
        await session.post("/_sim/clock", json={"now": LATER.isoformat()})
    async with (
        open_exchange(read_settings(), servers, options._replace(at=None, simulated=False)) as address,
        ClientSession(address, headers=KEYS) as session,
    ):
        clock = await (await session.get("/v2/clock")).json()
        held = await (await session.get("/v2/positions/AAPL")).json()
        asset = await (await session.get("/v2/assets/AAPL")).json()

    assert placed.ok
    assert clock["timestamp"] == "2025-04-08T13:30:00Z"
    assert clock["next_close"] == "2025-04-08T20:00:00Z"
    assert held["qty"] == "1"
    assert asset["name"] == "Apple Inc."


async def test_a_port_that_is_taken_is_named(database_url: str) -> None:
    servers = Servers(database_url=database_url, redis_url="")

    async with open_exchange(read_settings(), servers, ExchangeOptions()) as address:
        port = int(address.rpartition(":")[2])
        with pytest.raises(SettingError, match="--port"):
            async with open_exchange(read_settings(), servers, ExchangeOptions(port=port)):
                pass
