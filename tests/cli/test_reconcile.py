"""``stonks reconcile`` as a user runs it."""

import asyncio
import json
import os
import sys
from pathlib import Path

from stonks.ports.store import Store
from tests.fakes.floor import TODAY, TradingFloor, three_stocks
from tests.fakes.rows import open_database


async def stonks(urls: tuple[str, str, str], *arguments: str) -> tuple[int | None, str]:
    """Exit code and all that was printed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "stonks", "reconcile", *arguments),
        env=dict(os.environ)  # noqa: TID251 - what a user sets
        | {"STONKS_DATABASE_URL": urls[0], "STONKS_REDIS_URL": urls[1], "STONKS_DATA_DIR": urls[2]},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await process.communicate()
    return process.returncode, printed.decode()


async def test_differences_are_printed_accepted_for_a_reason_and_then_gone(
    store: Store, database_url: str, redis_url: str, tmp_path: Path
) -> None:
    urls = (database_url, redis_url, str(tmp_path))
    async with open_database(database_url) as database:
        floor = TradingFloor(store, database, three_stocks())
        await floor.furnish()
        position = {"account": "paper", "ticker": "UNH", "quantity": 3, "average_price": 90, "realized": 0}
        await database.insert("positions", position | {"opened_at": TODAY.opens_at, "updated_at": TODAY.opens_at})

        code, printed = await stonks(urls)
        run = printed.split()[2]
        without = await stonks(urls, "--accept", run)
        accepted, body = await stonks(urls, "--accept", run, "--reason", "sold by hand", "--json")

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
