"""Brings one order to the broker, once, however often it is asked to."""

from datetime import datetime
from uuid import UUID

from stonks.model.errors import Conflict, Malformed, Refused, Unreachable
from stonks.model.identity import evaluation_id
from stonks.model.job import BrokerOrderJob
from stonks.model.market import Price
from stonks.model.order import OrderEvent, OrderStatus, Position
from stonks.ports.bundle import Ports
from stonks.ports.stage import Work
from stonks.ports.store import Transaction
from stonks.risk.breakers import Breaker
from stonks.risk.evaluate import Evaluation, recheck
from stonks.risk.facts import Facts, TradingState
from stonks.risk.policies import active_policy
from stonks.risk.policy import Policy
from stonks.stages.broker.booking import Named
from stonks.stages.broker.caps import Caps
from stonks.stages.broker.core.check import Account, Standing, Working, order_facts
from stonks.stages.broker.core.news import order_alert
from stonks.stages.broker.core.orders import (
    OrderRow,
    acknowledged,
    claimed,
    denied,
    is_ours,
    is_taken,
    recalled,
    rejected,
    withdrawn,
)
from stonks.stages.broker.events import happen, tell
from stonks.stages.broker.guard import Guard
from stonks.stages.broker.opening import Opening
from stonks.stages.broker.room import Room, holding_at_most, in_the_way, without_stops
from stonks.stages.broker.sending import as_it_goes_out
from stonks.stages.broker.standing import heed, held_back, standing_now, state_now, under


class Courier:
    """Brings one order intent to the broker, or takes it back, however often it is asked to.

    The order is claimed in a transaction of its own before anything is sent, so that an order found claimed is looked
    up at the broker first: it may have arrived.
    """

    def __init__(self, ports: Ports, opening: Opening | None = None) -> None:
        """Judge orders by the policy of the settings' tier."""
        self._opening = opening
        self._store = ports.store
        self._broker = ports.broker
        self._room = Room(ports.store, ports.broker)
        self._guard = Guard(ports)
        self._caps = Caps(ports.settings)
        self._tier = ports.settings.risk_tier
        self._halt_file = ports.settings.halt_file

    async def __call__(self, work: Work[BrokerOrderJob]) -> None:
        """Judge, claim, send and record; what was done before is not done again."""
        row = await self._store.row(OrderRow, "broker.order", id=work.job.order_id)
        if row is None:
            raise Malformed(f"there is no order {work.job.order_id}")
        await self._demand(row, work.now)
        resumed = row.status is OrderStatus.SUBMITTING
        if row.status is OrderStatus.INITIALIZED:
            row = await self._judge(row, work.now)
        events: tuple[OrderEvent, ...] = ()
        if row.status is OrderStatus.SUBMITTING:
            events = await self._send(row, work.now, resumed=resumed)
        if row.cancel_requested is not None and (row.works or is_taken(events)):
            events += recalled(await self._broker.cancel(row.client_order_id, work.now), work.now)
        async with work.commit() as commit:
            current = await commit.row(OrderRow, "broker.order", id=row.id) or row
            for event in events:
                current = await happen(commit, current, event, work.now)
            if events and current.status is OrderStatus.REJECTED:
                reason = str(events[-1].detail.get("reason"))
                await tell(commit, [order_alert("order_rejected", current.order().intent, reason, work.now)])
            await self._guard.look(commit, [row.ticker], work.now)

    async def _demand(self, row: OrderRow, now: datetime) -> None:
        """Return if nothing of an order would be sent, or may be.

        Raises:
            Waiting: our books and the broker's have not been found to agree since the start.
        """
        unsent = row.status is OrderStatus.INITIALIZED and row.cancel_requested is None
        if self._opening is None or self._opening.is_open or not (unsent or row.status is OrderStatus.SUBMITTING):
            return
        await self._take_back(row.account, now)
        self._opening.demand()

    async def _take_back(self, account: str, now: datetime) -> None:
        """Take back what is to be, though orders wait: the jobs that would do it may stand behind one that does."""
        for order in await self._store.rows(Named, "reconciliation.recalled", account=account):
            events = recalled(await self._broker.cancel(order.client_order_id, now), now)
            async with self._store.transaction() as transaction:
                row = await transaction.row(OrderRow, "broker.order", id=order.id)
                for event in events:
                    row = row and await happen(transaction, row, event, now)

    async def _judge(self, row: OrderRow, now: datetime) -> OrderRow:
        """Keep the risk verdict on an order, and claim it or deny it, before anything is sent."""
        policy = await active_policy(self._store, self._tier)
        verdict = await self._verdict(row, policy, now)
        price = None if row.reduce_only else await self._broker.price(row.ticker, now)
        async with self._store.transaction() as transaction:
            state = await standing_now(transaction, row.account, self._halt_file, now)
            current = await transaction.row(OrderRow, "broker.order", id=row.id)
            if current is None or current.status is not OrderStatus.INITIALIZED:
                raise Conflict(f"order {row.id} was claimed by another delivery")
            if current.cancel_requested is not None:
                return await happen(transaction, current, withdrawn(current.cancel_requested, now), now)
            verdict = under(verdict, state, current, now)
            verdict = await self._caps.on(verdict, transaction, current, price, now)
            reason = verdict.primary_reason
            await self._keep(transaction, row.id, verdict, (policy, now))
            if reason is None:
                return await happen(transaction, current, claimed(now), now)
            await tell(transaction, [order_alert("order_denied", row.order().intent, reason, now)])
            return await happen(transaction, current, denied(reason, now), now)

    async def _verdict(self, row: OrderRow, policy: Policy, now: datetime) -> Evaluation:
        """Return what the gates say to an order; one that passes but for the stops in its way has them taken back."""
        account, price = await self._account(row.account, row.id, now), await self._broker.price(row.ticker, now)
        if not in_the_way(row, account):
            return recheck(await self._facts(row, account, (price, policy), now), row.decided_price)
        freed = without_stops(account, row.ticker)
        verdict = recheck(await self._facts(row, freed, (price, policy), now), row.decided_price)
        if verdict.primary_reason is not None:
            return verdict
        if await state_now(self._store, row.account, self._halt_file) is TradingState.HALTED:
            return under(verdict, TradingState.HALTED, row, now)  # its stops stay where they are
        held = await self._room.make(row, account, now)
        account = holding_at_most(await self._account(row.account, row.id, now), row.ticker, held)
        return recheck(await self._facts(row, account, (price, policy), now), row.decided_price)

    async def _facts(self, row: OrderRow, account: Account, given: tuple[Price | None, Policy], now: datetime) -> Facts:
        return await as_it_goes_out(order_facts(row, account, *given, now), row, self._store, self._broker)

    async def _keep(
        self, transaction: Transaction, order: UUID, verdict: Evaluation, under: tuple[Policy, datetime]
    ) -> None:
        policy, now = under
        await transaction.run(
            "broker.evaluate",
            id=evaluation_id(order, "broker"),
            order_id=order,
            verdict="approved" if verdict.primary_reason is None else "denied",
            checks=verdict.checks,
            policy_version=policy.version,
            now=now,
        )

    async def _send(self, row: OrderRow, now: datetime, *, resumed: bool) -> tuple[OrderEvent, ...]:
        """Return what the broker says to an order; an answer that leaves it open is followed by a look-up."""
        intent = row.order().intent
        report = await self._broker.order(intent.client_order_id) if resumed else None
        if report is None:
            reason = await self._held_back(row, now, resumed=resumed)
            if reason is not None:
                return (rejected(reason, now),)
            try:
                report = await self._broker.submit(intent, now)
            except Refused as no:
                await heed(self._store, row.account, no, now)
                return (rejected(str(no), now),)
            except (Conflict, Unreachable) as unclear:
                report = await self._broker.order(intent.client_order_id)
                if report is None:
                    raise Unreachable(f"order {intent.client_order_id} may or may not have arrived") from unclear
        if not is_ours(report, intent):
            raise Refused(f"the broker's order {intent.client_order_id} is not the one we meant: {report}")
        return acknowledged(report, now)

    async def _held_back(self, row: OrderRow, now: datetime, *, resumed: bool) -> str | None:
        """Return why an order may not be sent, or None; one that may have been sent before is noted as sent again.

        Raises:
            Conflict: it may have been sent before, and now the account may not do it, or it has ended, or it is an
                entry that somebody wants taken back.
        """
        state = await state_now(self._store, row.account, self._halt_file)
        reason = held_back(state, row)
        if not resumed:
            return reason
        if reason is not None:
            raise Conflict(f"{row.account} is {state}: order {row.client_order_id} is not sent again")
        if row.cancel_requested is not None and not row.reduce_only:
            raise Conflict(f"order {row.client_order_id} is to be taken back, and not sent again")
        if not await self._store.value("broker.send_again", id=row.id, now=now):
            raise Conflict(f"order {row.client_order_id} has ended meanwhile")
        return None

    async def _account(self, account: str, order: UUID, now: datetime) -> Account:
        standing = await self._store.row(Standing, "trading.state", account=account, now=now)
        return Account(
            standing=standing or Standing(state=TradingState.ACTIVE, cash=None, as_of=None),
            working=await self._store.rows(Working, "trading.working", account=account),
            positions=await self._store.rows(Position, "broker.positions", account=account),
            breakers=await self._store.rows(Breaker, "breakers.met_by", order_id=order),
            stops=await self._store.rows(Working, "protection.stops", account=account),
        )
