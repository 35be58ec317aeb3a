"""The laws of the queue, on the embedded server and on Debian's; with ``--operations N`` for longer."""

import asyncio
import sys
import tempfile
from pathlib import Path

import pytest

from tests.adapters.queue.fairness import Fairness
from tests.adapters.queue.laws import LAWS, Tally, live
from tests.adapters.queue.life import QueueLife
from tests.system.debian import debian_redis

ELSEWHERE = {15}  # needs PostgreSQL and the runtime: tests/runtime/test_wipes.py


def hold_the_laws(url: str, operations: int) -> Tally:
    tally = Tally()
    live(QueueLife, url, operations - operations // 10, tally)
    live(Fairness, url, operations // 10, tally)
    assert tally.operations >= operations
    assert tally.checks.keys() == LAWS.keys() - ELSEWHERE
    return tally


def show(tally: Tally, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        sys.stdout.write("\n".join(["", *tally.lines(), ""]))


def test_the_laws_hold_whatever_happens(
    redis_url: str, pytestconfig: pytest.Config, capsys: pytest.CaptureFixture[str]
) -> None:
    show(hold_the_laws(redis_url, pytestconfig.getoption("--operations")), capsys)


@pytest.mark.external
async def test_the_laws_hold_on_debians_redis(pytestconfig: pytest.Config, capsys: pytest.CaptureFixture[str]) -> None:
    # As root the server runs as another user, which cannot enter pytest's own directories.
    with tempfile.TemporaryDirectory() as directory:
        async with debian_redis(Path(directory)) as url:
            show(await asyncio.to_thread(hold_the_laws, url, pytestconfig.getoption("--operations")), capsys)
