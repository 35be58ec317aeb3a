"""Recommendations, decisions and orders as lists and one by one."""

from decimal import Decimal

import pytest

from tests.fakes.world import World


async def test_what_was_held_back_and_what_was_not_are_told_apart(world: World) -> None:
    everything = (await world.get("/recommendations", limit=200))["items"]
    held = (await world.get("/recommendations", limit=200, suppressed=True))["items"]
    free = (await world.get("/recommendations", limit=200, suppressed=False))["items"]

    assert held
    assert free
    assert all(row["suppressions"] for row in held)
    assert not any(row["suppressions"] for row in free)
    assert len(held) + len(free) == len(everything)


async def test_a_suppression_is_found_by_its_code(world: World) -> None:
    found = (await world.get("/recommendations", suppression="contradictory"))["items"]

    assert found
    assert all("contradictory" in {one["code"] for one in row["suppressions"]} for row in found)


@pytest.mark.parametrize(
    ("name", "value"), [("action", "buy"), ("mode", "paper"), ("window", "7d"), ("ticker", "AAPL")]
)
async def test_a_filter_leaves_only_what_it_names(world: World, name: str, value: str) -> None:
    found = (await world.get("/recommendations", **{name: value}))["items"]

    assert {row[name] for row in found} == {value}


async def test_a_recommendation_knows_what_became_of_it(world: World) -> None:
    acted = (await world.get("/recommendations", verdict="act", limit=200))["items"]

    assert len(acted) == len(world.seeded.acted)
    assert all(row["order_id"] and row["order_status"] == "filled" for row in acted)


async def test_neighbours_lead_to_each_other(world: World) -> None:
    rows = (await world.get("/recommendations", ticker="AAPL", window="7d", limit=200))["items"]
    newest, before = rows[0]["id"], rows[1]["id"]

    first, second = await world.get(f"/recommendations/{newest}"), await world.get(f"/recommendations/{before}")

    assert (first["previous_id"], first["next_id"]) == (before, None)
    assert second["next_id"] == newest


async def test_reasons_count_every_decision(world: World) -> None:
    found = await world.get("/decisions", limit=200)

    assert sum(row["decisions"] for row in found["reasons"]) == len(world.seeded.acted) + len(world.seeded.skipped)
    assert {row["primary_reason"] for row in found["items"]} == {row["primary_reason"] for row in found["reasons"]}


async def test_a_decision_shows_every_gate_with_what_was_seen_and_allowed(world: World) -> None:
    found = await world.get(f"/decisions/{world.seeded.skipped[0]}")

    failed = [check for check in found["decision"]["checks"] if not check["passed"]]
    assert len(found["decision"]["checks"]) == 16
    assert [check["code"] for check in failed] == [found["decision"]["primary_reason"]]
    assert all({"observed", "limit", "data_as_of"} <= check.keys() for check in found["decision"]["checks"])


async def test_an_order_shows_its_events_and_fills(world: World) -> None:
    found = await world.get(f"/orders/{world.seeded.entries[0]}")

    assert [event["kind"] for event in found["events"]] == ["claimed", "submitted", "accepted", "fill"]
    assert sum(Decimal(fill["quantity"]) for fill in found["fills"]) == Decimal(found["order"]["filled_quantity"])
    assert found["chain"]["kind"] == "order"


async def test_open_orders_are_those_in_which_something_can_still_happen(world: World) -> None:
    waiting = (await world.get("/orders", open=True))["items"]
    over = (await world.get("/orders", open=False, limit=200))["items"]

    assert {row["status"] for row in waiting} == {"accepted"}
    assert {row["status"] for row in over} == {"filled"}
