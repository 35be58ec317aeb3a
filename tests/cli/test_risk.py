"""``stonks risk`` and ``stonks approvals`` as a user runs them, with no API there."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from stonks.cli.risk_text import approvals_as_text, verdict_as_text
from stonks.ports.store import Store
from stonks.risk.evaluate import GATES
from stonks.stages.trading.approvals import Approvals
from tests.fakes.command import stonks
from tests.fakes.floor import TradingFloor, three_stocks
from tests.fakes.requests import ANN, ask_above, floor_ports, open_floor, place, request
from tests.fakes.rows import open_database

LATER = datetime(2100, 1, 1, tzinfo=UTC)


@pytest_asyncio.fixture
async def floor(store: Store, database_url: str) -> AsyncIterator[TradingFloor]:
    """A floor that is open."""
    async with open_database(database_url) as database:
        floor = TradingFloor(store, database, three_stocks())
        await floor.furnish()
        await open_floor(floor)
        yield floor


async def test_an_order_that_would_not_go_is_printed_with_its_gates_and_is_a_problem(
    floor: TradingFloor, database_url: str, redis_url: str, tmp_path: Path
) -> None:
    arguments = ("risk", "evaluate", "--ticker", "aapl", "--side", "buy", "--qty", "40", "--json")

    code, printed = await stonks((database_url, redis_url, str(tmp_path)), *arguments)

    body = json.loads(printed)
    assert (code, body["verdict"], body["ticker"]) == (1, "denied", "AAPL")
    assert {check["gate"] for check in body["checks"]} >= {gate.name for gate in GATES}
    assert body["asked_by"].startswith("cli:")
    assert await floor.store.value("requests.answered", id=body["evaluation_id"]) is not None


async def test_what_waits_is_allowed_by_a_command(
    floor: TradingFloor, database_url: str, redis_url: str, tmp_path: Path
) -> None:
    await ask_above(floor, 0.01)
    verdict, _ = await place(floor, request())
    async with open_database(database_url) as database:
        await database.rows("UPDATE approvals SET expires_at = $1", LATER)
    urls = database_url, redis_url, str(tmp_path)

    listed = await stonks(urls, "approvals", "list")
    mute = await stonks(urls, "approvals", "approve", str(verdict.approval_id), "--reason", "  ok  "[:3])
    said = await stonks(urls, "approvals", "approve", str(verdict.approval_id)[:8], "--reason", "seen", "--json")
    again = await stonks(urls, "approvals", "reject", str(verdict.approval_id), "--reason", "too late")

    assert (listed[0], str(verdict.approval_id) in listed[1]) == (0, True)
    assert (mute[0], "say why" in mute[1]) == (2, True)
    assert (said[0], json.loads(said[1])["state"]) == (0, "approved")
    assert (again[0], "is approved already" in again[1]) == (1, True)


async def test_an_order_by_hand_is_explained_by_who_asked_why_and_every_gate(
    floor: TradingFloor, database_url: str, redis_url: str, tmp_path: Path
) -> None:
    verdict, _ = await place(floor, request())
    urls = database_url, redis_url, str(tmp_path)

    told = await stonks(urls, "explain", str(verdict.order_id))
    encoded = await stonks(urls, "explain", str(verdict.order_id)[:8], "--json")

    order, asked, *gates = told[1].splitlines()
    assert (told[0], asked) == (0, f"asked for by {ANN}: because")
    assert order.startswith("order entry buy 40 AAPL market: initialized")
    assert sum(line.startswith(("  ok  ", "  NO  ", "  --  ")) for line in gates) == len(verdict.checks)
    assert max(map(len, told[1].splitlines())) <= 120
    body = json.loads(encoded[1])
    assert (body["order"]["id"], body["evaluation"]["evaluation_id"]) == (str(verdict.order_id), str(verdict.id))


@pytest.mark.parametrize("limit", [None, Decimal("99.5")])
async def test_a_verdict_is_a_line_or_two_a_gate_with_observed_and_limit(
    floor: TradingFloor, limit: Decimal | None
) -> None:
    verdict, _ = await place(floor, request(quantity=Decimal(4000)))
    asked = msgspec.structs.replace(verdict.request, limit_price=limit)

    lines = verdict_as_text(msgspec.structs.replace(verdict, request=asked)).splitlines()

    assert lines[0].startswith("buy 4000 shares of AAPL, market")
    assert lines[0].endswith(f"clamped, {verdict.quantity} shares")
    assert (" at 99.5:" in lines[0]) is (limit is not None)
    assert sum(line.startswith(("  ok  ", "  NO  ", "  --  ")) for line in lines) == len(verdict.checks)
    assert any("NAME_CAP clamps" in line for line in lines)
    assert max(map(len, lines)) <= 120


async def test_an_approval_is_its_terms_and_what_asks_for_it(floor: TradingFloor) -> None:
    await ask_above(floor, 0.01)
    verdict, _ = await place(floor, request())
    (waiting,) = await Approvals(floor_ports(floor)).page(None, 5, LATER, verdict.id)

    first, second = approvals_as_text([waiting]).splitlines()

    assert first.startswith(f"{verdict.approval_id}  pending until 2025-04-09 16:00:00 UTC  buy at most 40 AAPL at ")
    assert second == f"  paper override, asked by {ANN}: 4.0% of equity; a person is asked above 1.0%"
    assert approvals_as_text([]) == "nothing waits"
