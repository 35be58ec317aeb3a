"""The broker port on Alpaca: an order is sent once, and what became of it is looked up until that is certain."""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

import msgspec

from stonks.adapters.broker.alpaca.activities import Activities, Activity
from stonks.adapters.broker.alpaca.assets import Assets
from stonks.adapters.broker.alpaca.exact import average, exact
from stonks.adapters.broker.alpaca.lineage import Lineage
from stonks.adapters.broker.alpaca.moves import moves
from stonks.adapters.broker.alpaca.orders import AlpacaOrder, report, request, side
from stonks.adapters.broker.alpaca.prices import Prices
from stonks.adapters.broker.alpaca.reply import Outcome
from stonks.adapters.broker.alpaca.stream import TradeUpdates
from stonks.adapters.broker.alpaca.sweep import Sweep
from stonks.adapters.broker.alpaca.wire import Purpose, Wire
from stonks.model.errors import Conflict, Refused, Unreachable
from stonks.model.market import Asset, Price
from stonks.model.order import Intent, Side
from stonks.ports.broker import Account, BrokerOrder, CashMove, Execution

PAUSES = tuple(timedelta(seconds=seconds) for seconds in (0.05, 0.2, 0.8, 2))
"""Before each look for an order whose answer was lost."""

_MANY = 5  # unknown orders from which on listing all is cheaper than asking for each
_GRACE = timedelta(minutes=10)
"""How long an execution whose order Alpaca denies may be a contradiction that passes."""


class Cash(msgspec.Struct, frozen=True):
    """What an account says of its cash."""

    cash: Decimal


class Held(msgspec.Struct, frozen=True):
    """A position; shares sold short are negative, or positive on the side ``short``."""

    symbol: str
    qty: Decimal
    side: str = "long"
    avg_entry_price: Decimal | None = None


class AlpacaBroker:
    """Trades one account.

    Fills come from account activities alone. A failed query raises; only Alpaca's own answer says that something is not
    there. Alpaca's paper accounts charge no fees, and an activity names none: an execution's fee is 0.
    """

    def __init__(
        self, wire: Wire, prices: Prices, updates: TradeUpdates, account: str, pauses: Sequence[timedelta] = PAUSES
    ) -> None:
        """Trade over this wire; the account's name is ours."""
        self._updates = updates
        self._wire, self._prices, self._account, self._pauses = wire, prices, account, pauses
        self._lineage = Lineage(wire)
        self._activities = Activities(wire)
        self._sweep = Sweep(wire, self._lineage)
        self._assets = Assets(wire)

    async def submit(self, intent: Intent, now: datetime) -> BrokerOrder:  # noqa: ARG002 - the port's
        """Place an order and return what Alpaca made of it.

        It is sent once. Where the answer is lost or says nothing certain, the order is looked for under its id.

        Raises:
            Refused: the answer is no.
            Conflict: the client_order_id was used before: look it up.
            Unreachable: it may or may not have arrived.
            Throttled: it was not taken.
        """
        try:
            return await self._place(intent)
        except Unreachable as lost:
            found = await self._search(intent.client_order_id)
            if found is None:
                raise Unreachable(f"order {intent.client_order_id} may or may not have arrived: {lost}") from lost
            return found

    async def order(self, client_order_id: str) -> BrokerOrder | None:
        """Return the order under this id as its last replacement, or None when Alpaca says that there is none."""
        order = await self._named(client_order_id)
        return None if order is None else report(await self._lineage.latest(order), client_order_id)

    async def cancel(self, client_order_id: str, now: datetime) -> BrokerOrder:  # noqa: ARG002 - the port's
        """Ask to cancel what is not yet filled of an order, and return how it stands then; asking twice is harmless.

        Raises:
            Refused: there is no such order.
            Unreachable: it is not certain that the request arrived.
        """
        named = await self._named(client_order_id)
        if named is None:
            raise Refused(f"no order {client_order_id}")
        order = await self._lineage.latest(named)
        if order.ended:
            return report(order, client_order_id)
        arrived = await self._withdraw(order.id)
        after = await self.order(client_order_id)
        if after is None or (after.kind is order.kind and not arrived):
            raise Unreachable(f"the cancel of {client_order_id} may or may not have arrived")
        return after

    async def executions(self, after: str | None, now: datetime) -> Sequence[Execution]:
        """Return executions behind this one, oldest first; late ones lead, and after a restart some may come again."""
        activities = await self._activities.after(after)
        if self._lineage.unknown(activity.order_id for activity in activities) > _MANY:
            await self._sweep.look(now)
        return [await self._execution(activity, now) for activity in activities]

    async def orders(self, now: datetime) -> Sequence[BrokerOrder]:
        """Return orders that are open or were placed within a day, and those that ended since the last call."""
        found = {order.id: order for order in await self._sweep.look(now) if order.single}
        reports = []
        for order in found.values():
            if order.replaces not in found:  # else the order that it replaces speaks for it
                root = await self._lineage.root(order.id)
                latest = await self._lineage.latest(order, found)
                reports.append(report(latest, root or order.client_order_id))
        return reports

    async def account(self, now: datetime) -> Account:  # noqa: ARG002 - the port's
        """Return cash and positions as Alpaca counts them."""
        cash = (await self._wire.ask("GET", "/v2/account", Purpose.QUERY)).read(Cash)
        held = (await self._wire.ask("GET", "/v2/positions", Purpose.QUERY)).read(list[Held])
        return Account(
            name=self._account,
            cash=exact(cash.cash),
            positions={
                each.symbol: -abs(exact(each.qty)) if each.side == "short" else exact(each.qty) for each in held
            },
            average_prices={each.symbol: paid for each in held if (paid := average(each.avg_entry_price)) is not None},
        )

    async def cash_moves(self, since: date | None, now: datetime) -> Sequence[CashMove]:  # noqa: ARG002 - the port's
        """Return fees, dividends, interest and transfers from a day on, or all."""
        return await moves(self._wire, since)

    async def news(self) -> None:
        """Return when the stream of trade updates hints that something happened; what did is asked for then."""
        await self._updates.news()

    @property
    def listening(self) -> bool:
        """Whether the stream of trade updates stands."""
        return self._updates.stands

    async def hang_up(self) -> None:
        """End the stream of trade updates, where there is one."""
        await self._updates.aclose()

    async def price(self, ticker: str, now: datetime) -> Price | None:
        """Return the latest two-sided price."""
        return await self._prices.latest(ticker, now)

    async def asset(self, ticker: str, now: datetime) -> Asset | None:
        """Return what Alpaca says of an instrument, at most an hour old while it answers."""
        return await self._assets.asset(ticker, now)

    # -------------------------------------------------------------------------------------------- one order

    async def _place(self, intent: Intent) -> BrokerOrder:
        purpose = Purpose.EXIT if intent.reduce_only else Purpose.ENTRY
        reply = await self._wire.ask("POST", "/v2/orders", purpose, body=request(intent))
        match reply.outcome:
            case Outcome.DUPLICATE:
                raise Conflict(f"client_order_id must be unique: {intent.client_order_id}")
            case Outcome.DOUBTFUL:
                found = await self.order(intent.client_order_id)
                if found is None:
                    raise reply.refusal
                return found
            case _:
                placed = reply.read(AlpacaOrder)
        if placed.client_order_id != intent.client_order_id:
            raise Unreachable(f"the answer to {intent.client_order_id} is about {placed.client_order_id[:60]}")
        self._lineage.learn([placed])
        return report(placed, intent.client_order_id)

    async def _withdraw(self, broker_order_id: str) -> bool:
        """Ask to cancel an order, and return whether that certainly arrived."""
        try:
            reply = await self._wire.ask("DELETE", f"/v2/orders/{broker_order_id}", Purpose.EXIT)
        except Unreachable:
            return False
        if reply.outcome is Outcome.REFUSED:
            raise reply.refusal
        return reply.outcome is not Outcome.UNKNOWN

    async def _search(self, client_order_id: str) -> BrokerOrder | None:
        """Return an order that may yet appear, or None where it did not, or where nobody could say."""
        for pause in self._pauses:
            await asyncio.sleep(pause.total_seconds())
            try:
                found = await self.order(client_order_id)
            except Unreachable:
                continue
            if found is not None:
                return found
        return None

    async def _named(self, client_order_id: str) -> AlpacaOrder | None:
        path, asked = "/v2/orders:by_client_order_id", {"client_order_id": client_order_id}
        reply = await self._wire.ask("GET", path, Purpose.QUERY, parameters=asked)
        if reply.outcome is Outcome.ABSENT:
            return None
        order = reply.read(AlpacaOrder)
        if order.client_order_id != client_order_id:
            raise Unreachable(f"asked for {client_order_id}, the answer is about {order.client_order_id[:60]}")
        self._lineage.learn([order])
        return order

    async def _execution(self, activity: Activity, now: datetime) -> Execution:
        root = await self._lineage.root(activity.order_id)
        if root is None and now - activity.transaction_time < _GRACE:
            raise Unreachable(f"execution {activity.id} is of order {activity.order_id}, which is not there")
        return Execution(
            execution_id=activity.id,
            client_order_id=root or activity.order_id,
            ticker=activity.symbol,
            side=Side(side(activity.side)),
            quantity=exact(activity.qty),
            price=exact(activity.price),
            fee=Decimal(0),
            at=activity.transaction_time,
        )
