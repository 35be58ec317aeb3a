"""The broker: where orders go, and where fills come from."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol, runtime_checkable

import msgspec

from stonks.model.market import Price
from stonks.model.order import Intent, OrderEventKind, Side


class BrokerOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order as the broker knows it."""

    broker_order_id: str
    client_order_id: str
    ticker: str
    side: Side
    quantity: Decimal
    kind: OrderEventKind
    """The latest thing that happened to it: accepted, canceled, expired, rejected or filled."""
    reason: str | None
    at: datetime
    filled_quantity: Decimal | None = None
    """Shares traded so far; None where the broker does not count them, so that executions alone say."""
    average_price: Decimal | None = None
    """What those shares cost on average; None where it is not known."""


class Execution(msgspec.Struct, frozen=True, kw_only=True):
    """One execution as the broker reports it."""

    execution_id: str
    client_order_id: str
    ticker: str
    side: Side
    quantity: Decimal
    price: Decimal
    fee: Decimal
    at: datetime


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """What the broker says the account has; positions are signed shares."""

    name: str
    cash: Decimal
    positions: dict[str, Decimal]
    average_prices: dict[str, Decimal] = {}
    """What a share of each position cost on average, where the broker says so."""


class CashMove(msgspec.Struct, frozen=True, kw_only=True):
    """What moved the account's cash without a trade: a fee, a dividend, interest, a transfer."""

    id: str
    kind: str
    """In the broker's words."""
    ticker: str | None
    amount: Decimal
    """Dollars that came in; negative where they went."""
    day: date
    transfer: bool = False
    """Whether the owner put it in or took it out: it is neither a gain nor a loss."""


@runtime_checkable
class Accounting(Protocol):
    """A broker that tells what moves cash besides trades."""

    async def cash_moves(self, since: date | None, now: datetime) -> Sequence[CashMove]:
        """Return what moved cash from a day on, or ever; what was told before may be told again.

        Raises:
            Unreachable: it did not answer, or not in full.
        """
        ...


@runtime_checkable
class Hinting(Protocol):
    """A broker elsewhere that also hints at when it is worth asking it, on a stream that one process may have."""

    @property
    def listening(self) -> bool:
        """Whether the stream of hints stands."""
        ...

    async def news(self) -> None:
        """Return when something may have happened to an order; it may be cancelled, and never raises."""
        ...

    async def hang_up(self) -> None:
        """End the stream, where there is one; the next ``news`` opens it again."""
        ...


class Broker(Protocol):
    """Trades for one account; every call may raise Unreachable, which says nothing about what happened."""

    async def submit(self, intent: Intent, now: datetime) -> BrokerOrder:
        """Place an order under its client_order_id.

        Raises:
            Refused: the broker will not take it, for the reason in the message.
            Conflict: the client_order_id was used before: look it up.
        """
        ...

    async def order(self, client_order_id: str) -> BrokerOrder | None:
        """Return the order under this id, or None when the broker never accepted it."""
        ...

    async def cancel(self, client_order_id: str, now: datetime) -> BrokerOrder:
        """Cancel what is not yet filled of an order."""
        ...

    async def executions(self, after: str | None, now: datetime) -> Sequence[Execution]:
        """Return executions up to ``now`` that come after this execution id, oldest first.

        One that became known late comes too. A broker elsewhere may tell one again: its id says which it is.
        """
        ...

    async def orders(self, now: datetime) -> Sequence[BrokerOrder]:
        """Return the orders that are open, or that ended in this session, as of ``now``."""
        ...

    async def account(self, now: datetime) -> Account:
        """Return cash and positions as of ``now``."""
        ...

    async def price(self, ticker: str, now: datetime) -> Price | None:
        """Return the latest two-sided price known at ``now``, or None where there is none."""
        ...
