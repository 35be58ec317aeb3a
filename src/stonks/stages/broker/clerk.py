"""Books what the broker says happened, each thing once, and has the books compared and counted where that is due."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import msgspec

from stonks.model.errors import Conflict, Malformed, Refused, Transient
from stonks.ports.broker import BrokerOrder, Execution, Hinting
from stonks.ports.bundle import Ports
from stonks.ports.stage import Work
from stonks.stages.broker.adjusting import Adjuster, refold
from stonks.stages.broker.booking import Booking, Named
from stonks.stages.broker.core.difference import Outcome
from stonks.stages.broker.core.orders import ended
from stonks.stages.broker.core.worth import Watch
from stonks.stages.broker.counting import Counter
from stonks.stages.broker.guard import Guard
from stonks.stages.broker.opening import Opening
from stonks.stages.broker.reconciler import Reconciler
from stonks.stages.broker.standing import heed
from stonks.stages.broker.strays import Strays

LATELY = timedelta(minutes=15)
"""For how long after the last order has ended orders elsewhere are looked at at every poll: they may trade yet."""


class Swept(Named, frozen=True):
    """An order of ours that the broker reports, whether it works for us, and what our fills of it add up to."""

    works: bool
    shares: Decimal


class Clerk:
    """Books executions once each, keeps positions as their fold, and opens the stage once the books agree."""

    def __init__(self, ports: Ports, opening: Opening | None = None) -> None:
        """Keep the books of the settings' account; ``opening`` is told whether they agree."""
        self._store = ports.store
        self._broker = ports.broker
        self._account = ports.settings.account
        self._booking = Booking(self._account)
        self._adjuster = Adjuster(ports)
        self._counter = Counter(ports)
        self._guard = Guard(ports)
        self._reconciler = Reconciler(ports)
        self._strays = Strays(ports)
        self._opening = opening or Opening(ports)
        self._elsewhere = isinstance(ports.broker, Hinting)
        self._worked: datetime | None = None

    async def poll(self, work: Work[None]) -> None:
        """Book what happened since the last poll, compare the books, then count the account where that is due.

        What a poll that fails has left undone the next one does.
        """
        try:
            await self._turn(work)
        except Transient as error:
            await self._opening.wait(str(error), work.now)
            raise
        except Refused as no:
            await heed(self._store, self._account, no, work.now)
            raise
        if self._elsewhere:
            await self._store.value("reconciliation.swept", account=self._account, now=work.now)

    async def _turn(self, work: Work[None]) -> None:
        watch = await self._watch(work.now)
        executions = await self._broker.executions(watch.execution_cursor, work.now)
        ends, ahead = await self._sweep(work.now) if self._may_trade(watch, work.now) else ([], False)
        if executions or ends:
            await self._book(work, watch, executions, ends)
        found = watch.standing and await self._strays.gather(work.now)
        if watch.adjusting:
            await self._adjuster.adjust(work)
        due = bool(executions) or await self._counter.is_due(watch, work.now)
        await self._reconcile(work.now, stirred=due or bool(ends) or ahead or found)
        if due:
            cursor = executions[-1].execution_id if executions else watch.execution_cursor
            await self._counter.count(work, msgspec.structs.replace(watch, execution_cursor=cursor))
        if self._opening.is_open:
            await self._guard.poll(work)
        else:
            self._guard.rest()

    async def _watch(self, now: datetime) -> Watch:
        watch = await self._store.row(Watch, "broker.watch", account=self._account, now=now)
        if watch is None:
            raise Malformed("broker.watch: no row")
        return watch

    def _may_trade(self, watch: Watch, now: datetime) -> bool:
        """Return whether an order works, or one elsewhere did lately: what ended in our books may have traded there."""
        if watch.working or self._worked is None:
            self._worked = now
        return watch.working > 0 or (self._elsewhere and now - self._worked < LATELY)

    async def _sweep(self, now: datetime) -> tuple[list[BrokerOrder], bool]:
        """Return reports of orders that ended and that we take for working, and whether one traded what we know not."""
        reports = {report.client_order_id: report for report in await self._broker.orders(now)}
        asked = {"account": self._account, "client_order_ids": sorted(reports)}
        ours = await self._store.rows(Swept, "broker.swept", **asked) if reports else []
        ahead = any(reports[each.client_order_id].filled_quantity not in {None, each.shares} for each in ours)
        working = [reports[each.client_order_id] for each in ours if each.works]
        return [report for report in working if ended(report)], ahead

    async def _book(
        self, work: Work[None], watch: Watch, executions: Sequence[Execution], ends: Sequence[BrokerOrder]
    ) -> None:
        """Keep executions and ends of orders in one transaction, unless another poll came first."""
        async with work.commit() as commit:
            await commit.value("reconciliation.lock", account=self._account)
            cursor = executions[-1].execution_id if executions else watch.execution_cursor
            moved = await commit.run(
                "broker.advance", account=self._account, cursor=cursor, seen=watch.execution_cursor, now=work.now
            )
            if not moved:
                raise Conflict(f"another poll of {self._account} came first")
            tickers = await self._booking.executions(commit, executions, work.now)
            ids = await self._booking.ids(commit, [report.client_order_id for report in ends])
            for report in ends:
                if report.client_order_id in ids:
                    await self._booking.end(commit, ids[report.client_order_id], report, work.now)
            if tickers:
                await refold(commit, self._account, tickers, work.now)
            tickers = [*(each.ticker for each in executions), *(each.ticker for each in ends)]
            await self._guard.look(commit, tickers, work.now)

    async def _reconcile(self, now: datetime, *, stirred: bool) -> None:
        """Compare the books where that is due, and let orders be sent once they agree."""
        if not self._reconciler.is_due(now, stirred=stirred):
            return
        look = await self._reconciler.look(now)
        if look.outcome is Outcome.OK:
            await self._opening.agree(now)
        else:
            await self._opening.wait(look.summary, now)
