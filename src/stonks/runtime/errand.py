"""What a person asks for, in one transaction: effects, audit, and the jobs that follow."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from random import Random

import msgspec

from stonks.model.errors import Transient
from stonks.ports.bundle import Ports
from stonks.ports.queue import Push
from stonks.ports.store import Store
from stonks.runtime.ledger import record
from stonks.runtime.trace import begun
from stonks.runtime.work import LedgerCommit


@asynccontextmanager
async def errand(ports: Ports) -> AsyncIterator[LedgerCommit]:
    """Open a transaction; jobs that follow are recorded in it and queued once it is committed.

    Where the queue does not answer then, the reconciler queues them from the ledger.
    """

    async def push(pushes: Sequence[Push]) -> None:
        await ports.queue.enqueue(pushes, high_water=ports.settings.high_water)

    async with errand_on(ports.store, push) as commit:
        yield commit


@asynccontextmanager
async def errand_on(store: Store, push: Callable[[Sequence[Push]], Awaitable[None]]) -> AsyncIterator[LedgerCommit]:
    """Open a transaction of this store; what ``push`` cannot queue afterwards, the reconciler does."""
    random = Random()
    async with store.transaction() as transaction:
        commit = LedgerCommit(transaction)
        yield commit
        jobs = [msgspec.structs.replace(job, traceparent=begun(random)) for job in commit.following]
        pushes = await record(transaction, jobs)
    if pushes:
        with suppress(Transient):
            await push(pushes)
