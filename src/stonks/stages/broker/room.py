"""Makes room for a sale: takes back the stops at the exchange that hold the shares it is about to sell."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from stonks.model.errors import Conflict, Unreachable
from stonks.model.order import OrderStatus, Side
from stonks.ports.broker import Broker
from stonks.ports.store import Store
from stonks.stages.broker.core.check import Account, Working
from stonks.stages.broker.core.orders import OrderRow, recalled, withdrawn
from stonks.stages.broker.events import happen

_REASON = "makes room for a sale"


class Room:
    """Takes stops back for a sale, and waits until they are known to be gone and what they traded is booked.

    It happens in the delivery that brings the sale, so that a position is without a stop for no longer than that.
    """

    def __init__(self, store: Store, broker: Broker) -> None:
        """Make room at a broker."""
        self._store = store
        self._broker = broker

    async def make(self, row: OrderRow, account: Account, now: datetime) -> Decimal:
        """Take back the stops whose shares a sale needs, and return how many shares the broker then holds.

        A stop may have sold some while it was leaving: what the books still hold of that is not there to be sold.

        Raises:
            Unreachable: a stop is not known to be gone.
            Conflict: a stop has traded, which is not booked yet.
        """
        for stop in in_the_way(row, account):
            await self._take_back(stop.id, now)
        return (await self._broker.account(now)).positions.get(row.ticker, Decimal(0))

    async def _take_back(self, order: UUID, now: datetime) -> None:
        async with self._store.transaction() as transaction:
            row = await transaction.row(OrderRow, "broker.order", id=order)
            await transaction.run("orders.recall", ids=[order], reason=_REASON, now=now)
            if row is not None and row.status is OrderStatus.INITIALIZED:
                row = await happen(transaction, row, withdrawn(_REASON, now), now)
        if row is None or row.status.terminal:
            return
        if row.status is OrderStatus.SUBMITTING:
            raise Unreachable(f"stop {row.client_order_id} may or may not have arrived")
        events = recalled(await self._broker.cancel(row.client_order_id, now), now)
        async with self._store.transaction() as transaction:
            current = await transaction.row(OrderRow, "broker.order", id=order) or row
            for event in events:
                current = await happen(transaction, current, event, now)
        if not current.status.terminal:
            raise Conflict(f"stop {row.client_order_id} has not ended, or has traded: {current.status}")


def in_the_way(row: OrderRow, account: Account) -> Sequence[Working]:
    """Return the stops that hold shares which a sale needs, and none where there are enough beside them."""
    if row.side is not Side.SELL:
        return ()
    stops = [order for order in account.stops if order.ticker == row.ticker and order.id != row.id]
    held = sum((each.quantity for each in account.positions if each.ticker == row.ticker), Decimal(0))
    others = [order for order in account.working if order.ticker == row.ticker and order.id != row.id]
    promised = sum((order.quantity for order in [*stops, *others] if order.side is Side.SELL), Decimal(0))
    return () if held - promised >= row.quantity else stops


def without_stops(account: Account, ticker: str) -> Account:
    """Return the account as it is once the stops of a ticker are taken back."""
    return msgspec.structs.replace(account, stops=tuple(stop for stop in account.stops if stop.ticker != ticker))


def holding_at_most(account: Account, ticker: str, most: Decimal) -> Account:
    """Return the account with no more of a ticker than the broker holds."""
    positions = tuple(
        msgspec.structs.replace(held, quantity=min(held.quantity, most)) if held.ticker == ticker else held
        for held in account.positions
    )
    return msgspec.structs.replace(account, positions=positions)
