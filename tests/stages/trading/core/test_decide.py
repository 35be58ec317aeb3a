from datetime import date, timedelta
from uuid import UUID

from hypothesis import given, strategies as st

from stonks.model.decision import Verdict
from stonks.model.order import Side
from stonks.model.recommendation import Advice, Mode
from stonks.risk.facts import Book, Holding, Market, TradingState
from stonks.risk.policy import MODERATE
from stonks.stages.trading.core.decide import decide_all
from stonks.stages.trading.core.desk import Candidate, Desk
from tests.fakes.facts import NOW, asset, holding, price, weekdays

TICKERS = ("AAPL", "MSFT", "IBM", "JPM", "GS")
SECTORS = {"AAPL": "Tech", "MSFT": "Tech", "IBM": "Tech", "JPM": "Financials", "GS": "Financials"}


def desk(holdings: tuple[Holding, ...] = (), cash: float = 100_000.0) -> Desk:
    markets = {
        ticker: Market(
            sector=SECTORS[ticker],
            price=price(ticker=ticker),
            adv=5e9,
            atr=2.0,
            volatility=0.25,
            asset=asset(ticker=ticker),
            bars_as_of=NOW,
            correlations=dict.fromkeys(TICKERS, 0.3),
            earnings=(date(2025, 6, 1),),
        )
        for ticker in TICKERS
    }
    equity = cash + sum(held.value for held in holdings)
    book = Book(as_of=NOW, state=TradingState.ACTIVE, equity=equity, cash=cash, holdings=holdings)
    sessions = tuple(weekdays(date(2025, 3, 3), 80))
    return Desk(account="paper", now=NOW, policy=MODERATE, sessions=sessions, book=book, markets=markets)


def candidate(number: int, ticker: str, action: Advice = Advice.BUY, chance: float = 0.56) -> Candidate:
    return Candidate(
        id=UUID(int=number),
        ticker=ticker,
        action=action,
        mode=Mode.PAPER,
        probability=chance,
        probability_low=chance,
        confidence=0.9,
        contradiction=0.0,
        generated_at=NOW - timedelta(minutes=1),
        sources=3,
        superseded=False,
    )


def test_an_order_takes_room_from_the_ones_after_it() -> None:
    tech = [candidate(n, ticker, chance=0.9) for n, ticker in enumerate(["AAPL", "MSFT", "IBM"])]
    full = (holding("JPM", 80, sector="Financials"), holding("T1", 150, sector="Tech"))

    decisions, after = decide_all(desk(full), tech)

    assert [decision.verdict for decision in decisions] == [Verdict.ACT] * 3
    assert [int(decision.quantity) for decision in decisions][:2] == [61, 61]
    assert decisions[2].quantity == 35
    assert [clamp.code for clamp in decisions[2].clamps][-1] == "SECTOR_CAP"
    assert after.book.entries_today == 3


def test_a_sale_of_a_holding_closes_it_and_a_second_one_finds_it_promised() -> None:
    sales = [candidate(1, "JPM", Advice.SELL), candidate(2, "JPM", Advice.SELL)]

    (first, second), _ = decide_all(desk((holding("JPM", 20),)), sales)

    assert first.intent is not None
    assert first.intent.quantity == 20
    assert (first.intent.side, first.intent.reduce_only) == (Side.SELL, True)
    assert (second.verdict, second.primary_reason) == (Verdict.SKIP, "DUPLICATE_DECISION")


CANDIDATES = st.lists(
    st.tuples(st.sampled_from(TICKERS), st.sampled_from([Advice.BUY, Advice.SELL]), st.floats(0.4, 0.99)),
    max_size=12,
).map(lambda rows: [candidate(n, *row) for n, row in enumerate(rows)])


@given(CANDIDATES, st.integers(0, 40), st.integers(1_000, 100_000))
def test_no_run_of_recommendations_exceeds_a_cap_or_spends_more_than_there_is(
    candidates: list[Candidate], held: int, cash: int
) -> None:
    before = desk((holding("JPM", held),), float(cash))
    decisions, after = decide_all(before, candidates)

    equity = before.book.equity or 0.0
    bought = [order for order in after.book.resting if order.side is Side.BUY]
    spent = sum(order.value for order in bought)
    assert spent <= cash
    for ticker in TICKERS:
        own = sum(order.value for order in bought if order.ticker == ticker)
        assert own <= MODERATE.limits.name_cap * equity + 0.01
        assert sum(order.ticker == ticker for order in bought) <= 1
    for sector in ("Tech", "Financials"):
        own = sum(order.value for order in bought if order.sector == sector)
        assert own <= MODERATE.limits.sector_cap * equity + 0.01
    sold = sum(order.quantity for order in after.book.resting if order.side is Side.SELL)
    assert sold <= held
    assert len(bought) <= MODERATE.limits.max_new
    assert len(decisions) == len(candidates)
    assert all((decision.intent is None) == (decision.verdict is Verdict.SKIP) for decision in decisions)
    assert all((decision.primary_reason is None) == (decision.verdict is Verdict.ACT) for decision in decisions)


@given(CANDIDATES)
def test_deciding_twice_is_deciding_the_same(candidates: list[Candidate]) -> None:
    assert decide_all(desk(), candidates) == decide_all(desk(), candidates)
