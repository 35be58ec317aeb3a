"""Accounts live through any sequence of proposals, fills, cancels, moves of prices and commands; the gates keep them.

Everything is pure: orders pass ``evaluate`` and ``recheck``, an exchange in a dozen lines fills them, and after each
decision the book is added up anew, by hand and not by the code under test.
"""

from decimal import Decimal
from typing import Any

import msgspec
from hypothesis import settings, strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from stonks.model.order import Side
from stonks.model.recommendation import Mode
from stonks.risk.breakers import Breaker, BreakerKind, BreakerState
from stonks.risk.evaluate import Evaluation, evaluate, recheck
from stonks.risk.facts import Facts, Habits, Holding, Resting, TradingState
from stonks.risk.policy import POLICIES, Policy
from tests.fakes.facts import NOW, asset, facts, price

SECTORS = {"AAPL": "Tech", "MSFT": "Tech", "IBM": "Tech", "JPM": "Money", "GS": "Money", "XOM": "Oil"}
TICKERS = st.sampled_from(sorted(SECTORS))
DUST = 0.01


def bold(**limits: float) -> Policy:
    """The aggressive tier with other caps."""
    policy = POLICIES["aggressive"]
    return msgspec.structs.replace(policy, limits=msgspec.structs.replace(policy.limits, **limits))


TIERS = [
    *POLICIES.values(),
    bold(name_cap=0.10, sector_cap=0.15, gross_cap=0.25, net_cap=0.20),
    bold(name_cap=0.40, sector_cap=1.0, gross_cap=1.0, net_cap=1.0, max_correlation=1.0),
]
"""Ours, one in which the caps of sectors and of everything bind, and one in which only cash does."""


class Placed(msgspec.Struct, kw_only=True):
    """An order that was decided: not sent, working, or over."""

    ticker: str
    side: Side
    quantity: Decimal
    decided_price: float
    sent: bool = False
    filled: Decimal = Decimal(0)
    over: bool = False

    @property
    def left(self) -> Decimal:
        return Decimal(0) if self.over else self.quantity - self.filled


class Accounts(RuleBasedStateMachine):
    """One account of a cash broker and everything that can happen to it within a day."""

    placed: Bundle[Placed] = Bundle("placed")

    def __init__(self) -> None:
        super().__init__()
        self.policy = TIERS[-1]
        self.state = TradingState.ACTIVE
        self.breaker: Breaker | None = None
        self.cash = Decimal(100_000)
        self.held: dict[str, int] = {}
        self.prices = dict.fromkeys(SECTORS, 100.0)
        self.orders: list[Placed] = []
        self.sent = self.entered = 0

    @initialize(cash=st.sampled_from([100_000, 9_000]), oil=st.sampled_from([0, 700]), policy=st.sampled_from(TIERS))
    def it_begins(self, cash: int, oil: int, policy: Policy) -> None:
        self.cash, self.held, self.policy = Decimal(cash), {"XOM": oil}, policy

    # ------------------------------------------------------------------------------------------- proposals

    @rule(target=placed, ticker=TICKERS, chance=st.floats(0.5, 0.99), live=st.booleans())
    def an_entry_is_proposed(self, ticker: str, chance: float, *, live: bool) -> Any:  # noqa: ANN401 - the machine's own
        return self._propose(ticker, chance, live=live)

    def _propose(self, ticker: str, chance: float, *, live: bool) -> Any:  # noqa: ANN401 - the machine's own
        given = self._facts(
            ticker,
            side=Side.BUY,
            mode=Mode.LIVE if live else Mode.PAPER,
            probability=chance,
            probability_low=chance,
            contradiction=0.0,
        )
        evaluation = evaluate(given)
        if not self._allowed(evaluation, entry=True):
            return multiple()
        self._check_caps(ticker, evaluation.quantity)
        self.entered += 1
        return self._place(ticker, Side.BUY, evaluation.quantity)

    @rule(target=placed, chances=st.lists(st.floats(0.7, 0.99), min_size=6, max_size=6))
    def everything_is_recommended_at_once(self, chances: list[float]) -> Any:  # noqa: ANN401 - the machine's own
        for ticker, chance in zip(SECTORS, chances, strict=True):
            self._propose(ticker, chance, live=False)
        return multiple(*(order for order in self.orders if not order.sent and not order.over))

    @rule(target=placed, ticker=TICKERS, quantity=st.integers(1, 200))
    def a_person_asks_for_an_entry(self, ticker: str, quantity: int) -> Any:  # noqa: ANN401 - the machine's own
        evaluation = evaluate(self._facts(ticker, side=Side.BUY, manual=True, quantity=Decimal(quantity)))
        if not self._allowed(evaluation, entry=True):
            return multiple()
        assert evaluation.quantity <= quantity
        self._check_caps(ticker, evaluation.quantity)
        self.entered += 1
        return self._place(ticker, Side.BUY, evaluation.quantity)

    @rule(target=placed, ticker=TICKERS, quantity=st.integers(1, 200))
    def an_exit_is_proposed(self, ticker: str, quantity: int) -> Any:  # noqa: ANN401 - the machine's own
        given = self._facts(ticker, side=Side.SELL, reduce_only=True, quantity=Decimal(quantity))
        evaluation = evaluate(given)
        if not self._allowed(evaluation, entry=False):
            return multiple()
        promised = sum(order.left for order in self.orders if order.ticker == ticker and order.side is Side.SELL)
        assert promised + evaluation.quantity <= self.held.get(ticker, 0)
        return self._place(ticker, Side.SELL, evaluation.quantity)

    def _allowed(self, evaluation: Evaluation, *, entry: bool) -> bool:
        """Whether an evaluation lets an order pass; never while that is forbidden."""
        passes = evaluation.primary_reason is None
        assert passes == (evaluation.quantity > 0 and not evaluation.needs_approval)
        assert not (passes and self.state is TradingState.HALTED)
        if entry:
            assert not (passes and (self.state is not TradingState.ACTIVE or self.breaker is not None))
            assert not (passes and self.entered >= self.policy.limits.max_new)
        return passes

    def _check_caps(self, ticker: str, quantity: Decimal) -> None:
        """Add up what the account would carry with this order, working buys among it."""
        worth = {name: self.held.get(name, 0) * self.prices[name] for name in SECTORS}
        equity = float(self.cash) + sum(worth.values())
        for order in self.orders:
            if order.side is Side.BUY:
                worth[order.ticker] += float(order.left) * order.decided_price
        worth[ticker] += float(quantity) * self._ask(ticker)
        limits, most = self.policy.limits, equity + DUST
        assert worth[ticker] <= limits.name_cap * most
        assert sum(worth[name] for name in SECTORS if SECTORS[name] == SECTORS[ticker]) <= limits.sector_cap * most
        assert sum(worth.values()) <= min(limits.gross_cap, limits.net_cap) * most
        reserved = sum(float(o.left) * o.decided_price for o in self.orders if o.side is Side.BUY)
        assert (reserved + float(quantity) * self._ask(ticker)) * 1.03 <= float(self.cash) + DUST

    def _place(self, ticker: str, side: Side, quantity: Decimal) -> Placed:
        order = Placed(ticker=ticker, side=side, quantity=quantity, decided_price=self._ask(ticker))
        self.orders.append(order)
        return order

    # ------------------------------------------------------------------------------------------- the broker

    @rule(order=placed)
    def an_order_goes_out(self, order: Placed) -> None:
        if order.over or order.sent:
            return
        leaving = order.side is Side.SELL
        given = self._facts(order.ticker, order, side=order.side, quantity=order.quantity, reduce_only=leaving)
        evaluation = recheck(given, order.decided_price)
        order.sent, order.over = evaluation.primary_reason is None, evaluation.primary_reason is not None
        assert not (order.sent and self.state is TradingState.HALTED)
        assert leaving or not (order.sent and (self.state is not TradingState.ACTIVE or self.breaker is not None))
        self.sent += order.sent

    @rule(order=placed, part=st.sampled_from([1, 0.5, 0.1]), worse=st.floats(-0.03, 0.0299))
    def an_order_trades(self, order: Placed, part: float, worse: float) -> None:
        """At most as far from where it was decided as brokers hold cash back for."""
        if not order.sent or order.left == 0:
            return
        shares = max(1, int(order.left * Decimal(str(part))))
        cost = Decimal(str(round(order.decided_price * (1 + worse), 4))) * shares
        order.filled += shares
        buys = order.side is Side.BUY
        self.cash += -cost if buys else cost
        self.held[order.ticker] = self.held.get(order.ticker, 0) + (shares if buys else -shares)

    @rule(order=consumes(placed))
    def an_order_ends(self, order: Placed) -> None:
        order.over = True

    # ------------------------------------------------------------------------------------------- the world

    @rule(ticker=TICKERS, factor=st.floats(0.8, 1.25))
    def a_price_moves(self, ticker: str, factor: float) -> None:
        self.prices[ticker] = round(max(5.0, min(500.0, self.prices[ticker] * factor)), 2)

    @rule(state=st.sampled_from([TradingState.ACTIVE, TradingState.ACTIVE, TradingState.REDUCING, TradingState.HALTED]))
    def a_person_says_what_may_be_done(self, state: TradingState) -> None:
        self.state = state

    @rule(opens=st.integers(0, 3))
    def a_breaker_opens_or_closes(self, opens: int) -> None:
        row = Breaker(
            scope="global",
            kind=BreakerKind.DRAWDOWN,
            state=BreakerState.OPEN,
            observed=-0.2,
            limit=-0.1,
            opened_at=NOW,
        )
        self.breaker = row if opens == 0 else None

    @rule(policy=st.sampled_from(TIERS))
    def another_policy_comes_in_force(self, policy: Policy) -> None:
        self.policy = policy

    # ------------------------------------------------------------------------------------------- what is always so

    @invariant()
    def nothing_is_overspent_or_sold_short(self) -> None:
        assert self.cash >= 0
        assert all(shares >= 0 for shares in self.held.values())

    # ------------------------------------------------------------------------------------------- facts

    def _ask(self, ticker: str) -> float:
        return float(price(self.prices[ticker], ticker=ticker).ask)

    def _facts(self, ticker: str, order: Placed | None = None, **proposal: Any) -> Facts:  # noqa: ANN401 - its fields
        """What is known now of the account and a ticker; an order does not stand in its own way."""
        holdings = tuple(
            Holding(ticker=name, sector=SECTORS[name], quantity=Decimal(shares), price=self.prices[name])
            for name, shares in self.held.items()
            if shares
        )
        resting = tuple(
            Resting(
                ticker=each.ticker,
                sector=SECTORS[each.ticker],
                side=each.side,
                quantity=each.left,
                price=each.decided_price,
            )
            for each in self.orders
            if each.left and each is not order
        )
        return facts(
            policy=self.policy,
            proposal={"ticker": ticker, **proposal},
            market={
                "sector": SECTORS[ticker],
                "price": price(self.prices[ticker], ticker=ticker),
                "asset": asset(ticker=ticker),
                "correlations": dict.fromkeys(SECTORS, 0.3),
            },
            book={
                "state": self.state,
                "cash": float(self.cash),
                "equity": float(self.cash) + sum(holding.value for holding in holdings),
                "breakers": () if self.breaker is None else (self.breaker,),
                "holdings": holdings,
                "resting": resting,
                "entries_today": self.entered,
                "habits": Habits(median=None, orders=0, last_minute=0, last_day=self.sent),
            },
        )


Accounts.TestCase.settings = settings(max_examples=100, stateful_step_count=50)
TestAccounts = Accounts.TestCase
