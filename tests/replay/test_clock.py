import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from stonks.adapters.store import open_store
from stonks.adapters.store.postgres import PostgresStore
from stonks.replay.clock import FINISHED, ClockRow, ReplayClock
from tests.fakes.closing import closed

START = datetime(2025, 4, 1, 13, 30, tzinfo=UTC)
END = START + timedelta(days=1)


async def begin(store: PostgresStore) -> ReplayClock:
    async with store.transaction() as transaction:
        await transaction.run("replay.begin", tape="test", starts_at=START, ends_at=END)
    row = await store.row(ClockRow, "replay.clock")
    assert row is not None
    return ReplayClock(store, row)


async def test_a_new_replay_stands_at_the_start_of_its_span(store: PostgresStore) -> None:
    clock = await begin(store)

    assert clock.now() == START
    assert not clock.is_open("parser")


async def test_only_the_stage_whose_turn_it_is_may_work(store: PostgresStore) -> None:
    clock = await begin(store)

    await clock.move(START, "parser")

    assert clock.is_open("parser")
    assert not clock.is_open("extractor")


async def test_a_process_that_follows_sees_every_move(store: PostgresStore) -> None:
    driver, row = await begin(store), await store.row(ClockRow, "replay.clock")
    assert row is not None
    follower = ReplayClock(store, row)

    async with follower.follow():
        turn = asyncio.create_task(follower.wait_turn("trading", after=START))
        await driver.move(END, "trading")
        await asyncio.wait_for(turn, timeout=5)

    assert follower.now() == END


async def test_a_follower_that_starts_late_stands_where_the_replay_is(store: PostgresStore) -> None:
    driver, row = await begin(store), await store.row(ClockRow, "replay.clock")
    assert row is not None
    late = ReplayClock(store, row)
    await driver.move(END, "broker")

    async with late.follow():
        assert late.now() == END
        assert late.is_open("broker")


async def test_a_follower_whose_line_is_cut_works_at_no_stage_until_it_knows_where_the_replay_is(
    store: PostgresStore, database_url: str
) -> None:
    driver, row = await begin(store), await store.row(ClockRow, "replay.clock")
    assert row is not None
    async with open_store(database_url) as own:
        follower = ReplayClock(own, row)
        async with follower.follow():
            await driver.move(START, "parser")
            await follower.wait_turn("parser", None)
            async with closed(database_url):
                await asyncio.wait_for(until(lambda: not follower.is_open("parser")), timeout=5)
            await driver.move(END, "trading")

            assert await asyncio.wait_for(follower.wait_turn("trading", START), timeout=10) == END


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110 - it happens in another task
        await asyncio.sleep(0.01)


async def test_a_driver_outlives_its_database_and_loses_no_turn(store: PostgresStore, database_url: str) -> None:
    await begin(store)
    row = await store.row(ClockRow, "replay.clock")
    assert row is not None
    clock = ReplayClock(store, row, alone=True)
    await clock.move(END, "scheduler")
    async with closed(database_url):
        moving = asyncio.create_task(clock.move(END, FINISHED))
        await asyncio.sleep(0.1)
        assert not moving.done()

    await asyncio.wait_for(moving, timeout=10)

    assert await store.value("replay.polled_at", stage="scheduler") == END


async def test_a_stage_that_lasts_is_announced_again_for_those_who_lost_the_first(store: PostgresStore) -> None:
    driver = await begin(store)
    await driver.move(END, "parser")
    async with store.transaction() as transaction:  # as a crash may leave it
        await transaction.value("replay.move", **moved(START, "scheduler"))
    waiting = asyncio.create_task(drain(driver))

    async def told_again() -> bool:
        row = await store.row(ClockRow, "replay.clock")
        return row is not None and (row.now, row.stage) == (END, "parser")

    async with asyncio.timeout(10):
        while not await told_again():  # noqa: ASYNC110 - it happens in the database
            await asyncio.sleep(0.05)
    waiting.cancel()


def moved(now: datetime, stage: str) -> dict[str, object]:
    return {"now": now, "stage": stage, "announcement": "", "turned": [], "turns": []}


async def drain(clock: ReplayClock) -> None:
    while True:
        await clock.wait_drained(0.05)


async def test_a_turn_in_another_process_is_noticed(store: PostgresStore) -> None:
    driver, row = await begin(store), await store.row(ClockRow, "replay.clock")
    assert row is not None
    follower = ReplayClock(store, row)

    async with follower.follow():
        await driver.move(END, "scheduler")
        waiting = asyncio.create_task(driver.wait_polled("scheduler"))
        await asyncio.sleep(0.05)
        assert not waiting.done()
        await follower.polled("scheduler", await follower.wait_turn("scheduler", START))
        await asyncio.wait_for(waiting, timeout=5)


async def test_a_stage_gets_one_turn_an_instant(store: PostgresStore) -> None:
    clock = await begin(store)
    await clock.move(START, "scheduler")

    again = asyncio.create_task(clock.wait_turn("scheduler", after=START))
    await clock.move(START, "scheduler")
    await asyncio.sleep(0)
    assert not again.done()
    await clock.move(END, "scheduler")

    assert await asyncio.wait_for(again, timeout=5) == END


async def test_a_clock_alone_with_its_process_announces_instants_and_each_stages_last_turn(
    store: PostgresStore,
) -> None:
    await begin(store)
    row = await store.row(ClockRow, "replay.clock")
    assert row is not None
    clock = ReplayClock(store, row, alone=True)

    await clock.move(END, "scheduler")
    await clock.move(END, "trading")

    assert clock.is_open("trading")
    announced = await store.row(ClockRow, "replay.clock")
    assert announced is not None
    assert (announced.now, announced.stage) == (END, "scheduler")
    await clock.move(END, FINISHED)
    assert await store.value("replay.polled_at", stage="trading") == END
