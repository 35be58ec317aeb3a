import asyncio
import os
import signal
import socket
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio

from stonks.model.errors import Crashed
from stonks.runtime.pool import ChildPool
from stonks.runtime.pool_child import Limits
from tests.fakes import deeds

MB = 2**20
SMALL = Limits(memory=256 * MB, cpu=timedelta(seconds=1), grown=128 * MB)


@pytest_asyncio.fixture
async def pool() -> AsyncIterator[ChildPool]:
    async with ChildPool.opened(slots=2, limits=SMALL) as pool:
        yield pool


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not holds():  # noqa: ASYNC110 - what another process does sets no event
            await asyncio.sleep(0.01)


def is_running(pid: int) -> bool:
    """Whether a process is there and is more than an entry that nobody has read."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


# ---------------------------------------------------------------------------------------------- deaths

DEATHS = {
    "exit": (partial(deeds.leave, 3), "^exited with code 3$"),
    "sys.exit": (deeds.leave_politely, "^exited with code 1; its last words: enough$"),
    "SIGKILL": (deeds.kill_itself, "^killed by SIGKILL$"),
    "a segmentation fault": (deeds.read_nowhere, r"^killed by SIGSEGV; its last words: (.|\n)* in read_nowhere\n"),
    "too much memory": (partial(deeds.allocate, 300 * MB), "^out of memory: more than 256 MB$"),
    "too much CPU": (deeds.burn, "^over its CPU time: more than 1 s$"),
}


@pytest.mark.parametrize(("deed", "told"), DEATHS.values(), ids=DEATHS)
async def test_a_death_is_a_crash_that_says_how_and_the_next_call_works(
    pool: ChildPool, deed: Callable[[], object], told: str
) -> None:
    with pytest.raises(Crashed, match=told):
        await pool.run(deed)

    assert await pool.run(deeds.double, 4) == 8


async def test_a_death_harms_no_call_beside_it(pool: ChildPool) -> None:
    beside = asyncio.create_task(pool.run(deeds.pid, 0.5))
    with pytest.raises(Crashed):
        await pool.run(deeds.kill_itself)

    assert isinstance(await beside, int)


async def test_a_child_that_died_between_calls_costs_no_call(pool: ChildPool) -> None:
    first = await pool.run(deeds.pid)
    os.kill(first, signal.SIGKILL)
    await until(lambda: pool.pids == ())

    assert await pool.run(deeds.pid) != first


async def test_an_error_that_cannot_travel_is_told_in_words(pool: ChildPool) -> None:
    with pytest.raises(RuntimeError, match=r"^Twofold: this and that$"):
        await pool.run(deeds.fail_twofold)


async def test_an_error_says_where_in_the_child_it_was_raised(pool: ChildPool) -> None:
    with pytest.raises(ZeroDivisionError) as failed:
        await pool.run(deeds.divide_by_zero)

    assert "in divide_by_zero" in failed.value.__notes__[0]


# ---------------------------------------------------------------------------------------------- cancelling


async def test_a_cancelled_call_ends_its_child_and_frees_its_place(tmp_path: Path) -> None:
    async with ChildPool.opened(slots=1) as pool:
        diary = tmp_path / "diary"
        hung = asyncio.create_task(pool.run(deeds.sleep, 600.0, str(diary)))
        await until(lambda: diary.exists() and diary.read_text() != "")
        hung.cancel()
        with pytest.raises(asyncio.CancelledError):
            await hung
        async with asyncio.timeout(30):
            assert await pool.run(deeds.double, 2) == 4
        await until(lambda: not is_running(int(diary.read_text())))


async def test_a_call_that_is_cancelled_while_it_waits_for_a_place_harms_nobody() -> None:
    async with ChildPool.opened(slots=1) as pool:
        working = asyncio.create_task(pool.run(deeds.pid, 0.3))
        await asyncio.sleep(0)
        waiting = asyncio.create_task(pool.run(deeds.double, 1))
        await asyncio.sleep(0.01)
        waiting.cancel()

        assert await working == await pool.run(deeds.pid)


# ---------------------------------------------------------------------------------------------- how many, how long


async def test_no_child_is_started_before_there_is_work(pool: ChildPool) -> None:
    assert pool.pids == ()


async def test_calls_run_beside_each_other_up_to_the_number_of_places(pool: ChildPool) -> None:
    doers = await asyncio.gather(*(pool.run(deeds.pid, 0.2) for _ in range(4)))

    assert len(set(doers)) == 2


async def test_a_child_does_one_call_after_another(pool: ChildPool) -> None:
    assert await pool.run(deeds.pid) == await pool.run(deeds.pid)


async def test_a_child_without_work_ends_after_a_while() -> None:
    async with ChildPool.opened(slots=2, idle=timedelta(milliseconds=50)) as pool:
        first = await pool.run(deeds.pid)
        await until(lambda: pool.pids == ())

        assert not is_running(first)
        assert await pool.run(deeds.double, 3) == 6


async def test_a_child_that_has_grown_too_large_is_replaced(pool: ChildPool) -> None:
    grown = await pool.run(deeds.grow, 150 * MB)

    assert await pool.run(deeds.pid) != grown
    await until(lambda: not is_running(grown))


async def test_no_child_outlives_the_pool(tmp_path: Path) -> None:
    diary = tmp_path / "diary"
    async with ChildPool.opened(slots=2) as pool:
        idle = await pool.run(deeds.pid)
        busy = asyncio.create_task(pool.run(deeds.sleep, 600.0, str(diary)))
        await until(lambda: diary.exists() and diary.read_text() != "")

    assert not is_running(idle)
    with pytest.raises(Crashed):
        await busy


PARENT = """
    import asyncio, sys
    from stonks.runtime.pool import ChildPool
    from tests.fakes import deeds

    async def main():
        async with ChildPool.opened(slots=2) as pool:
            busy = asyncio.create_task(pool.run(deeds.sleep, 600.0, sys.argv[1]))
            await asyncio.sleep(0)
            print(await pool.run(deeds.pid), flush=True)
            await busy

    asyncio.run(main())
"""


async def test_no_child_survives_the_kill_of_its_parent(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    diary = tmp_path / "diary"
    argv = [sys.executable, "-c", textwrap.dedent(PARENT), str(diary)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, cwd=pytestconfig.rootpath, text=True) as parent:
        assert parent.stdout is not None
        idle = int(parent.stdout.readline())
        await until(lambda: diary.exists() and diary.read_text() != "")
        busy = int(diary.read_text())
        assert is_running(idle)
        assert is_running(busy)
        parent.kill()

    await until(lambda: not is_running(idle) and not is_running(busy))


# ---------------------------------------------------------------------------------------------- what a child has


async def test_a_child_leaves_the_terminals_signals_to_its_parent(pool: ChildPool) -> None:
    assert await pool.run(deeds.session) != os.getsid(0)
    assert await pool.run(deeds.signals_ignored) >= {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}


async def test_a_child_has_none_of_its_parents_sockets_and_files(pool: ChildPool, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, (tmp_path / "file").open("w") as file:
        for held in (server, file):
            os.set_inheritable(held.fileno(), True)  # noqa: FBT003
        server_name = str(Path(f"/proc/self/fd/{server.fileno()}").readlink())
        there = await pool.run(deeds.open_files)

    assert server_name not in there
    assert file.name not in there


async def test_what_a_library_reads_and_prints_touches_neither_calls_nor_answers(pool: ChildPool) -> None:
    async with asyncio.timeout(30):
        assert await pool.run(deeds.read_and_print) == ""
        assert await pool.run(deeds.double, 5) == 10


async def test_the_last_words_are_those_of_the_call_that_killed(pool: ChildPool) -> None:
    await pool.run(deeds.chatter, 1000)

    with pytest.raises(Crashed, match=r"^killed by SIGKILL$"):
        await pool.run(deeds.kill_itself)


async def test_no_call_fills_memory_or_disk_with_what_it_prints(pool: ChildPool) -> None:
    for _ in range(3):
        await pool.run(deeds.chatter, 700_000)

    with pytest.raises(PermissionError):
        await pool.run(deeds.chatter, 2 * MB)


async def test_large_values_come_through_whole(pool: ChildPool) -> None:
    large = list(range(200_000))

    assert await pool.run(deeds.append, large) == [*large, 0]
