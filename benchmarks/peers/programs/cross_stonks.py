"""Trades crossing averages by our rules, and says what that took.

    python cross_stonks.py BARS FAST SLOW [orders]

BARS is a JSON list of bars: seconds since 1970, open, high, low, close, volume. What happens to a bar is what happens
in a replay, without the database between: every gate is asked and the order sized, asked again before it is sent, moved
through its states, admitted and matched by the exchange's own rules, and folded into a position; decisions with all
their checks and every event of an order are written to a log. The limits that would hold such a strategy back are
asked too, but wide: it trades as often as the others do. What a day knows of its market (volume, range, volatility) is
given. Without ``orders`` the averages are followed and nothing is bought.

The answer is JSON: CPU seconds of the run alone, orders that filled, what is left, and bytes of the log.
"""

import json
import sys
import tempfile
import time
from collections import deque
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import IO
from uuid import UUID

import msgspec

from stonks.adapters.broker.matching import Floor, play
from stonks.adapters.broker.paper import admit
from stonks.adapters.broker.resting import Purse, Resting, Trade
from stonks.model.identity import client_order_id, intent_id
from stonks.model.market import Asset, Bar, Price, Session
from stonks.model.order import (
    Fill,
    Intent,
    Order,
    OrderEvent,
    OrderEventKind as Kind,
    OrderStatus,
    OrderType,
    Position,
    Side,
)
from stonks.model.recommendation import Mode
from stonks.risk.evaluate import evaluate, recheck
from stonks.risk.facts import Book, Facts, Habits, Holding, Market, Proposal, TradingState
from stonks.risk.order_machine import apply
from stonks.risk.policy import MODERATE, Cooldown
from stonks.risk.position import after

TICKER, SECTOR = "AAPL", "Information Technology"
LONG = timedelta(minutes=1) - timedelta(microseconds=1)
"""A bar is over before the next one begins."""
HALF_SPREAD = Decimal("0.0001")
POLICY = msgspec.structs.replace(
    MODERATE,
    limits=msgspec.structs.replace(
        MODERATE.limits,
        cooldown=Cooldown(),
        max_new=10_000,
        orders_a_minute=10_000,
        orders_a_day=10_000,
        max_over_median=100.0,
        after_open=timedelta(0),
        before_close=timedelta(0),
    ),
)
ASSET = Asset(
    ticker=TICKER,
    tradable=True,
    halted=False,
    fractionable=False,
    shortable=False,
    known_at=datetime(2025, 1, 1, tzinfo=UTC),
)
BEHIND, AHEAD = 50, 10
"""Sessions that a desk knows."""
_SATURDAY = 5


class Desk:
    """One account that trades one stock."""

    def __init__(self, log: IO[bytes]) -> None:
        """Write what happens to this log."""
        self._log = log
        self._encoder = msgspec.json.Encoder()
        self._purse = Purse(cash=Decimal(100_000), held={})
        self._orders: dict[str, Order] = {}
        self._position: Position | None = None
        self._resting: tuple[Resting, ...] = ()
        self._number = 0
        self.filled = 0

    @property
    def busy(self) -> bool:
        """Whether an order is on its way."""
        return bool(self._resting)

    @property
    def held(self) -> Decimal:
        """Shares held."""
        return self._purse.held.get(TICKER, Decimal(0))

    def worth(self, price: Decimal) -> Decimal:
        """Return cash and shares at a price."""
        return self._purse.cash + self.held * price

    # -------------------------------------------------------------------------------------------- deciding

    def decide(self, side: Side, price: Price, when: tuple[datetime, tuple[Session, ...]], day: Market) -> None:
        """Ask every gate about a purchase, or about selling all, and send what they let pass."""
        self._number += 1
        facts = self._facts(side, price, when, day)
        evaluation = evaluate(facts)
        self._write({"decided": facts.now, "side": side, "evaluation": evaluation})
        if evaluation.primary_reason is None:
            self._send(facts, price, evaluation.quantity)

    def _facts(self, side: Side, price: Price, when: tuple[datetime, tuple[Session, ...]], day: Market) -> Facts:
        selling = side is Side.SELL
        held = Holding(ticker=TICKER, sector=SECTOR, quantity=self.held, price=float(price.mid))
        return Facts(
            now=when[0],
            policy=POLICY,
            sessions=when[1],
            proposal=Proposal(
                ticker=TICKER,
                side=side,
                mode=Mode.PAPER,
                generated_at=when[0],
                reduce_only=selling,
                quantity=self.held if selling else Decimal(0),
                probability=0.57,
                probability_low=0.56,
                confidence=0.8,
                contradiction=0.1,
                sources=3,
            ),
            market=msgspec.structs.replace(day, price=price, asset=msgspec.structs.replace(ASSET, known_at=when[0])),
            book=Book(
                as_of=when[0],
                state=TradingState.ACTIVE,
                equity=float(self.worth(price.mid)),
                cash=float(self._purse.cash),
                holdings=(held,) if self.held else (),
                habits=Habits(median=3_000.0, orders=20, last_minute=0, last_day=3),
            ),
        )

    def _send(self, facts: Facts, price: Price, quantity: Decimal) -> None:
        """Judge an order once more, claim it, and bring it to the exchange."""
        intent = self._intent(facts, quantity)
        order = Order(
            intent=intent,
            status=OrderStatus.INITIALIZED,
            previous_status=None,
            broker_order_id=None,
            filled_quantity=Decimal(0),
            average_price=None,
            version=0,
        )
        proposal = msgspec.structs.replace(facts.proposal, quantity=quantity)
        again = recheck(msgspec.structs.replace(facts, proposal=proposal), float(price.mid))
        self._write({"rechecked": facts.now, "order": intent.id, "evaluation": again})
        if again.primary_reason is not None:
            raise SystemExit(f"an order that was let pass is held back: {again.primary_reason}")
        for kind in (Kind.CLAIMED, Kind.SUBMITTED, Kind.ACCEPTED):
            order = self._happen(order, OrderEvent(kind=kind, at=facts.now, dedupe_key=kind.value, source="rest"))
        reserve = admit(intent, price, self._purse, self._resting)
        self._resting = (_on_the_book(intent, reserve, facts.now),)

    def _intent(self, facts: Facts, quantity: Decimal) -> Intent:
        selling = facts.proposal.reduce_only
        leg = "exit" if selling else "entry"
        order = intent_id("paper", UUID(int=self._number), leg, 1)
        return Intent(
            id=order,
            decision_id=UUID(int=self._number),
            account="paper",
            leg=leg,
            attempt=1,
            client_order_id=client_order_id(order),
            ticker=TICKER,
            side=facts.proposal.side,
            type=OrderType.MARKET,
            quantity=quantity,
            reduce_only=selling,
        )

    # -------------------------------------------------------------------------------------------- what happens

    def meet(self, bar: Bar) -> None:
        """Let orders meet a bar, and book what traded."""
        floor = Floor(
            orders=self._resting, bars={TICKER: (bar,)}, half_spreads={TICKER: HALF_SPREAD}, purse=self._purse
        )
        played = play(floor, bar.ends_at)
        for trade in played.trades:
            self._book(trade)
        self._purse = played.purse
        left = {order.client_order_id: order for order in (*self._resting, *played.orders)}
        self._resting = tuple(order for order in left.values() if order.ended_at is None)

    def _book(self, trade: Trade) -> None:
        order = self._orders[trade.client_order_id]
        detail = {"quantity": str(trade.quantity), "price": str(trade.price), "fee": str(trade.fee)}
        event = OrderEvent(kind=Kind.FILL, at=trade.at, dedupe_key=trade.execution_id, source="rest", detail=detail)
        order = self._happen(order, event)
        self.filled += order.status is OrderStatus.FILLED
        fill = Fill(
            id=order.intent.id,
            order_id=order.intent.id,
            execution_id=trade.execution_id,
            ticker=trade.ticker,
            side=trade.side,
            quantity=trade.quantity,
            price=trade.price,
            fee=trade.fee,
            at=trade.at,
        )
        self._position = after(self._position, fill)
        self._write({"position": self._position})

    def _happen(self, order: Order, event: OrderEvent) -> Order:
        moved = apply(order, event)
        if moved.problem is not None:
            raise SystemExit(moved.problem)
        self._orders[order.intent.client_order_id] = moved.order
        self._write({"order": order.intent.id, "event": event, "status": moved.order.status})
        return moved.order

    def _write(self, what: dict[str, object]) -> None:
        self._log.write(self._encoder.encode(what) + b"\n")


def _on_the_book(intent: Intent, reserve: Decimal, now: datetime) -> Resting:
    return Resting(
        client_order_id=intent.client_order_id,
        ticker=intent.ticker,
        side=intent.side,
        type=intent.type,
        quantity=intent.quantity,
        limit_price=None,
        stop_price=None,
        time_in_force=intent.time_in_force,
        kind=Kind.ACCEPTED,
        reason=None,
        filled_quantity=Decimal(0),
        triggered=False,
        reserved=reserve,
        accepted_at=now,
        matched_at=now,
        ended_at=None,
    )


class Mean:
    """The mean of the last so many closes."""

    def __init__(self, size: int) -> None:
        """Forget what is older."""
        self._size, self._closes, self._sum = size, deque[float](), 0.0

    def after(self, close: float) -> float | None:
        """Return the mean with one more close, or None while there are too few."""
        self._closes.append(close)
        self._sum += close
        if len(self._closes) > self._size:
            self._sum -= self._closes.popleft()
        return self._sum / self._size if len(self._closes) == self._size else None


def cross(bars: Sequence[Bar], desk: Desk, sizes: tuple[int, int], *, orders: bool) -> None:
    """Hold shares while the fast mean is above the slow one."""
    fast, slow = Mean(sizes[0]), Mean(sizes[1])
    sessions = calendar(bars)
    places = {session.day: place for place, session in enumerate(sessions)}
    for day, run in groupby(bars, key=lambda bar: bar.starts_at.date()):
        known, market = tuple(sessions[places[day] - BEHIND : places[day] + AHEAD]), about(day)
        for bar in run:
            if desk.busy:
                desk.meet(bar)
            close = float(bar.close)
            quick, calm = fast.after(close), slow.after(close)
            if not orders or quick is None or calm is None or desk.busy:
                continue
            side = Side.BUY if quick > calm else Side.SELL
            if (side is Side.BUY) is (desk.held == 0):
                desk.decide(side, quoted(bar), (bar.ends_at, known), market)


def quoted(bar: Bar) -> Price:
    """Return the price at a bar's close."""
    half = bar.close * HALF_SPREAD
    return Price(ticker=TICKER, bid=bar.close - half, ask=bar.close + half, at=bar.ends_at)


def calendar(bars: Sequence[Bar]) -> list[Session]:
    """Return a session for every weekday from well before the bars to well after them."""
    first = bars[0].starts_at - timedelta(days=100)
    days = (first + timedelta(days=number) for number in range((bars[-1].ends_at - first).days + 100))
    return [
        Session(day=opens.date(), opens_at=opens, closes_at=opens + timedelta(hours=6, minutes=30))
        for opens in days
        if opens.weekday() < _SATURDAY
    ]


def about(day: date) -> Market:
    """Return what is known of the stock on a day."""
    return Market(
        sector=SECTOR,
        adv=5e9,
        atr=2.0,
        volatility=0.25,
        bars_as_of=datetime(day.year, day.month, day.day, tzinfo=UTC),
        earnings=(day - timedelta(days=30), day + timedelta(days=60)),
    )


def read(file: Path) -> list[Bar]:
    """Return bars of a minute."""
    return [_bar(numbers) for numbers in json.loads(file.read_text())]


def _bar(numbers: Sequence[float]) -> Bar:
    at, *prices, volume = numbers
    opened, high, low, close = (Decimal(str(price)) for price in prices)
    begins = datetime.fromtimestamp(at, UTC)
    return Bar(
        ticker=TICKER,
        resolution="1m",
        starts_at=begins,
        ends_at=begins + LONG,
        open=opened,
        high=high,
        low=low,
        close=close,
        volume=Decimal(volume),
        known_at=begins + LONG,
    )


def main() -> None:
    """Run and answer."""
    bars, sizes = read(Path(sys.argv[1])), (int(sys.argv[2]), int(sys.argv[3]))
    with tempfile.TemporaryFile() as log:
        desk = Desk(log)
        started = time.process_time()
        cross(bars, desk, sizes, orders="orders" in sys.argv)
        seconds = time.process_time() - started
        left = float(desk.worth(bars[-1].close))
        print(json.dumps({"seconds": seconds, "orders": desk.filled, "left": left, "log": log.tell()}))


if __name__ == "__main__":
    main()
