"""What a gate may look at: the proposal, its market and the account's book, all as known at one instant."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

import msgspec

from stonks.model.market import Asset, Price, Session
from stonks.model.order import Side
from stonks.model.recommendation import Mode
from stonks.model.units import Unit
from stonks.risk.breakers import Breaker
from stonks.risk.policy import Policy


class TradingState(StrEnum):
    """How much the account may do: anything, only reduce, or nothing."""

    ACTIVE = "active"
    REDUCING = "reducing"
    HALTED = "halted"


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wants done; a proposal that only reduces has its quantity, an entry gets one from sizing.

    An entry with a quantity gets no more than that; one that a person asks for has no recommendation, and its quantity
    is held down by the caps of the gates alone.
    """

    ticker: str
    side: Side
    mode: Mode
    generated_at: datetime | None
    reduce_only: bool = False
    manual: bool = False
    quantity: Decimal = Decimal(0)
    limit: Decimal | None = None
    """The most that a share may cost, or the least that it has to bring."""
    probability: float | None = None
    probability_low: float | None = None
    confidence: float | None = None
    contradiction: float | None = None
    sources: int | None = None
    decided: bool = False
    superseded: bool = False
    stop_price: Decimal | None = None
    """Of a stop that protects a position: where it is triggered."""


class Market(msgspec.Struct, frozen=True, kw_only=True):
    """One instrument as known now; None means that we do not know. Dollars, shares of the price, annual volatility."""

    sector: str | None
    price: Price | None = None
    adv: float | None = None
    atr: float | None = None
    volatility: float | None = None
    asset: Asset | None = None
    correlations: dict[str, Unit] = {}
    bars_as_of: datetime | None = None
    earnings: tuple[date, ...] = ()
    splits: tuple[date, ...] = ()
    """Ex-dates of splits, spin-offs and mergers."""


class Holding(msgspec.Struct, frozen=True, kw_only=True):
    """A position at its present price; signed shares."""

    ticker: str
    sector: str
    quantity: Decimal
    price: float

    @property
    def value(self) -> float:
        """Signed dollars."""
        return float(self.quantity) * self.price


class Resting(msgspec.Struct, frozen=True, kw_only=True):
    """What is not yet filled of an order that still works."""

    ticker: str
    sector: str
    side: Side
    quantity: Decimal
    price: float

    @property
    def value(self) -> float:
        """Dollars it would trade."""
        return float(self.quantity) * self.price


class LastExit(msgspec.Struct, frozen=True, kw_only=True):
    """When a ticker was last sold, and whether a stop did it."""

    ticker: str
    at: datetime
    stopped: bool


class Habits(msgspec.Struct, frozen=True, kw_only=True):
    """What the account orders when it enters: the median of its newest orders in dollars, and how many it sent."""

    median: float | None
    orders: int
    """How many the median is of."""
    last_minute: int
    last_day: int


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """What closed trades brought: how many there were, and the mean gain over the mean loss, where there are both."""

    trades: int
    payoff: float | None


class Book(msgspec.Struct, frozen=True, kw_only=True):
    """The account as known now; None means that we do not know."""

    as_of: datetime
    state: TradingState | None
    equity: float | None
    cash: float | None
    breakers: tuple[Breaker, ...] | None = ()
    holdings: tuple[Holding, ...] = ()
    resting: tuple[Resting, ...] = ()
    exits: tuple[LastExit, ...] = ()
    entries_today: int = 0
    habits: Habits | None = None
    results: Results | None = None

    def sectors(self) -> dict[str, str]:
        """Return every name held or worked on with its sector."""
        held = {holding.ticker: holding.sector for holding in self.holdings}
        return held | {order.ticker: order.sector for order in self.resting}

    def held(self, ticker: str) -> Decimal:
        """Return signed shares held."""
        return sum((holding.quantity for holding in self.holdings if holding.ticker == ticker), Decimal(0))

    def sellable(self, ticker: str) -> Decimal:
        """Return shares held that no working order sells already."""
        promised = sum(
            (order.quantity for order in self.resting if order.ticker == ticker and order.side is Side.SELL), Decimal(0)
        )
        return max(Decimal(0), self.held(ticker) - promised)


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """Everything one evaluation is a function of."""

    now: datetime
    policy: Policy
    sessions: tuple[Session, ...]
    proposal: Proposal
    market: Market
    book: Book

    @property
    def quote_age(self) -> timedelta | None:
        """Age of the price; one of later than now has none."""
        price = self.market.price
        return None if price is None or price.at > self.now else self.now - price.at

    @property
    def reduces(self) -> bool:
        """Whether the proposal makes what is held smaller and does nothing else."""
        held, wanted = self.book.held(self.proposal.ticker), self.proposal.quantity
        against = held if self.proposal.side is Side.SELL else -held
        return self.proposal.reduce_only and 0 < wanted <= against
