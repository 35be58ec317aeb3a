"""What Alpaca really answered: recorded bodies of its trading and data APIs."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from stonks.adapters.broker.alpaca.broker import Cash, Held
from stonks.adapters.broker.alpaca.orders import AlpacaOrder, report
from stonks.adapters.broker.alpaca.prices import Quotes
from stonks.adapters.broker.alpaca.reply import Outcome, Reply
from stonks.model.order import OrderEventKind as Kind, Side

pytestmark = pytest.mark.recorded


def bodies(recorded: Path, name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((recorded / "api-fixtures" / "alpaca" / f"{name}.json").read_text())
    return read


def orders_in(body: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - whatever JSON has
    """Every order in a body, however deep."""
    if isinstance(body, list):
        return [order for each in body for order in orders_in(each)]
    if not isinstance(body, dict):
        return []
    return [body] if "client_order_id" in body else [order for each in body.values() for order in orders_in(each)]


def test_every_recorded_order_is_understood(recorded: Path) -> None:
    found = orders_in([bodies(recorded, name) for name in ("test_order_routes", "test_position_routes")])

    reports = [
        report(msgspec.convert(order, AlpacaOrder, strict=False), order["client_order_id"])
        for order in found
        if order["symbol"] and order["side"]
    ]

    assert len(reports) >= 10
    assert {each.side for each in reports} == {Side.BUY, Side.SELL}
    assert reports[0].kind is Kind.ACCEPTED
    assert reports[0].quantity == Decimal(1)


def test_the_recorded_account_and_positions_are_read_digit_by_digit(recorded: Path) -> None:
    account = bodies(recorded, "test_account_routes")["test_get_account#1"]
    positions = bodies(recorded, "test_position_routes")["test_get_all_positions#1"]

    assert msgspec.convert(account, Cash).cash == Decimal("-23140.2")
    assert Held("AAPL", Decimal(5), avg_entry_price=Decimal(100)) in msgspec.convert(positions, list[Held])


def test_the_recorded_quote_is_a_price(recorded: Path) -> None:
    body = bodies(recorded, "test_historical_stock_data")["test_get_latest_quote#1"]

    quote = msgspec.json.decode(json.dumps(body), type=Quotes).quotes["AAPL"]

    assert (quote.bp, quote.ap) == (Decimal("161.1"), Decimal("161.11"))


def test_the_recorded_refusal_says_that_there_is_nothing(recorded: Path) -> None:
    refused = bodies(recorded, "test_order_routes")["test_cancel_orders#1"][1]
    reply = Reply(url="", status=refused["status"], headers={}, body=json.dumps(refused["body"]).encode(), hide=str)

    assert (reply.outcome, reply.words) == (Outcome.ABSENT, "order not found")
