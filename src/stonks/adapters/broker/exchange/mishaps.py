"""What goes wrong at exchanges themselves, on request: fills that come late, orders under a new name, splits, halts."""

from datetime import datetime
from decimal import Decimal
from uuid import uuid4

import msgspec

from stonks.adapters.broker.deeds import traded
from stonks.adapters.broker.exchange.asking import ReplaceRequest, replacement_of
from stonks.adapters.broker.exchange.diary import local_day
from stonks.adapters.broker.exchange.ledger import Wanted
from stonks.adapters.broker.exchange.venue import Unknown, Venue
from stonks.adapters.broker.fees import fee
from stonks.adapters.broker.matching import Played
from stonks.adapters.broker.resting import Resting, Trade
from stonks.model.adjustment import AdjustmentKind
from stonks.model.errors import Refused
from stonks.model.order import OrderEventKind as Kind
from stonks.risk.corporate_actions import Action


class ForcedFill(msgspec.Struct, frozen=True, kw_only=True):
    """An execution that the market did not make: of any order, also one that has ended, and of any size and time."""

    client_order_id: str
    quantity: Decimal
    price: Decimal
    at: datetime | None = None
    """When it was; now, unless this is earlier."""

    def __post_init__(self) -> None:
        """Have neither shares nor dollars that are not above zero."""
        _above_zero(self.quantity, self.price)


class Renaming(msgspec.Struct, frozen=True, kw_only=True):
    """An open order whose place a new one takes that nobody asked for, as happens to stops that trigger."""

    client_order_id: str


class SuddenSplit(msgspec.Struct, frozen=True, kw_only=True):
    """A split of the exchange's own day, of what was held as that began."""

    symbol: str
    ratio: Decimal

    def __post_init__(self) -> None:
        """Have no ratio that is not above zero."""
        _above_zero(self.ratio)


class Halt(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a symbol does not trade."""

    symbol: str
    halted: bool = True


def _above_zero(*amounts: Decimal) -> None:
    if not all(each.is_finite() and each > 0 for each in amounts):
        raise ValueError("amounts are above zero")


async def fill(venue: Venue, forced: ForcedFill) -> Trade:
    """Book an execution whatever the order's state, and tell of it; return it.

    Raises:
        Unknown: there is no such order.
        Refused: the account has not got the cash.
    """
    now, books = venue.now(), venue.paper.books
    await venue.paper.meet(now)
    async with books.store.transaction() as transaction:
        purse = await books.purse(transaction)
        order = await books.find(transaction, forced.client_order_id)
        if order is None:
            raise Unknown("order not found")
        trade = _trade(order, forced, now)
        after = purse.after(trade)
        if after.cash < 0:
            raise Refused(f"costs {trade.quantity * trade.price}, the account has {purse.cash}")
        await books.save(transaction, Played(orders=(_with(order, trade),), trades=(trade,), purse=after))
    venue.paper.tell([traded(order, trade, after.held[order.ticker])])
    return trade


def _trade(order: Resting, forced: ForcedFill, now: datetime) -> Trade:
    at = min(forced.at or now, now)
    return Trade(
        execution_id=f"{order.client_order_id}-forced-{at:%Y%m%dT%H%M%S%f}-{order.filled_quantity}",
        client_order_id=order.client_order_id,
        ticker=order.ticker,
        side=order.side,
        quantity=forced.quantity,
        price=forced.price,
        fee=fee(order.side, forced.quantity, forced.price, local_day(at)),
        at=at,
    )


def _with(order: Resting, trade: Trade) -> Resting:
    """Return an order with one more execution; one that has ended stays as it ended."""
    filled = order.filled_quantity + trade.quantity
    if order.ended_at is not None:
        return msgspec.structs.replace(order, filled_quantity=filled)
    whole = filled >= order.quantity
    return msgspec.structs.replace(order, kind=Kind.FILL, filled_quantity=filled, ended_at=trade.at if whole else None)


async def rename(venue: Venue, renaming: Renaming) -> str:
    """Put a new order, the same but for its name, in the place of an open one; return the client's id it has.

    Raises:
        Unknown: there is no such order.
        Refused: it has ended or traded.
    """
    old = await venue.order(Wanted(client_order_id=renaming.client_order_id))
    fresh = replacement_of(old, ReplaceRequest(), venue.ledger.account, str(uuid4()))
    await venue.paper.replace(old.client_order_id, fresh, venue.now())
    return fresh.client_order_id


async def split(venue: Venue, sudden: SuddenSplit) -> None:
    """Split a symbol at the exchange alone: nothing is announced.

    Raises:
        Refused: it was split today already.
    """
    now = venue.now()
    await venue.paper.meet(now)
    action = Action(
        ticker=sudden.symbol,
        type=AdjustmentKind.SPLIT,
        ex_date=local_day(now),
        ratio=sudden.ratio,
        cash=None,
        known_at=now,
        source="simulation",
        close=None,
    )
    if not await venue.paper.take_effect(action):
        raise Refused(f"{sudden.symbol} was split today already")
