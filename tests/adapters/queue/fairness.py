"""Random lives of two queues that one stage serves."""

import asyncio
from typing import cast

import hypothesis.strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule
from prometheus_client import CollectorRegistry
from redis import Redis

from stonks.adapters.queue.redis import RedisQueue
from stonks.ports.stage import Stage, Worker
from stonks.runtime.clock import SystemClock
from stonks.runtime.fetcher import Fetcher
from stonks.runtime.heartbeat import Heartbeat
from stonks.runtime.ledger import Ledger
from stonks.runtime.process import Process
from stonks.runtime.regime import Regime
from stonks.runtime.telemetry import Telemetry
from tests.adapters.queue.laws import Tally
from tests.fakes.ports import Missing, some_ports

NAME, OTHER = "extraction", "macro_classification"


class Fairness(RuleBasedStateMachine):
    """Two queues of one stage, claimed from by the runtime: while both have jobs each gets its share."""

    def __init__(self, url: str, tally: Tally) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.queue = RedisQueue.connect(url)
        self.server = Redis.from_url(url)
        self.server.flushall()
        self.tally = tally
        self.fetcher = Fetcher(TWO_QUEUES, _process(self.queue))
        self.lengths = {NAME: 0, OTHER: 0}
        self.given = {NAME: 0, OTHER: 0}

    def teardown(self) -> None:
        self.runner.run(self.queue.close())
        self.runner.close()
        self.server.close()

    @rule(queue=st.sampled_from([NAME, OTHER]), jobs=st.integers(1, 60))
    def push(self, queue: str, jobs: int) -> None:
        self.server.rpush(f"stonks:queue:{queue}", *[b"{}"] * jobs)
        self.lengths[queue] += jobs

    @rule(hands=st.integers(1, 9))
    def fetch(self, hands: int) -> None:
        self.tally.operations += 1
        both, waiting = all(self.lengths.values()), sum(self.lengths.values())
        fetched = self.runner.run(self.fetcher.fetch(hands, {}))
        for queue, job in fetched:
            self.fetcher.settle(queue, job.token, "")
            self.lengths[queue] -= 1
            self.given[queue] += 1
        if not (both and all(self.lengths.values())):
            self.given = {NAME: 0, OTHER: 0}
        self.tally.law(11, holds=abs(self.given[NAME] - 2 * self.given[OTHER]) <= 2)
        self.tally.law(11, holds=len(fetched) == min(hands, waiting))


TWO_QUEUES = Stage(name="two", open=lambda _: Worker(), queues={NAME: 2, OTHER: 1})


def _process(queue: RedisQueue) -> Process:
    ports = some_ports(queue=queue, clock=SystemClock(), store=Missing("store"))
    return Process(
        ports=ports,
        regime=Regime.of(ports, None),
        ledger=Ledger(ports.store),
        heartbeat=cast("Heartbeat", Missing("heartbeat")),
        telemetry=Telemetry(CollectorRegistry()),
        stop=asyncio.Event(),
    )
