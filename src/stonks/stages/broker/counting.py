"""Counts what the account is worth, at every open and close, after executions and every minute, and what that trips."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta

from stonks.model.errors import Conflict
from stonks.model.order import Position, Snapshot
from stonks.ports.bundle import Ports
from stonks.ports.sessions import Sessions
from stonks.ports.stage import Commit, Work
from stonks.ports.surrender import give_up
from stonks.risk.breaker_findings import by_place
from stonks.risk.breakers import Breaker, Moment
from stonks.risk.policies import active_policy
from stonks.stages.broker.core.news import breaker_alert
from stonks.stages.broker.core.settling import changes_state, flattens, mirror, settled
from stonks.stages.broker.core.worth import DayStart, Due, Watch, count, day_start, is_due
from stonks.stages.broker.events import tell
from stonks.stages.broker.keeping import keep_breaker
from stonks.stages.broker.measuring import Measurer
from stonks.stages.broker.till import Till

_BEHIND = timedelta(days=45)
"""Sessions that are known: more than the longest lock."""
_AHEAD = timedelta(days=1)
_MIRRORED = timedelta(days=30)
"""How long Redis shows a breaker without its being shown anew."""
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class Counter:
    """Values the account, and opens or closes breakers."""

    def __init__(self, ports: Ports) -> None:
        """Count the settings' account by the policy of their tier."""
        self._store = ports.store
        self._broker = ports.broker
        self._queue = ports.queue
        self._account = ports.settings.account
        self._tier = ports.settings.risk_tier
        self._moving = not ports.settings.broker_url.startswith("paper:")
        self._till = Till(ports)
        self._measurer = Measurer(ports.store, self._account)
        self._sessions = Sessions(ports.store, _BEHIND, _AHEAD)

    async def is_due(self, watch: Watch, now: datetime) -> bool:
        """Return whether the account should be counted; what could not be counted is due until it was."""
        due = await self._store.row(
            Due, "breakers.due", account=self._account, counted_at=watch.counted_at or _NEVER, now=now
        )
        sessions = await self._sessions.around(now)
        return due is None or is_due(watch, due, sessions, now, moving=self._moving)

    async def count(self, work: Work[None], watch: Watch) -> None:
        """Value the account, and open or close what breakers that trips.

        Raises:
            Conflict: a person reset a breaker meanwhile, or another process counted; count again.
        """
        now, sessions = work.now, await self._sessions.around(work.now)
        account = await self._broker.account(now)
        positions = await self._store.rows(Position, "broker.positions", account=self._account)
        prices = {held.ticker: await self._broker.price(held.ticker, now) for held in positions}
        snapshot = count(account, positions, prices, watch, now, await self._till.transferred())
        start = day_start(watch, sessions, snapshot, now)
        stored = await self._store.rows(Breaker, "broker.breakers")
        limits = (await active_policy(self._store, self._tier)).breakers
        moment = Moment(now=now, sessions=sessions, limits=limits)
        priced = {ticker: None if price is None else price.at for ticker, price in prices.items()}
        known = await self._measurer.known((snapshot, start), moment, by_place(stored), priced, watch.execution_cursor)
        changed = settled(stored, known, limits)
        async with work.commit() as commit:
            if await commit.rows(Breaker, "breakers.locked") != stored:
                raise Conflict("a breaker changed while the account was counted")
            await self._mark(commit, snapshot, start, watch, now)
            await self._keep(commit, stored, changed, prices.keys(), now)
        await self._queue.mark(mirror((*stored, *changed)), _MIRRORED)

    async def _keep(
        self,
        transaction: Commit,
        stored: Sequence[Breaker],
        changed: Sequence[Breaker],
        held: Collection[str],
        now: datetime,
    ) -> None:
        """Keep the rows that change, tell of those that open or close, and give positions up where that is due."""
        before = by_place(stored)
        for breaker in changed:
            await keep_breaker(transaction, breaker)
        news = [breaker for breaker in changed if changes_state(before.get(breaker.place), breaker)]
        await tell(transaction, [breaker_alert(breaker, now) for breaker in news])
        flattening = flattens(changed, stored)
        if flattening is not None:
            reason = flattening.kind.value
            await give_up(transaction, self._account, held, reason, f"breaker:{reason}", now)

    async def _mark(
        self, transaction: Commit, snapshot: Snapshot | None, start: DayStart, watch: Watch, now: datetime
    ) -> None:
        """Keep what was counted, and up to which execution; what has no worth is counted again at the next poll."""
        if snapshot is None:
            return
        values = {name: getattr(snapshot, name) for name in snapshot.__struct_fields__}
        await transaction.run("broker.add_snapshot", **values)
        kept = await transaction.run(
            "broker.set_marks",
            account=self._account,
            day=start.day,
            day_start_equity=start.equity,
            high_water_mark=snapshot.high_water_mark,
            seen_start=watch.day_start_equity,
            seen_best=watch.high_water_mark,
            cursor=watch.execution_cursor,
            now=now,
        )
        if not kept:
            raise Conflict("what falls are measured from changed while the account was counted")
