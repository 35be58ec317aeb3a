from datetime import timedelta

from tests.fakes.seed import NOW
from tests.fakes.world import World

PATH = "/api/v1/risk/breakers/ticker:AAPL/LOW_PROFIT/reset"


async def open_one(world: World) -> None:
    await world.connection.execute(
        "INSERT INTO breakers (scope, kind, state, observed, limit_, opened_at, reason)"
        " VALUES ('ticker:AAPL', 'LOW_PROFIT', 'open', -12.5, 0, $1, 'it lost')",
        NOW - timedelta(hours=1),
    )


async def test_every_breaker_is_listed_with_what_it_does_and_what_a_reset_does(world: World) -> None:
    await open_one(world)
    found = {(row["scope"], row["kind"]): row for row in await world.get("/risk/breakers")}
    row = found["ticker:AAPL", "LOW_PROFIT"]
    assert (row["covers"], row["state"], row["observed"]) == ("AAPL alone", "open", -12.5)
    assert row["does"] == "the ticker is not entered, but may be left"
    assert row["reset"].startswith("A reset closes LOW_PROFIT for AAPL alone")


async def test_a_reset_closes_it_on_record_and_says_what_that_means(world: World) -> None:
    await open_one(world)

    answer = await world.client.post(PATH, json={"reason": "seen and understood"})

    assert answer.status_code == 200
    assert answer.json()["breaker"]["state"] == "closed"
    assert "changes no position and no order" in answer.json()["means"]
    entry = await world.connection.fetchrow("SELECT actor, action, reason FROM audit")
    assert entry is not None
    assert tuple(entry) == ("local", "breaker.reset", "seen and understood")


async def test_what_is_not_open_is_refused(world: World) -> None:
    answer = await world.client.post(PATH, json={"reason": "seen and understood"})
    assert answer.status_code == 409
    assert "has ever opened" in answer.json()["detail"]


async def test_a_reset_needs_its_reason(world: World) -> None:
    await open_one(world)
    assert (await world.client.post(PATH, json={})).status_code == 400
