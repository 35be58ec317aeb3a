"""``stonks reconcile`` as a user runs it."""

import json
from pathlib import Path

from stonks.ports.store import Store
from tests.fakes.command import stonks
from tests.fakes.floor import TODAY, TradingFloor, three_stocks
from tests.fakes.rows import open_database


async def test_differences_are_printed_accepted_for_a_reason_and_then_gone(
    store: Store, database_url: str, redis_url: str, tmp_path: Path
) -> None:
    urls = (database_url, redis_url, str(tmp_path))
    async with open_database(database_url) as database:
        floor = TradingFloor(store, database, three_stocks())
        await floor.furnish()
        position = {"account": "paper", "ticker": "UNH", "quantity": 3, "average_price": 90, "realized": 0}
        await database.insert("positions", position | {"opened_at": TODAY.opens_at, "updated_at": TODAY.opens_at})

        code, printed = await stonks(urls, "reconcile")
        run = printed.split()[2]
        without = await stonks(urls, "reconcile", "--accept", run)
        accepted, body = await stonks(urls, "reconcile", "--accept", run, "--reason", "sold by hand", "--json")

    assert code == 1
    table, _, words = printed.partition("\n\n")
    assert [line.split() for line in table.splitlines()] == [
        ["waiting", "run", run],
        ["ours", "theirs", "action"],
        ["position", "of", "UNH", "3", "0", "wait"],
    ]
    assert "books no executions" in words
    assert "the stage books it" in words
    assert (without[0] != 0, "reason" in without[1]) == (True, True)
    assert (accepted, json.loads(body)["outcome"]) == (0, "accepted")
