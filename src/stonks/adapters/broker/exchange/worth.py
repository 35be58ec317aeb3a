"""What the account is worth at the exchange's prices: cash, positions and equity, now or at an earlier close."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import msgspec

from stonks.adapters.broker.exchange.ledger import Statement, as_fill, statement
from stonks.adapters.broker.exchange.venue import Venue
from stonks.model.order import Position
from stonks.ports.broker import Execution
from stonks.risk.position import cash_flow

_NOTHING = Decimal(0)


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A position with its price now, its price at the last close of an earlier day, and what the day has brought."""

    position: Position
    price: Decimal
    eve_price: Decimal | None
    day_gain: Decimal | None

    @property
    def value(self) -> Decimal:
        """Dollars at the price now."""
        return self.position.quantity * self.price

    @property
    def cost(self) -> Decimal:
        """Dollars paid."""
        return self.position.quantity * self.position.average_price


class Worth(msgspec.Struct, frozen=True, kw_only=True):
    """The account's worth; ``eve_equity`` is that at the last close of an earlier day."""

    cash: Decimal
    lines: tuple[Line, ...]
    eve_equity: Decimal | None
    executions: Sequence[Execution]

    @property
    def long_value(self) -> Decimal:
        """Dollars in positions; there are no short ones."""
        return sum((line.value for line in self.lines), _NOTHING)

    @property
    def equity(self) -> Decimal:
        """Dollars in all."""
        return self.cash + self.long_value


async def worth(venue: Venue) -> Worth:
    """Return what the account is worth now, after its orders have met the market."""
    now = venue.now()
    account = await venue.paper.account(now)
    executions = await venue.ledger.executions(now)
    held = statement(executions, account.cash, now)
    eve = await venue.diary.eve(now)
    lines = [
        await _line(venue, position, (now, eve), executions)
        for _, position in sorted(held.positions.items())
        if position.quantity
    ]
    return Worth(
        cash=account.cash,
        lines=tuple(lines),
        eve_equity=await equity_at(venue, statement(executions, account.cash, eve), eve) if eve else None,
        executions=executions,
    )


async def equity_at(venue: Venue, held: Statement, at: datetime) -> Decimal:
    """Return what a statement came to at the prices of its instant."""
    values = [
        position.quantity * await price_at(venue, ticker, at)
        for ticker, position in held.positions.items()
        if position.quantity
    ]
    return held.cash + sum(values, _NOTHING)


async def price_at(venue: Venue, ticker: str, at: datetime) -> Decimal:
    """Return the middle of the price at an instant, or nothing where the ticker had none."""
    price = await venue.paper.price(ticker, at)
    return price.mid if price else _NOTHING


async def _line(
    venue: Venue, position: Position, instants: tuple[datetime, datetime | None], executions: Sequence[Execution]
) -> Line:
    now, eve = instants
    price = await price_at(venue, position.ticker, now)
    quote = await venue.paper.price(position.ticker, eve) if eve else None
    if eve is None or quote is None:
        return Line(position=position, price=price, eve_price=None, day_gain=None)
    fills = [as_fill(each) for each in executions if each.ticker == position.ticker]
    today = [fill for fill in fills if fill.at > eve]
    before = position.quantity - sum(
        (fill.quantity if fill.side == "buy" else -fill.quantity for fill in today), _NOTHING
    )
    flows = sum((cash_flow(fill) + fill.fee for fill in today), _NOTHING)
    gain = position.quantity * price - before * quote.mid + flows
    return Line(position=position, price=price, eve_price=quote.mid, day_gain=gain)
