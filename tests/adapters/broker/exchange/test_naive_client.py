"""Why an order is sent once under an id of its own: who just tries again buys twice wherever an answer is lost."""

import asyncio
from contextlib import suppress
from datetime import date, timedelta

import pytest
from alpaca.common.exceptions import APIError
from alpaca.trading.client import TradingClient
from alpaca.trading.enums import OrderSide, TimeInForce
from alpaca.trading.requests import MarketOrderRequest
from requests import RequestException

from stonks.ports.store import Store
from tests.fakes.exchange import exchange
from tests.fakes.facts import bar

BARS = [bar(date(2025, 4, day), (100, 105, 95, 101)) for day in (11, 14)]
MORNING = BARS[1].starts_at - timedelta(hours=1)


def buy(client: TradingClient, name: str | None) -> None:
    """Try up to three times, as a loop around Alpaca's own client does."""
    order = MarketOrderRequest(
        symbol="AAPL", qty=10, side=OrderSide.BUY, time_in_force=TimeInForce.DAY, client_order_id=name
    )
    for _ in range(3):
        with suppress(APIError, RequestException, TypeError):
            client.submit_order(order)
            return


@pytest.mark.parametrize(
    ("kind", "naive"),
    [("504_after", 2), ("504_before", 1), ("reset_after", 2), ("empty_200", 2), ("422_duplicate", 2), ("slow", 1)],
)
async def test_who_tries_again_without_an_id_buys_twice(store: Store, kind: str, naive: int) -> None:
    async with exchange(store, BARS, MORNING) as served:
        client = TradingClient("any", "key", url_override=served.address)
        client._retry_wait = 0  # noqa: SLF001 - three seconds otherwise
        await served.simulate("faults", kind=kind, seconds=0.1)
        await asyncio.to_thread(buy, client, None)
        without = len(await asyncio.to_thread(client.get_orders))
        await served.simulate("faults", kind=kind, seconds=0.1)
        await asyncio.to_thread(buy, client, "one")

        assert without == naive
        assert len(await asyncio.to_thread(client.get_orders)) == naive + 1
