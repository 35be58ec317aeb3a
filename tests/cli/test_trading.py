"""``stonks trading``, ``keys`` and ``audit`` as a user runs them: processes of their own on real servers."""

import asyncio
import json
import os
import sys
from pathlib import Path

import asyncpg
import httpx

from stonks.api.server import create_app
from tests.fakes.world import World, client_of


async def stonks(database_url: str, redis_url: str, data: Path, *arguments: str) -> tuple[int | None, str, str]:
    """Exit code, answer and remarks."""
    urls = {"STONKS_DATABASE_URL": database_url, "STONKS_REDIS_URL": redis_url, "STONKS_DATA_DIR": str(data)}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "stonks", *arguments),
        env=dict(os.environ) | urls,  # noqa: TID251 - what a user sets
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    printed, said = await process.communicate()
    return process.returncode, printed.decode(), said.decode()


async def test_the_account_is_halted_and_rearmed_on_record(database_url: str, redis_url: str, tmp_path: Path) -> None:
    where = (database_url, redis_url, tmp_path)
    halted = await stonks(*where, "trading", "halt", "--reason", "fills look odd", "--cancel", "--json")
    status = await stonks(*where, "trading", "status")
    refused = await stonks(*where, "trading", "resume", "--reason", "looks fine")
    rearmed = await stonks(*where, "trading", "rearm", "--reason", "it was the clock")
    audit = await stonks(*where, "audit", "list")
    proof = await stonks(*where, "audit", "verify")

    assert (halted[0], json.loads(halted[1])["state"]) == (0, "halted")
    assert (status[0], "halted since" in status[1], "fills look odd" in status[1]) == (1, True, True)
    assert (refused[0], "rearm" in refused[2]) == (1, True)
    assert (rearmed[0], rearmed[1]) == (0, "paper: active: entries pass again\n")
    assert [line.split("  ")[3] for line in audit[1].splitlines()] == ["trading.rearm", "trading.halt"]
    assert (proof[0], proof[1].split()[0]) == (0, "2")


async def test_a_command_without_a_reason_worth_the_name_changes_nothing(
    database_url: str, redis_url: str, tmp_path: Path
) -> None:
    where = (database_url, redis_url, tmp_path)
    blank = await stonks(*where, "trading", "halt", "--reason", "   ")
    audit = await stonks(*where, "audit", "verify")

    assert (blank[0], "say why" in blank[2]) == (2, True)
    assert audit[1] == "0 entries: nothing was changed\n"


async def test_what_the_account_did_is_reported_from_its_gates_to_its_equity(
    world: World, redis_url: str, tmp_path: Path
) -> None:
    where = (world.database_url, redis_url, tmp_path)
    told = await stonks(*where, "trading", "report")
    encoded = await stonks(*where, "trading", "report", "--json")

    lines = told[1].splitlines()
    assert (told[0], lines[0].startswith("account paper: decisions ")) == (0, True)
    assert max(map(len, lines)) <= 120
    heads = [next(place for place, line in enumerate(lines) if line.startswith(head)) for head in ("gate ", "orders ")]
    assert heads == sorted(heads)
    account = json.loads(encoded[1])
    assert sum(account["verdicts"].values()) == await world.connection.fetchval(
        "SELECT count(*) FROM trading_decisions"
    )


async def test_a_report_on_an_account_that_did_nothing_has_no_empty_tables(
    database_url: str, redis_url: str, tmp_path: Path
) -> None:
    code, told, _ = await stonks(database_url, redis_url, tmp_path, "trading", "report")

    assert (code, "gate" in told.splitlines()[1], "clamp" in told) == (0, False, False)


async def test_a_halt_needs_the_database_alone(database_url: str, tmp_path: Path) -> None:
    nobody = "redis://127.0.0.1:1/0"

    code, said, _ = await stonks(database_url, nobody, tmp_path, "trading", "halt", "--reason", "all is down")

    assert (code, said.split(":")[1].strip()) == (0, "halted")


async def test_a_file_in_the_data_directory_shows_and_keeps_the_account_halted(
    database_url: str, redis_url: str, tmp_path: Path
) -> None:
    (tmp_path / "HALT").touch()
    where = (database_url, redis_url, tmp_path)

    status = await stonks(*where, "trading", "status")
    rearm = await stonks(*where, "trading", "rearm", "--reason", "trying")

    assert (status[0], "the file HALT" in status[1]) == (1, True)
    assert (rearm[0], "remove it first" in rearm[2]) == (1, True)


async def test_a_key_is_shown_once_used_and_revoked(world: World, redis_url: str, tmp_path: Path) -> None:
    where = (world.database_url, redis_url, tmp_path)
    token = (await stonks(*where, "keys", "create", "--name", "ci", "--scopes", "read,trade", "--expires", "30d"))[1]
    listed = await stonks(*where, "keys", "list")

    async def read() -> int:
        async with client_of(create_app(world.ports), peer="192.0.2.7", name="10.0.0.3") as client:
            answer: httpx.Response = await client.get(
                "/api/v1/trading/status", headers={"authorization": f"Bearer {token.strip()}"}
            )
            return answer.status_code

    before = await read()
    revoked = await stonks(*where, "keys", "revoke", "ci", "--json")

    assert token.startswith("stk_")
    assert (token.strip().split("_", 2)[2] in listed[1], "read,trade" in listed[1]) == (False, True)
    assert (before, revoked[0], await read()) == (200, 0, 401)
    assert json.loads(revoked[1])["revoked_at"] is not None
    connection = await asyncpg.connect(world.database_url)
    assert await connection.fetchval("SELECT count(*) FROM audit WHERE action LIKE 'key.%'") == 2
    await connection.close()
