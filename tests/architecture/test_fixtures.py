"""What tests/conftest.py promises to every other test."""

import socket
import subprocess
import sys
from pathlib import Path

import aiohttp
import asyncpg
import pytest
from redis.asyncio import Redis

TESTS = Path(__file__).parents[1]


async def rows(database_url: str) -> int:
    """Applied migrations; leaves a table behind."""
    connection = await asyncpg.connect(database_url)
    count: int = await connection.fetchval("SELECT count(*) FROM schema_migrations")
    await connection.execute("CREATE TABLE left_behind ()")
    await connection.close()
    return count


@pytest.mark.parametrize("_time", [1, 2])
async def test_every_test_gets_a_migrated_database_that_no_other_wrote_to(database_url: str, _time: int) -> None:
    assert await rows(database_url) > 0


@pytest.mark.parametrize("_time", [1, 2])
async def test_every_test_gets_an_empty_valkey(redis_url: str, _time: int) -> None:
    async with Redis.from_url(redis_url) as client:
        assert await client.dbsize() == 0
        await client.set("left", "behind")


def test_no_test_reaches_an_outside_address() -> None:
    with socket.socket() as outside, pytest.raises(RuntimeError, match="loopback"):
        outside.connect(("192.0.2.1", 443))


async def test_no_test_looks_a_name_up() -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(RuntimeError, match=r"example\.test"):
            await session.get("https://example.test/")


def run_pytest(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run one recorded and one plain test under this project's conftest."""
    (folder / "test_two.py").write_text(
        "import pytest\n@pytest.mark.recorded\ndef test_a(recorded): assert recorded.is_dir()\ndef test_b(): pass\n"
    )
    (folder / "conftest.py").symlink_to(TESTS / "conftest.py")
    argv = [sys.executable, "-m", "pytest", "-q", "-c", str(TESTS.parent / "pyproject.toml"), "--rootdir", str(folder)]
    argv += ["-p", "no:hypothesispytest", "-p", "no:randomly", "-p", "no:xdist", "-p", "no:cacheprovider"]
    return subprocess.run([*argv, *arguments, str(folder)], capture_output=True, text=True, check=False)


def test_recorded_tests_are_left_out_by_default(tmp_path: Path) -> None:
    assert "1 passed, 1 deselected" in run_pytest(tmp_path).stdout


def test_a_run_without_the_recorded_folder_it_names_fails(tmp_path: Path) -> None:
    run = run_pytest(tmp_path, "--recorded", str(tmp_path / "missing"))
    assert run.returncode != 0
    assert "no such folder" in run.stderr
