"""The exchange's books as its API reads them: orders by number or by what is asked for, and all that happened."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from hashlib import md5
from uuid import UUID

import msgspec

from stonks.adapters.broker.resting import Resting
from stonks.model.adjustment import Adjustment
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


class Activity(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened in the account: an execution, its fees, a dividend or a split; ``name`` is its own.

    Of an execution there are its price, what its order was for and had traded with it; of the others the cash that came
    in, and of a dividend or a split the shares it was for or brought, and dollars a share.
    """

    kind: str
    name: str
    at: datetime
    ticker: str
    quantity: Decimal | None = None
    price: Decimal | None = None
    cash: Decimal | None = None
    side: Side | None = None
    client_order_id: str | None = None
    ordered: Decimal | None = None
    filled: Decimal | None = None


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Which activities are asked for; what is None is not asked about."""

    kinds: tuple[str, ...] = ("FILL",)
    behind: UUID | None = None
    """The number of the activity that the page before ended with."""
    after: datetime | None = None
    until: datetime | None = None
    oldest_first: bool = False
    most: int = 100


class Placed(msgspec.Struct, frozen=True):
    """Where an activity stands among all: when it was, and what came first of what was then."""

    at: datetime
    seq: int


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
        """Return a page of what happened, newest first unless asked otherwise.

        Raises:
            Malformed: the activity behind which the page is to begin is not there.
        """
        place: Placed | None = None
        if page.behind is not None:
            place = await self._store.row(Placed, "exchange.placed", account=self.account, number=page.behind)
            if place is None:
                raise Malformed(f"page_token {page.behind} is no activity")
        return await self._store.rows(
            Activity,
            "exchange.activities",
            account=self.account,
            kinds=page.kinds,
            behind_at=place.at if place else None,
            behind_seq=place.seq if place else None,
            after=page.after,
            until=page.until,
            oldest_first=page.oldest_first,
            most=page.most,
        )

    async def adjustments(self, now: datetime) -> list[Adjustment]:
        """Return what dividends and splits did that took effect by an instant, as they did."""
        return await self._store.rows(Adjustment, "exchange.adjustments", account=self.account, now=now)

    async def latest(self) -> datetime | None:
        """Return the last instant of the market that an order has met, or None where there was no order."""
        met: datetime | None = await self._store.value("exchange.latest", account=self.account)
        return met


def number(name: str) -> UUID:
    """Return the number under which the exchange knows an order, an execution or an asset by its name."""
    return UUID(md5(name.encode(), usedforsecurity=False).hexdigest())


class History(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that happened to an account's positions, and its cash after all of it."""

    executions: Sequence[Execution]
    adjustments: Sequence[Adjustment]
    cash: Decimal

    def at(self, instant: datetime) -> Statement:
        """Return what the account had at an instant."""
        fills = [as_fill(execution) for execution in self.executions]
        flows = [cash_flow(fill) for fill in fills if fill.at > instant]
        flows += [action.cash or Decimal(0) for action in self.adjustments if action.at > instant]
        positions = fold(
            (fill for fill in fills if fill.at <= instant), (each for each in self.adjustments if each.at <= instant)
        )
        return Statement(cash=self.cash - sum(flows, Decimal(0)), positions=positions)


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
