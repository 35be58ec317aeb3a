from datetime import UTC, datetime, timedelta
from typing import cast

from stonks.model.job import QUEUES
from stonks.ports.clock import Barrier, Clock
from stonks.ports.queue import Push
from stonks.ports.stage import Stage, Worker
from stonks.runtime.clock import SystemClock
from stonks.runtime.regime import Regime
from stonks.settings import Settings
from tests.fakes.ports import some_ports

STAGE = Stage(name="first", open=lambda _: Worker(), queues={"parsing": 1}, feeds=("extraction",))
PUSHES = [Push(queue=queue, payload=b"{}", subject="s", ledger_id="id") for queue in QUEUES]


class Still:
    """A clock of a replay."""

    def now(self) -> datetime:
        return datetime(2025, 4, 1, tzinfo=UTC)


def regime(clock: Clock, *, in_turns: bool) -> Regime:
    ports = some_ports(clock=clock, settings=Settings.model_construct(high_water=1))
    return Regime.of(ports, cast("Barrier", clock) if in_turns else None)


def test_as_jobs_come_a_full_queue_takes_no_more_and_holds_back_what_feeds_it() -> None:
    rules = regime(SystemClock(), in_turns=False)

    assert rules.high_water == 1
    assert rules.held_back_by(STAGE) == ("extraction",)


def test_in_turns_no_queue_is_ever_full() -> None:
    rules = regime(Still(), in_turns=True)

    assert rules.high_water > 10**12
    assert rules.held_back_by(STAGE) == ()


def test_only_in_real_time_recommendations_keep_a_distance() -> None:
    spaced = {push.queue: push.window for push in regime(SystemClock(), in_turns=False).spaced(PUSHES)}

    assert spaced == {queue: timedelta(minutes=5) if queue == "recommendation" else None for queue in QUEUES}
    assert regime(Still(), in_turns=False).spaced(PUSHES) == PUSHES


def test_what_is_no_queue_of_the_pipeline_is_passed_on_as_it_is() -> None:
    other = Push(queue="effects", payload=b"{}", subject="s", ledger_id="id")

    assert regime(SystemClock(), in_turns=False).spaced([other]) == [other]
