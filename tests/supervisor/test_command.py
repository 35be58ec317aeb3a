"""``stonks`` and its servers as a user meets them: from odd places, as another user, on a full disk."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import pytest

import stonks
from stonks.supervisor import Supervisor
from stonks.supervisor.identity import DISGUISE

AS_ROOT = os.geteuid() == 0
ORDINARY = DISGUISE if AS_ROOT else ()
"""Makes a command that of an ordinary user, who as root would be no test."""


def command(*arguments: str, prefix: tuple[str, ...] = (), **settings: str) -> subprocess.Popen[str]:
    environment = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", **settings}
    return subprocess.Popen(
        [*prefix, sys.executable, "-m", "stonks", *arguments],
        env=environment,
        cwd="/",
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


async def test_a_second_stonks_up_is_told_in_one_sentence_who_holds_the_directory(tmp_path: Path) -> None:
    async with Supervisor.start(tmp_path, postgres=False, valkey=False):
        said = {}
        for verb in ("up", "servers", "replay"):
            with command(verb, "--data", str(tmp_path)) as second:
                _, said[verb] = second.communicate(timeout=30)
                assert second.returncode == 1

    sentence = f"{tmp_path} is held by process {os.getpid()}: stop that one, or choose another data directory\n"
    assert said == dict.fromkeys(("up", "servers", "replay"), sentence)


@pytest.fixture
def read_only_tree(tmp_path: Path) -> Iterator[Path]:
    """The package in a directory where an ordinary user may write nothing."""
    tree = Path(shutil.copytree(Path(stonks.__file__).parent, tmp_path / "tree" / "stonks"))
    shutil.rmtree(tree / "__pycache__", ignore_errors=True)
    with written_by_nobody(tmp_path / "tree"):
        yield tmp_path / "tree"


@contextmanager
def written_by_nobody(tree: Path) -> Iterator[None]:
    directories = [tree, *(path for path in tree.rglob("*") if path.is_dir())]
    for directory in directories:
        directory.chmod(0o555)
    yield
    for directory in directories:
        directory.chmod(0o755)


async def test_an_ordinary_user_runs_servers_from_a_read_only_tree_in_a_long_path_with_spaces(
    read_only_tree: Path, tmp_path: Path
) -> None:
    before = sorted(read_only_tree.rglob("*"))
    data = tmp_path / "a data directory" / ("long" * 30)
    assert len(str(data)) > 120

    with command("servers", "--data", str(data), prefix=ORDINARY, PYTHONPATH=str(read_only_tree)) as servers:
        assert servers.stdout is not None
        urls = dict(servers.stdout.readline().strip().split("=", 1) for _ in range(2))
        connection = await asyncpg.connect(urls["STONKS_DATABASE_URL"])
        assert await connection.fetchval("SELECT count(*) FROM schema_migrations") > 0
        await connection.close()
        servers.send_signal(signal.SIGTERM)
        _, complaints = servers.communicate(timeout=30)

    assert servers.returncode == 0, complaints
    assert sorted(read_only_tree.rglob("*")) == before
    assert sorted(urls) == ["STONKS_DATABASE_URL", "STONKS_REDIS_URL"]


SMALL_DISK = 'mount -t tmpfs -o size=12m tmpfs "$0" && exec "$@"'


@pytest.mark.skipif(not AS_ROOT, reason="only root can mount a small disk")
def test_a_disk_with_no_room_for_a_database_is_said_in_one_sentence(tmp_path: Path) -> None:
    small = ("unshare", "--mount", "sh", "-c", SMALL_DISK, str(tmp_path))

    with command("servers", "--data", str(tmp_path), prefix=small) as servers:
        _, complaint = servers.communicate(timeout=60)

    assert servers.returncode == 1
    assert complaint == f"{tmp_path} has no room for a database (50 MB): free some, or choose another data directory\n"


def test_a_directory_that_cannot_be_written_is_said_in_one_sentence(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)

    for verb in ("up", "servers"):
        with command(verb, "--data", str(tmp_path / "new"), prefix=ORDINARY) as refused:
            _, complaint = refused.communicate(timeout=30)
        assert refused.returncode in {1, 2}
        assert "Permission denied" in complaint
        assert complaint.count("\n") == 1
