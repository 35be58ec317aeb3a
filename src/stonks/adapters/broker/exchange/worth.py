"""What the account is worth at the exchange's prices: cash, positions and equity, now or at an earlier close."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from math import prod

import msgspec

from stonks.adapters.broker.exchange.ledger import History, Statement, as_fill
from stonks.adapters.broker.exchange.venue import Venue
from stonks.model.adjustment import Adjustment
from stonks.model.order import Position
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
    history = History(
        executions=await venue.ledger.executions(now),
        adjustments=await venue.ledger.adjustments(now),
        cash=account.cash,
    )
    eve = await venue.diary.eve(now)
    lines = [
        await _line(venue, position, (now, eve), history)
        for _, position in sorted(history.at(now).positions.items())
        if position.quantity
    ]
    return Worth(
        cash=account.cash,
        lines=tuple(lines),
        eve_equity=await equity_at(venue, history.at(eve), eve) if eve else None,
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


async def _line(venue: Venue, position: Position, instants: tuple[datetime, datetime | None], history: History) -> Line:
    now, eve = instants
    price = await price_at(venue, position.ticker, now)
    quote = await venue.paper.price(position.ticker, eve) if eve else None
    if eve is None or quote is None:
        return Line(position=position, price=price, eve_price=None, day_gain=None)
    eve_price = quote.mid / _ratio(history.adjustments, position.ticker, eve)
    today = [as_fill(each) for each in history.executions if each.ticker == position.ticker and each.at > eve]
    before = position.quantity - sum(
        (fill.quantity if fill.side == "buy" else -fill.quantity for fill in today), _NOTHING
    )
    flows = sum((cash_flow(fill) + fill.fee for fill in today), _NOTHING)
    gain = position.quantity * price - before * eve_price + flows
    return Line(position=position, price=price, eve_price=eve_price, day_gain=gain)


def _ratio(adjustments: Sequence[Adjustment], ticker: str, since: datetime) -> Decimal:
    """Return the shares now for one share then."""
    ratios = [each.ratio for each in adjustments if each.ticker == ticker and each.at > since]
    return prod((ratio for ratio in ratios if ratio is not None), start=Decimal(1))
