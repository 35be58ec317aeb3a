"""The server behind the queue: what is refused at the start, and how it speaks of what is wrong with it."""

from datetime import timedelta

import pytest
from redis import Redis

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
