import asyncio
from datetime import UTC, datetime, timedelta

from stonks.adapters.store.postgres import PostgresStore
from stonks.replay.clock import FINISHED, ClockRow, ReplayClock

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
