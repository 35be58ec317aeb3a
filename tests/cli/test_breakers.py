"""What ``stonks breakers`` does and prints."""

import asyncio
import getpass
import sys
from asyncio.subprocess import PIPE, STDOUT
from pathlib import Path

from tests.fakes.rows import open_database


async def test_an_open_breaker_is_listed_and_reset_on_record(database_url: str, redis_url: str, tmp_path: Path) -> None:
    urls = {"STONKS_DATABASE_URL": database_url, "STONKS_REDIS_URL": redis_url}
    environment = {"PATH": "/usr/bin:/bin", "STONKS_DATA_DIR": str(tmp_path), **urls}

    async def stonks(*arguments: str) -> tuple[str, int | None]:
        command = (sys.executable, "-m", "stonks", "breakers", *arguments)
        process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=PIPE, stderr=STDOUT)
        printed, _ = await process.communicate()
        return printed.decode(), process.returncode

    async with open_database(database_url) as database:
        row = {
            "scope": "ticker:AAPL",
            "kind": "LOW_PROFIT",
            "state": "open",
            "reason": "LOW_PROFIT for AAPL alone: it lost",
        }
        await database.insert("breakers", row)
        listed = await stonks("list")
        reset = await stonks("reset", "ticker:AAPL", "low_profit", "--reason", "seen and understood")
        again = await stonks("reset", "ticker:AAPL", "LOW_PROFIT", "--reason", "seen and understood")
        (entry,) = await database.rows("SELECT actor, reason FROM audit")

    assert listed == ("ticker:AAPL  LOW_PROFIT  open  LOW_PROFIT for AAPL alone: it lost\n", 0)
    assert reset[1] == 0
    assert "A reset closes LOW_PROFIT for AAPL alone" in reset[0]
    assert again == ("the breaker LOW_PROFIT of ticker:AAPL is not open: there is nothing to reset\n", 1)
    assert entry == {"actor": f"cli:{getpass.getuser()}", "reason": "seen and understood"}
