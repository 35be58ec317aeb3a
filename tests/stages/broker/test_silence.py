from datetime import timedelta

import pytest

from stonks.model.errors import Server, Unreachable
from stonks.ports.stage import Work
from stonks.stages.broker.silence import Silence
from tests.fakes.floor import ELEVEN, TradingFloor
from tests.fakes.ports import some_ports
from tests.fakes.work import FakeWork

SECOND = timedelta(seconds=1)


class Line:
    """A poll that fails for as long as it is told to."""

    def __init__(self) -> None:
        self.error: Unreachable | None = Unreachable("no answer")

    async def poll(self, work: Work[None]) -> None:  # noqa: ARG002 - the port's
        if self.error is not None:
            raise self.error


@pytest.fixture
def line() -> Line:
    return Line()


@pytest.fixture
def silence(floor: TradingFloor, line: Line) -> Silence:
    return Silence(some_ports(store=floor.store, queue=floor.marks), line.poll)


async def ask(floor: TradingFloor, silence: Silence, *seconds: int) -> list[str]:
    """Poll so many seconds after eleven; return the kinds of breakers that are open then."""
    for each in seconds:
        work = FakeWork[None](floor.store, None, ELEVEN + each * SECOND)
        try:
            await silence.poll(work)
        except Unreachable:
            continue
    return [f"{row['kind']}@{row['scope']}" for row in await floor.all("breakers") if row["state"] == "open"]


async def test_a_broker_silent_for_two_minutes_stops_entries(floor: TradingFloor, silence: Silence) -> None:
    assert await ask(floor, silence, 0, 60, 119) == []
    assert await ask(floor, silence, 120, 130) == ["STREAM_DEAD@broker"]
    (alert,) = await floor.all("alerts")
    assert "the broker has answered nothing that it was asked for 120 s" in alert["text"]
    assert floor.marks.shown == {"trading:circuit_breaker:broker:STREAM_DEAD": "open"}


async def test_an_answer_begins_the_count_anew(floor: TradingFloor, silence: Silence, line: Line) -> None:
    failure, line.error = line.error, None
    await ask(floor, silence, 0)
    line.error = failure
    assert await ask(floor, silence, 100, 219) == []
    assert await ask(floor, silence, 220) == ["STREAM_DEAD@broker"]


async def test_our_own_servers_are_not_the_broker(floor: TradingFloor, silence: Silence, line: Line) -> None:
    line.error = Unreachable("PostgreSQL", Server.POSTGRESQL)
    assert await ask(floor, silence, 0, 600) == []


async def test_the_next_count_that_works_closes_it(floor: TradingFloor, silence: Silence) -> None:
    assert await ask(floor, silence, 0, 120) == ["STREAM_DEAD@broker"]
    await floor.book(ELEVEN + 180 * SECOND)
    (row,) = await floor.all("breakers")
    assert row["state"] == "closed"
