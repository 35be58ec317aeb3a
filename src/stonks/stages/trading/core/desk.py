"""The trader's desk: everything known at one instant, and the facts it gives about any proposal."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from stonks.model.market import Session
from stonks.model.order import Intent, OrderType, Side
from stonks.model.recommendation import Advice, Mode
from stonks.risk.breakers import Breaker
from stonks.risk.evaluate import Evaluation, evaluate
from stonks.risk.facts import Book, Facts, Market, Proposal, Resting
from stonks.risk.policy import Policy


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A recommendation that nobody has decided on yet, with what the gates ask about it."""

    id: UUID
    ticker: str
    action: Advice
    mode: Mode
    probability: float
    probability_low: float
    confidence: float
    """How likely the trend's sign is right: what the confidence gate asks (ADR 11)."""
    contradiction: float
    generated_at: datetime
    sources: int
    superseded: bool
    decided: bool = False


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """What the account, its market and its rules look like now."""

    account: str
    now: datetime
    policy: Policy
    sessions: tuple[Session, ...]
    book: Book
    markets: dict[str, Market]

    def judge(self, proposal: Proposal) -> Evaluation:
        """Return what every gate says to a proposal."""
        return evaluate(
            Facts(
                now=self.now,
                policy=self.policy,
                sessions=self.sessions,
                proposal=proposal,
                market=self.markets.get(proposal.ticker, Market(sector=None)),
                book=self.book,
            )
        )

    def with_order(self, intent: Intent) -> "Desk":
        """Return the desk after an order was sent: it works, and an entry counts."""
        market = self.markets[intent.ticker]
        working = Resting(
            ticker=intent.ticker,
            sector=market.sector or "Unknown",
            side=intent.side,
            quantity=intent.quantity,
            price=float(market.price.ask) if market.price else 0.0,
        )
        book = msgspec.structs.replace(
            self.book,
            resting=(*self.book.resting, working),
            entries_today=self.book.entries_today + (intent.leg == ENTRY),
            breakers=self._probed(intent) if intent.leg == ENTRY else self.book.breakers,
        )
        return msgspec.structs.replace(self, book=book)

    def _probed(self, entry: Intent) -> tuple[Breaker, ...] | None:
        """Return the breakers once an entry is out: it is the probe of each half-open one that let it pass."""
        place = entry.ticker, self.markets[entry.ticker].sector
        return self.book.breakers and tuple(
            msgspec.structs.replace(breaker, probing=True) if breaker.probes(*place) else breaker
            for breaker in self.book.breakers
        )


ENTRY = "entry"
EXIT = "exit"


class Errand(msgspec.Struct, frozen=True, kw_only=True):
    """What makes one order this order: whom it is for, which leg of it, and at which attempt."""

    id: UUID
    client_order_id: str
    decision_id: UUID
    leg: str
    attempt: int
    cause: str


def market_order(desk: Desk, errand: Errand, ticker: str, quantity: Decimal) -> Intent:
    """Return the intent to trade at the market today: an entry buys, an exit sells and only reduces."""
    leaving = errand.leg == EXIT
    return Intent(
        id=errand.id,
        decision_id=errand.decision_id,
        account=desk.account,
        leg=errand.leg,
        attempt=errand.attempt,
        client_order_id=errand.client_order_id,
        ticker=ticker,
        side=Side.SELL if leaving else Side.BUY,
        type=OrderType.MARKET,
        quantity=quantity,
        reduce_only=leaving,
        cause=errand.cause,
    )
