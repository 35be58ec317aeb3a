"""The notifications stage on real servers: killed while it tells somebody, and beside a channel that hangs."""

import asyncio
import signal
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest
from aiohttp import web

from stonks.adapters.store import migrate, open_store
from stonks.app import open_ports
from stonks.model.alert import Alert, Severity
from stonks.model.identity import alert_id
from stonks.ports.stage import Stage, Work, Worker
from stonks.runtime.clock import SystemClock
from stonks.runtime.pipeline import run_stages
from stonks.settings import read_settings
from stonks.stages.notifications import STAGE
from stonks.supervisor import Supervisor
from tests.fakes.smtp import Post, post_office
from tests.system.replaying import Urls, empty_database

pytestmark = pytest.mark.asyncio(loop_scope="session")

PATIENCE = 60
SECRET = "canary"  # noqa: S105 - of a server that ends with its test


class Hook:
    """A webhook that notes what it takes; while it holds, it has taken and does not say so."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.holds = False
        self.news = asyncio.Event()
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        self.taken.append(request.headers["Idempotency-Key"])
        self.news.set()
        if self.holds:
            await asyncio.sleep(PATIENCE)
        return web.Response()


@asynccontextmanager
async def hooked() -> AsyncIterator[Hook]:
    hook = Hook()
    app = web.Application()
    app.router.add_post(f"/{SECRET}", hook.take)
    runner = web.AppRunner(app, shutdown_timeout=0, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    hook.url = f"webhook+http://:{SECRET}@127.0.0.1:{runner.addresses[0][1]}/{SECRET}"
    try:
        yield hook
    finally:
        await runner.cleanup()


@asynccontextmanager
async def working(environment: dict[str, str], log: Path) -> AsyncIterator[Process]:
    """A process of the stage while the block runs; it ends by SIGKILL."""
    command = (sys.executable, "-m", "stonks", "work", "notifications")
    with log.open("ab") as lines:
        process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=DEVNULL, stderr=lines)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
        await process.wait()


async def a_database(urls: Urls) -> str:
    """The URL of a database for live work that follows one company."""
    url = await empty_database(urls, "alerts")
    await migrate(url)
    connection = await asyncpg.connect(url)
    await connection.execute("INSERT INTO companies (ticker, name) VALUES ('AAPL', 'Apple Inc.')")
    await connection.close()
    return url


async def raised(url: str) -> Alert:
    now = SystemClock().now()
    alert = Alert(
        id=alert_id("breaker_opened", "account", now),
        kind="breaker_opened",
        severity=Severity.CRITICAL,
        subject="account",
        text="daily loss",
        raised_at=now,
    )
    async with open_store(url) as store, store.transaction() as transaction:
        await transaction.run("alerts.raise_all", alerts=[alert])
    return alert


async def state_of(url: str) -> str:
    """What is noted of the delivery, once it waits no more."""
    connection = await asyncpg.connect(url)
    try:
        async with asyncio.timeout(PATIENCE):
            while (state := await connection.fetchval("SELECT state FROM alert_deliveries")) in {None, "waiting"}:  # noqa: ASYNC110
                await asyncio.sleep(0.05)  # another process gets there
        return str(state)
    finally:
        await connection.close()


@pytest.mark.parametrize(("kills", "heard", "state"), [(1, 2, "sent"), (2, 2, "unsure")])
async def test_a_worker_killed_between_sending_and_noting_repeats_an_alert_once_at_most(
    servers: Supervisor, tmp_path: Path, kills: int, heard: int, state: str
) -> None:
    urls = Urls.of(servers)
    url, log = await a_database(urls), tmp_path / "log"
    alert = await raised(url)
    async with hooked() as hook:
        environment = {
            "PATH": "/usr/bin:/bin",
            "STONKS_DATABASE_URL": url,
            "STONKS_REDIS_URL": urls.redis,
            "STONKS_DATA_DIR": str(tmp_path),
            "STONKS_SOURCES_URL": "live:",
            "STONKS_LEASE": "PT1S",
            "STONKS_LOG_LEVEL": "debug",
            "STONKS_ALERTS_URL": hook.url,
        }
        hook.holds = True
        for _ in range(kills):
            hook.news.clear()
            async with working(environment, log), asyncio.timeout(PATIENCE):
                await hook.news.wait()
        hook.holds = False
        async with working(environment, log):
            assert await state_of(url) == state

    assert hook.taken == [str(alert.id)] * heard
    assert "notifications" in log.read_text()
    assert SECRET not in log.read_text()


class Ticker:
    """Stands for trading: polls, and needs a thread of those that everybody shares."""

    def __init__(self) -> None:
        self.ticks = 0

    async def poll(self, work: Work[None]) -> None:
        assert work.job is None
        await asyncio.to_thread(lambda: None)
        self.ticks += 1


async def test_a_channel_that_hangs_holds_up_no_other_channel_and_no_other_stage(
    servers: Supervisor, tmp_path: Path
) -> None:
    urls, ticker, stop = Urls.of(servers), Ticker(), asyncio.Event()
    url = await a_database(urls)
    often = timedelta(milliseconds=50)
    stages = [
        replace(STAGE, every=often),
        Stage(name="trading", open=lambda _: Worker(poll=ticker.poll), every=often),
    ]
    async with post_office(Post(silent_at="EHLO")) as post, hooked() as hook:
        mail = f"smtp://localhost:{post.port}/?to=a@b.example&from=c@d.example"
        settings = read_settings(
            database_url=url,
            redis_url=urls.redis,
            data_dir=tmp_path,
            sources_url="live:",
            alerts_url=f"{mail} {hook.url}#quiet=0",
        )
        async with open_ports(settings) as ports, asyncio.timeout(PATIENCE):
            running = asyncio.create_task(run_stages(stages, ports, None, stop, grace=timedelta()))
            await raised(url)
            await post.silent.wait()
            for number in (1, 2, 3):
                ticks = ticker.ticks
                await hook.news.wait()
                hook.news.clear()
                assert len(hook.taken) == number
                if number == 1:
                    assert await ports.store.value("alerts.failures", channel="smtp") is None, "it hangs no more"
                while ticker.ticks < ticks + 2:  # noqa: ASYNC110 - the stage gets there
                    await asyncio.sleep(0.01)
                await raised(url)
            assert post.verbs == ["EHLO"]
            stop.set()
            await running
