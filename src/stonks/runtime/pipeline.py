"""The stages of one process with its heartbeat and its reconciler, alive and gone together."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from random import Random

from prometheus_client import CollectorRegistry

from stonks.ports.bundle import Ports
from stonks.ports.clock import Barrier
from stonks.ports.stage import Stage
from stonks.runtime.heartbeat import Heartbeat
from stonks.runtime.ledger import Ledger
from stonks.runtime.live import work_as_it_comes
from stonks.runtime.loop import StageLoop
from stonks.runtime.poller import poll_regularly
from stonks.runtime.process import Process
from stonks.runtime.reconciler import Reconciler
from stonks.runtime.telemetry import Telemetry
from stonks.runtime.turns import work_in_turns

_GRACE_AT_STOP = timedelta(seconds=10)
_GRACE_OF_A_PUSH = timedelta(seconds=15)
_RECONCILE_EVERY = timedelta(seconds=2)


async def run_stages(
    stages: Sequence[Stage],
    ports: Ports,
    barrier: Barrier | None,
    stop: asyncio.Event,
    *,
    registry: CollectorRegistry | None = None,
) -> None:
    """Run these stages until told to stop; then finish or give back what is in hand.

    Args:
        stages: the stages of this process.
        ports: what they reach.
        barrier: in a replay, who may work when; None when time is real.
        stop: set it to end.
        registry: where figures are kept for whoever serves them.

    Raises:
        Refused: in a replay, a stage that cannot poll.
    """
    telemetry = Telemetry(registry or CollectorRegistry())
    ledger = Ledger(ports.store)
    async with Heartbeat.beating(ports.queue.keeper(), ports.settings.lease) as heartbeat:
        process = Process(ports=ports, ledger=ledger, heartbeat=heartbeat, telemetry=telemetry, random=Random())
        loops = [StageLoop(stage, stage.open(ports), process) for stage in stages]
        reconciler = Reconciler(ports, ledger, telemetry, grace=_GRACE_OF_A_PUSH)
        async with asyncio.TaskGroup() as group:
            group.create_task(reconciler.run(_RECONCILE_EVERY, stop))
            for loop in loops:
                _start(loop, ports, barrier, stop, group)
            await stop.wait()
            for loop in loops:
                loop.notify()


def _start(
    loop: StageLoop, ports: Ports, barrier: Barrier | None, stop: asyncio.Event, group: asyncio.TaskGroup
) -> None:
    if barrier is not None:
        group.create_task(work_in_turns(loop, barrier, stop, _GRACE_AT_STOP))
        return
    if loop.stage.queues:
        group.create_task(work_as_it_comes(loop, ports.queue, stop, _GRACE_AT_STOP))
    if loop.stage.every is not None and loop.worker.poll is not None:
        group.create_task(poll_regularly(loop, loop.stage.every, stop, _GRACE_AT_STOP))
