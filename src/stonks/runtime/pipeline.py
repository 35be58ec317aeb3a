"""The stages of one process with its heartbeat and its reconciler, alive and gone together."""

import asyncio
from collections.abc import Coroutine, Iterator, Sequence
from datetime import timedelta
from typing import Any

from prometheus_client import CollectorRegistry

from stonks.ports.bundle import Ports
from stonks.ports.clock import Barrier
from stonks.ports.stage import Stage
from stonks.runtime.heartbeat import Heartbeat
from stonks.runtime.ledger import Ledger
from stonks.runtime.live import work_as_it_comes
from stonks.runtime.lookout import look_out
from stonks.runtime.loop import StageLoop
from stonks.runtime.poller import poll_regularly
from stonks.runtime.process import Process
from stonks.runtime.reconciler import Reconciler
from stonks.runtime.regime import Regime
from stonks.runtime.telemetry import Telemetry
from stonks.runtime.turns import work_in_turns

_GRACE_AT_STOP = timedelta(seconds=10)
_GRACE_OF_A_PUSH = timedelta(seconds=10)
_RECONCILE_EVERY = timedelta(seconds=2)
_LOOK_OUT_EVERY = timedelta(seconds=1)


async def run_stages(
    stages: Sequence[Stage],
    ports: Ports,
    barrier: Barrier | None,
    stop: asyncio.Event,
    *,
    grace: timedelta = _GRACE_AT_STOP,
    telemetry: Telemetry | None = None,
) -> None:
    """Run these stages until told to stop; then finish or give back what is in hand.

    Args:
        stages: the stages of this process.
        ports: what they reach.
        barrier: in a replay, who may work when; None when time is real.
        stop: set it to end.
        grace: how long what is in hand may take then.
        telemetry: where figures are kept for whoever serves them.

    Raises:
        Refused: in a replay, a stage that cannot poll.
    """
    telemetry = telemetry or Telemetry(CollectorRegistry())
    telemetry.opened(stages)
    ledger, regime = Ledger(ports.store), Regime.of(ports, barrier)
    async with Heartbeat.beating(ports.queue.keeper(), ports.settings.lease, telemetry.health) as heartbeat:
        process = Process(
            ports=ports, regime=regime, ledger=ledger, heartbeat=heartbeat, telemetry=telemetry, stop=stop
        )
        loops = [StageLoop(stage, stage.open(ports), process) for stage in stages]
        reconciler = Reconciler(ports, ledger, telemetry, regime, grace=_GRACE_OF_A_PUSH)
        async with asyncio.TaskGroup() as group:
            group.create_task(reconciler.run(_RECONCILE_EVERY, stop))
            if barrier is None:
                group.create_task(look_out(loops, process, _LOOK_OUT_EVERY))
            for loop in loops:
                for work in _works(loop, barrier, stop, grace):
                    group.create_task(work)
            await stop.wait()
            for loop in loops:
                loop.notify()


def _works(
    loop: StageLoop, barrier: Barrier | None, stop: asyncio.Event, grace: timedelta
) -> Iterator[Coroutine[Any, Any, None]]:
    """What a stage does all day."""
    if barrier is not None:
        yield work_in_turns(loop, barrier, stop, grace)
        return
    if loop.stage.queues:
        yield work_as_it_comes(loop, stop, grace)
    if loop.stage.every is not None and loop.worker.poll is not None:
        yield poll_regularly(loop, loop.stage.every, stop, grace)
