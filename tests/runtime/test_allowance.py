from datetime import timedelta

from stonks.adapters.budget import open_budget
from stonks.ports.budget import Rate
from stonks.runtime.allowance import Allowance


class Counting:
    """Buckets that each hold what their rate says and get no more, or get it after a wait."""

    def __init__(self, wait: timedelta) -> None:
        self.left: dict[str, int] = {}
        self.waits = 0
        self._wait = wait

    async def take(self, name: str, rate: Rate, tokens: int = 1) -> timedelta:
        left = self.left.setdefault(name, rate.burst)
        if tokens > left:
            self.left[name] = rate.burst
            self.waits += 1
            return self._wait
        self.left[name] = left - tokens
        return timedelta()

    async def hold(self, name: str, rate: Rate, span: timedelta) -> None:
        """Let nobody take from it."""


async def test_no_minute_sees_more_than_its_tokens(redis_url: str) -> None:
    async with open_budget(redis_url) as budget:
        allowance = Allowance(budget, 1_000, 100_000)

        taken = [await allowance.take(100) for _ in range(6)]

    assert taken[:5] == [""] * 5
    assert "a minute is spent" in taken[5]


async def test_no_day_sees_more_than_its_tokens(redis_url: str) -> None:
    async with open_budget(redis_url) as budget:
        assert await Allowance(budget, 100_000, 1_000).take(500) == ""
        assert "a day is spent" in await Allowance(budget, 100_000, 1_000).take(500)


async def test_more_than_a_bucket_ever_holds_is_never_taken(redis_url: str) -> None:
    async with open_budget(redis_url) as budget:
        assert "cannot be counted" in await Allowance(budget, 1_000, 1_000).take(501)


async def test_without_anybody_who_counts_nothing_is_taken() -> None:
    async with open_budget("redis://127.0.0.1:9") as budget:
        assert "cannot be counted" in await Allowance(budget, 1_000, 1_000).take(1)


async def test_where_time_stands_still_tokens_are_waited_for() -> None:
    soon, late = Counting(timedelta(milliseconds=1)), Counting(timedelta(hours=1))
    for buckets, last in ((soon, ""), (late, "the budget of tokens a minute is spent for 3600 s")):
        allowance = Allowance(buckets, 200, 20_000, timedelta(minutes=1))
        assert [await allowance.take(100) for _ in range(2)] == ["", last]
        assert buckets.waits == 1
