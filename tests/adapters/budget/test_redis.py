import asyncio
import time
from collections.abc import AsyncIterator
from datetime import timedelta

import hypothesis.strategies as st
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from redis import Redis as BlockingRedis
from redis.asyncio import Redis

from stonks.adapters.budget import open_budget
from stonks.model.errors import Refused, SettingError, Unreachable
from stonks.ports.budget import Budget, Rate

NONE = timedelta()
SECOND = timedelta(seconds=1)
HOURLY = Rate(tokens=1, per=timedelta(hours=1), burst=3)


@pytest_asyncio.fixture
async def budget(redis_url: str) -> AsyncIterator[Budget]:
    async with open_budget(redis_url) as budget:
        yield budget


async def test_a_full_bucket_gives_its_burst_at_once_and_then_says_how_long_to_wait(budget: Budget) -> None:
    assert [await budget.take("edgar", HOURLY) for _ in range(3)] == [NONE] * 3

    wait = await budget.take("edgar", HOURLY)
    assert timedelta(minutes=59) < wait <= timedelta(hours=1)


async def test_waiting_as_long_as_told_is_enough(budget: Budget) -> None:
    rate = Rate(tokens=20, per=SECOND, burst=1)
    while not (wait := await budget.take("edgar", rate)):
        continue

    assert wait <= timedelta(milliseconds=50)
    await asyncio.sleep(wait.total_seconds())
    assert await budget.take("edgar", rate) == NONE


async def test_asking_in_vain_takes_nothing(budget: Budget) -> None:
    assert await budget.take("edgar", HOURLY, 3) == NONE
    waits = [await budget.take("edgar", HOURLY) for _ in range(20)]

    assert waits == sorted(waits, reverse=True)
    assert waits[-1] > timedelta(minutes=50)


async def test_several_tokens_are_taken_together_or_not_at_all(budget: Budget) -> None:
    assert await budget.take("edgar", HOURLY, 2) == NONE
    assert await budget.take("edgar", HOURLY, 2) > NONE
    assert await budget.take("edgar", HOURLY, 1) == NONE


async def test_buckets_of_other_names_are_apart_and_stand_where_anyone_can_look(budget: Budget, redis_url: str) -> None:
    await budget.take("edgar", HOURLY, 3)

    assert await budget.take("polygon", HOURLY) == NONE
    async with Redis.from_url(redis_url) as client:
        assert sorted(await client.keys("*")) == [b"stonks:ratelimit:edgar", b"stonks:ratelimit:polygon"]
        assert 0 < await client.pttl("stonks:ratelimit:edgar") <= 3 * 3_600_000 + 1


async def test_a_bucket_that_is_held_gives_nothing_for_that_long(budget: Budget) -> None:
    rate = Rate(tokens=1000, per=SECOND, burst=5)
    await budget.hold("edgar", rate, timedelta(hours=2))
    await budget.hold("edgar", rate, timedelta(minutes=1))

    assert timedelta(minutes=119) < await budget.take("edgar", rate) <= timedelta(hours=2)


async def drain(url: str, rate: Rate, until: float) -> list[float]:
    """Take whenever possible through a client of its own; return when each token was had, by the server's clock."""
    taken = []
    with BlockingRedis.from_url(url) as server:
        async with open_budget(url) as budget:
            while time.monotonic() < until:
                if (wait := await budget.take("edgar", rate)) == NONE:
                    seconds, micros = server.time()
                    taken.append(seconds + micros / 1e6)
                else:
                    await asyncio.sleep(min(wait.total_seconds(), 0.005))
    return taken


async def test_two_clients_that_race_never_get_more_than_the_rate(redis_url: str) -> None:
    rate = Rate(tokens=100, per=SECOND, burst=4)
    until = time.monotonic() + 1.0
    first, second = await asyncio.gather(drain(redis_url, rate, until), drain(redis_url, rate, until))

    taken = sorted(first + second)
    assert first
    assert second
    for start in range(len(taken)):
        # A token is had up to a moment before its instant is read, so windows may look that much too short.
        fitting = [at for at in taken[start:] if at - taken[start] < 0.2]
        assert len(fitting) <= 0.2 * 100 + 4 + 2


@given(
    tokens=st.integers(1, 10_000),
    per=st.integers(1, 10**10),
    burst=st.integers(1, 500),
    asks=st.lists(st.integers(1, 500), max_size=10),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_bucket_never_gives_more_at_once_than_it_holds(
    redis_url: str, *, tokens: int, per: int, burst: int, asks: list[int]
) -> None:
    rate = Rate(tokens=tokens, per=timedelta(microseconds=per), burst=burst)

    async def had() -> tuple[int, float]:
        with BlockingRedis.from_url(redis_url) as server:
            server.flushall()
            async with open_budget(redis_url) as budget:
                began = time.monotonic()
                sizes = [n for n in asks if n <= burst]
                total = sum([n for n in sizes if await budget.take("x", rate, n) == NONE])
                return total, time.monotonic() - began

    total, seconds = asyncio.run(had())
    assert total <= burst + seconds * 1e6 / per * tokens + 1


async def test_more_than_a_bucket_ever_holds_is_refused(budget: Budget) -> None:
    with pytest.raises(Refused, match="1 to 3"):
        await budget.take("edgar", HOURLY, 4)


async def test_a_server_that_has_forgotten_the_script_learns_it_again(budget: Budget, redis_url: str) -> None:
    await budget.take("edgar", HOURLY)
    async with Redis.from_url(redis_url) as client:
        await client.script_flush()

    assert await budget.take("edgar", HOURLY) == NONE


async def test_where_nobody_keeps_the_count_nothing_is_given() -> None:
    async with open_budget("unix:///nowhere/valkey.sock") as budget:
        with pytest.raises(Unreachable, match="budget edgar"):
            await budget.take("edgar", HOURLY)


async def test_a_url_of_another_kind_is_a_setting_error() -> None:
    with pytest.raises(SettingError, match="STONKS_REDIS_URL"):
        async with open_budget("memcached://x"):
            pass
