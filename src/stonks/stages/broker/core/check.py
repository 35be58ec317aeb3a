"""The facts for judging an order once more before it is sent."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from stonks.model.market import Price
from stonks.model.order import Position, Side
from stonks.model.recommendation import Mode
from stonks.risk.breakers import Breaker
from stonks.risk.facts import Book, Facts, Holding, Market, Proposal, Resting, TradingState
from stonks.risk.policy import Policy
from stonks.stages.broker.core.orders import OrderRow
from stonks.stages.broker.core.protect import STOP


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What the account may do, and the cash of its newest snapshot."""

    state: TradingState
    cash: Decimal | None
    as_of: datetime | None


class Working(msgspec.Struct, frozen=True, kw_only=True):
    """What is left of a working order."""

    id: UUID
    ticker: str
    sector: str
    side: Side
    quantity: Decimal
    price: float


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """The account's rows as known now."""

    standing: Standing
    working: Sequence[Working]
    positions: Sequence[Position]
    breakers: Sequence[Breaker]
    stops: Sequence[Working] = ()
    """Protective stops, which are taken back for a sale that needs their shares."""


def order_facts(row: OrderRow, account: Account, price: Price | None, policy: Policy, now: datetime) -> Facts:
    """Return what the gates may look at for an order; it does not stand in its own way as a working one."""
    standing = account.standing
    return Facts(
        now=now,
        policy=policy,
        sessions=(),
        proposal=Proposal(
            ticker=row.ticker,
            side=row.side,
            mode=Mode.PAPER,
            generated_at=now,
            reduce_only=row.reduce_only,
            quantity=row.quantity,
            stop_price=row.stop_price if row.leg == STOP else None,
        ),
        market=Market(sector=row.sector, price=price),
        book=Book(
            as_of=standing.as_of or now,
            state=standing.state,
            equity=None,
            cash=None if standing.cash is None else float(standing.cash),
            breakers=tuple(account.breakers),
            holdings=tuple(
                Holding(ticker=held.ticker, sector="", quantity=held.quantity, price=float(held.average_price))
                for held in account.positions
            ),
            resting=tuple(
                msgspec.convert(order, Resting, from_attributes=True)
                for order in (*account.working, *account.stops)
                if order.id != row.id
            ),
        ),
    )
