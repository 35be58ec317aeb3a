"""The server behind the queue: what is refused at the start, and how it speaks of what is wrong with it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingUnixStreamServer
from threading import Thread

import pytest
from redis import Redis
from structlog.testing import capture_logs

from stonks.adapters.queue.redis import RedisQueue
from stonks.model.errors import Refused, Unreachable
from stonks.ports.queue import Demand, Push

NAME = "extraction"
LEASE = timedelta(seconds=30)
HIGH_WATER = 6


async def test_a_server_that_is_not_there_is_unreachable() -> None:
    queue = RedisQueue.connect("unix:///nowhere/valkey.sock")
    with pytest.raises(Unreachable):
        await queue.check()
    with pytest.raises(Unreachable):
        await queue.depths()
    await queue.close()


def pushed(ledger_id: str) -> Push:
    return Push(queue=NAME, payload=b"{}", subject="1", ledger_id=ledger_id)


async def test_a_server_that_has_forgotten_its_scripts_runs_a_round_trip_in_order(redis_url: str) -> None:
    queue = RedisQueue.connect(redis_url)
    await queue.enqueue([pushed("first")], high_water=HIGH_WATER)
    with Redis.from_url(redis_url) as server:
        server.script_flush()

    (job,) = await queue.claim(NAME, 1, LEASE)
    demand = Demand(limit=1, lease=LEASE, high_water=HIGH_WATER)
    answer = await queue.exchange(NAME, [job.token], [pushed("second")], demand)

    assert [claimed.ledger_id for claimed in answer.claimed] == ["second"]
    await queue.close()


async def test_a_server_that_may_forget_jobs_is_refused(redis_url: str) -> None:
    queue = RedisQueue.connect(redis_url)
    with Redis.from_url(redis_url) as server:
        server.config_set("maxmemory-policy", "allkeys-lru")
        try:
            with pytest.raises(Refused, match="noeviction"):
                await queue.check()
        finally:
            server.config_set("maxmemory-policy", "noeviction")
            await queue.close()


async def test_the_start_says_what_the_server_would_remember(redis_url: str) -> None:
    queue = RedisQueue.connect(redis_url)
    with capture_logs() as logs:
        await queue.check()
    await queue.close()

    (line,) = logs
    assert (line["event"], line["append_only_file"], line["role"]) == ("queue.server", False, "master")


# ------------------------------------------------------------------------------------------------ servers that refuse

Ask = Callable[[RedisQueue], Awaitable[object]]
REFUSALS = [
    "OOM command not allowed when used memory > 'maxmemory'.",
    "MISCONF Errors writing to the AOF file: No space left on device",
    "READONLY You can't write against a read only replica.",
    "LOADING Redis is loading the dataset in memory",
    "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.",
    "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
    "NOAUTH Authentication required.",
    "ERR something that nobody foresaw",
]
QUESTIONS: dict[str, Ask] = {
    "enqueue": lambda queue: queue.enqueue([pushed("1")], high_water=HIGH_WATER),
    "claim": lambda queue: queue.claim(NAME, 1, LEASE),
    "release": lambda queue: queue.release(NAME, "token"),
    "wait": lambda queue: queue.wait(NAME, LEASE),
    "pulse": lambda queue: queue.pulse(),
    "stats": lambda queue: queue.stats(),
    "mark": lambda queue: queue.mark({"a": "b"}, LEASE),
    "extend": lambda queue: asyncio.to_thread(extend, queue),
}


def extend(queue: RedisQueue) -> None:
    with closing(queue.keeper()) as keeper:
        keeper.extend(NAME, ["token"], LEASE)


@contextmanager
def a_server(directory: Path, answer: str | None) -> Iterator[str]:
    """Says the same to every command; with None it takes them and is silent, as behind a cable that was cut."""

    class Handler(BaseRequestHandler):
        def handle(self) -> None:
            with suppress(ConnectionError):
                while data := self.request.recv(65536):
                    if answer is not None:
                        self.request.sendall(f"-{answer}\r\n".encode() * data.count(b"*"))

    socket = str(directory / "fake.sock")
    with ThreadingUnixStreamServer(socket, Handler) as server:
        server.daemon_threads = True  # they end when their clients hang up, which nobody here waits for
        serving = Thread(target=server.serve_forever, args=(0.01,))
        serving.start()
        try:
            yield f"unix://{socket}?socket_timeout=0.2"
        finally:
            server.shutdown()
            serving.join()


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("answer", REFUSALS)
async def test_whatever_a_server_answers_instead_it_is_unreachable_and_its_words_are_told(
    tmp_path: Path, answer: str, question: str
) -> None:
    with a_server(tmp_path, answer) as url:
        queue = RedisQueue.connect(url)
        with pytest.raises(Unreachable) as told:
            await QUESTIONS[question](queue)
        await queue.close()

    assert answer.split(" ", 1)[1] in str(told.value)


@pytest.mark.parametrize("question", QUESTIONS)
async def test_a_server_that_is_silent_for_too_long_is_unreachable(tmp_path: Path, question: str) -> None:
    with a_server(tmp_path, None) as url:
        queue = RedisQueue.connect(url)
        with pytest.raises(Unreachable):
            await asyncio.wait_for(QUESTIONS[question](queue), 20)
        await queue.close()


async def test_questions_that_were_under_way_fail_with_the_line_and_the_next_one_finds_the_server_again(
    redis_url: str,
) -> None:
    queue = RedisQueue.connect(redis_url)
    await queue.enqueue([pushed("1")], high_water=HIGH_WATER)
    with Redis.from_url(redis_url) as server:
        server.client_pause(300)
        asked = [asyncio.create_task(queue.claim(NAME, 0, LEASE)) for _ in range(3)]
        await asyncio.sleep(0.05)
        server.client_kill_filter(_type="normal", skipme=True)
    for question in asked:
        with pytest.raises(Unreachable, match="closed"):
            await question

    assert [job.ledger_id for job in await queue.claim(NAME, 1, LEASE)] == ["1"]
    await queue.close()


async def test_who_gives_up_waiting_for_an_answer_leaves_the_line_in_order(redis_url: str) -> None:
    queue = RedisQueue.connect(redis_url)
    await queue.enqueue([pushed("1")], high_water=HIGH_WATER)
    with Redis.from_url(redis_url) as server:
        server.client_pause(200)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(queue.depths(), 0.05)

    assert [job.ledger_id for job in await queue.claim(NAME, 1, LEASE)] == ["1"]
    await queue.close()


async def test_a_server_whose_memory_is_full_takes_no_job_and_lets_those_it_has_be_done(redis_url: str) -> None:
    queue = RedisQueue.connect(redis_url)
    await queue.enqueue([pushed("1")], high_water=HIGH_WATER)
    with Redis.from_url(redis_url) as server:
        server.config_set("maxmemory", 1)
        try:
            with pytest.raises(Unreachable, match="maxmemory"):
                await queue.enqueue([pushed("2")], high_water=HIGH_WATER)
            (job,) = await queue.claim(NAME, 1, LEASE)
            await queue.release(NAME, job.token)
            (job,) = await queue.claim(NAME, 1, LEASE)
            assert (await queue.settle(NAME, [job.token])).lost == ()
        finally:
            server.config_set("maxmemory", 0)
            await queue.close()


async def test_a_server_that_became_a_replica_is_unreachable_until_it_is_none(redis_url: str) -> None:
    queue = RedisQueue.connect(redis_url)
    await queue.enqueue([pushed("1")], high_water=HIGH_WATER)
    with Redis.from_url(redis_url) as server:
        server.replicaof("127.0.0.1", "1")
        try:
            with pytest.raises(Unreachable, match="read only replica"):
                await queue.claim(NAME, 1, LEASE)
        finally:
            server.replicaof("NO", "ONE")

    assert len(await queue.claim(NAME, 1, LEASE)) == 1
    await queue.close()


@pytest.mark.parametrize("place", ["queue:{}", "queue:{}:high", "inflight:{}", "leases:{}", "delayed:{}", "stats:{}"])
async def test_a_key_that_someone_made_something_else_is_named_and_nothing_is_lost(redis_url: str, place: str) -> None:
    queue = RedisQueue.connect(redis_url)
    other, key = f"stonks:{place.format('parsing')}", f"stonks:{place.format(NAME)}"
    with Redis.from_url(redis_url) as server:
        server.rpush(f"stonks:queue:{NAME}", b'{"a":1}', b"malformed")
        spared = key.endswith(f"queue:{NAME}")
        moved = server.renamenx(key, other) if spared else None
        server.set(key, "somebody's")

        with pytest.raises(Unreachable, match=f"{key} is a string, no .*: rename or delete it"):
            await queue.claim(NAME, 5, LEASE)

        server.delete(key)
        if moved:
            server.rename(other, key)
    assert [job.payload for job in await queue.claim(NAME, 5, LEASE)] == [b'{"a":1}']
    await queue.close()
