"""The exchange's books as its API reads them: orders by number or by what is asked for, executions, and their sum."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from hashlib import md5
from uuid import UUID

import msgspec

from stonks.adapters.broker.matching import Resting
from stonks.model.errors import Malformed
from stonks.model.order import Fill, Position, Side
from stonks.ports.broker import Execution
from stonks.ports.store import Store
from stonks.risk.position import cash_flow, fold

_ALL = 10_000


class Listed(Resting, frozen=True, kw_only=True):
    """An order with what its shares cost on average and when it traded last."""

    average_price: Decimal | None = None
    filled_at: datetime | None = None


class Family(Listed, frozen=True, kw_only=True):
    """An order with its legs, and how many its group has."""

    legs: tuple[Listed, ...] = ()
    group: int = 0


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which orders are asked for; what is None is not asked about."""

    client_order_id: str | None = None
    number: UUID | None = None
    parents: tuple[str, ...] | None = None
    """Whose legs."""
    open: bool | None = None
    after: datetime | None = None
    until: datetime | None = None
    tickers: tuple[str, ...] | None = None
    side: Side | None = None
    oldest_first: bool = False
    most: int = 500


class Activity(Execution, frozen=True, kw_only=True):
    """An execution with what its order was for, and had traded with it."""

    ordered: Decimal
    filled: Decimal


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Which activities are asked for; what is None is not asked about."""

    behind: UUID | None = None
    """The number of the execution that the page before ended with."""
    after: datetime | None = None
    until: datetime | None = None
    oldest_first: bool = False
    most: int = 100


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """What an account had at an instant."""

    cash: Decimal
    positions: dict[str, Position]


class Ledger:
    """Reads one account's books; it never writes."""

    def __init__(self, store: Store, account: str) -> None:
        """Read the books of this account."""
        self._store = store
        self.account = account

    async def orders(self, wanted: Wanted) -> list[Listed]:
        """Return the orders that are asked for, newest first unless asked otherwise."""
        return await self._store.rows(Listed, "exchange.listed", account=self.account, **_parameters(wanted))

    async def order(self, wanted: Wanted) -> Listed | None:
        """Return the one order that is asked for, or None."""
        found = await self.orders(wanted)
        return found[0] if found else None

    async def families(self, orders: Sequence[Listed]) -> list[Family]:
        """Return orders with the legs that belong to them, in the same order."""
        names = tuple({order.parent or order.client_order_id for order in orders})
        legs = await self.orders(Wanted(parents=names, oldest_first=True, most=_ALL)) if names else []
        return [
            Family(
                **msgspec.structs.asdict(order),
                legs=tuple(leg for leg in legs if leg.parent == order.client_order_id),
                group=len({leg.type for leg in legs if leg.parent == (order.parent or order.client_order_id)}),
            )
            for order in orders
        ]

    async def executions(self, now: datetime) -> list[Execution]:
        """Return every execution up to an instant, as they happened."""
        return await self._store.rows(Execution, "exchange.executions", account=self.account, after=None, now=now)

    async def trades(self, client_order_id: str) -> list[Execution]:
        """Return what an order has traded, as it happened."""
        return await self._store.rows(
            Execution, "exchange.order_trades", account=self.account, client_order_id=client_order_id
        )

    async def activities(self, page: Page) -> list[Activity]:
        """Return a page of executions, newest first unless asked otherwise.

        Raises:
            Malformed: the execution behind which the page is to begin is not there.
        """
        place = None
        if page.behind is not None:
            place = await self._store.value("exchange.place", account=self.account, number=page.behind)
            if place is None:
                raise Malformed(f"page_token {page.behind} is no activity")
        return await self._store.rows(
            Activity,
            "exchange.activities",
            account=self.account,
            place=place,
            after=page.after,
            until=page.until,
            oldest_first=page.oldest_first,
            most=page.most,
        )

    async def latest(self) -> datetime | None:
        """Return the last instant of the market that an order has met, or None where there was no order."""
        met: datetime | None = await self._store.value("exchange.latest", account=self.account)
        return met


def number(name: str) -> UUID:
    """Return the number under which the exchange knows an order, an execution or an asset by its name."""
    return UUID(md5(name.encode(), usedforsecurity=False).hexdigest())


def statement(executions: Sequence[Execution], cash: Decimal, at: datetime) -> Statement:
    """Return what the account had at an instant, from its cash after all of its executions."""
    fills = [as_fill(execution) for execution in executions]
    later = sum((cash_flow(fill) for fill in fills if fill.at > at), Decimal(0))
    return Statement(cash=cash - later, positions=fold(fill for fill in fills if fill.at <= at))


def as_fill(execution: Execution) -> Fill:
    """Return an execution as what positions are folded from."""
    return Fill(
        id=number(execution.execution_id),
        order_id=number(execution.client_order_id),
        execution_id=execution.execution_id,
        ticker=execution.ticker,
        side=execution.side,
        quantity=execution.quantity,
        price=execution.price,
        fee=execution.fee,
        at=execution.at,
    )


def _parameters(wanted: Wanted) -> dict[str, object]:
    return msgspec.structs.asdict(wanted)
