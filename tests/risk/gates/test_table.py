"""Every gate in every situation: what an entry and an exit are answered where it passes, fails, or does not know."""

import math
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import pytest

from stonks.model.market import Price
from stonks.model.order import Side
from stonks.risk.breakers import GLOBAL, Breaker, BreakerKind, BreakerState
from stonks.risk.evaluate import GATES, evaluate
from stonks.risk.facts import LastExit, Resting, TradingState
from tests.fakes.facts import NOW, asset, facts, holding, price, sale

ALL = [*(gate.name for gate in GATES), "approval", "size"]
TECH = "Information Technology"
NEVER = "NOT_ASKED_OF_EXITS"
TOMORROW = NOW + timedelta(days=1)


class Case(NamedTuple):
    """A situation of one gate, and the codes that fail there: of an entry, and of an exit; ``~`` marks a soft one."""

    gate: str
    situation: str
    changes: dict[str, Any]
    entry: tuple[str, ...] = ()
    leaving: tuple[str, ...] = ()


def breaker(state: BreakerState, scope: str = GLOBAL, kind: BreakerKind = BreakerKind.DRAWDOWN) -> Breaker:
    return Breaker(scope=scope, kind=kind, state=state, observed=-0.1, limit=-0.1, opened_at=NOW)


def resting(side: Side, quantity: int = 1, at: float = 100.0) -> Resting:
    return Resting(ticker="AAPL", sector=TECH, side=side, quantity=Decimal(quantity), price=at)


def quoted(bid: str, ask: str, at: datetime = NOW) -> Price:
    return Price(ticker="AAPL", bid=Decimal(bid), ask=Decimal(ask), at=at)


def names(count: int) -> dict[str, Any]:
    return {"holdings": (holding("AAPL", 50, sector=TECH), *(holding(f"T{n}", 1, 1.0) for n in range(count - 1)))}


def book(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of a book
    return {"book": changes}


def market(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of a market
    return {"market": changes}


def proposal(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of a proposal
    return {"proposal": changes}


HALF = BreakerState.HALF_OPEN
RECENT = NOW - timedelta(hours=1)
HELD = (holding("AAPL", 50, sector=TECH),)
UNPRICED = (*HELD, holding("JPM", 10, math.nan))
NO_SESSION = {"now": datetime(2030, 1, 1, 15, 0, tzinfo=UTC)}
LATE = {"now": datetime(2025, 4, 16, 19, 55, tzinfo=UTC)}
BOTH_QUOTE = ("QUOTE_STALE_DATA_MISSING", "SPREAD_WIDE_DATA_MISSING")
BOTH_NET = ("GROSS_CAP_DATA_MISSING", "NET_CAP_DATA_MISSING")

CASES = [
    Case("state", "active", {}),
    Case("state", "reducing", book(state=TradingState.REDUCING), ("REDUCE_ONLY",)),
    Case("state", "halted", book(state=TradingState.HALTED), ("TRADING_HALTED",), ("TRADING_HALTED",)),
    Case("state", "missing", book(state=None), ("TRADING_HALTED_DATA_MISSING",), ("TRADING_HALTED_DATA_MISSING",)),
    Case("breaker", "closed", book(breakers=(breaker(BreakerState.CLOSED),))),
    Case("breaker", "open", book(breakers=(breaker(BreakerState.OPEN),)), ("BREAKER_OPEN",)),
    Case("breaker", "half open", book(breakers=(breaker(HALF),))),
    Case("breaker", "open elsewhere", book(breakers=(breaker(BreakerState.OPEN, "ticker:JPM"),))),
    Case("breaker", "missing", book(breakers=None), ("BREAKER_OPEN_DATA_MISSING",)),
    Case("duplicate", "new", {}),
    Case("duplicate", "decided", proposal(decided=True), ("DUPLICATE_DECISION",), ("DUPLICATE_DECISION",)),
    Case("duplicate", "a buy works", book(resting=(resting(Side.BUY),)), ("DUPLICATE_DECISION",)),
    Case("duplicate", "a sale works", book(resting=(resting(Side.SELL),)), (), ("DUPLICATE_DECISION",)),
    Case("age", "old", proposal(generated_at=NOW - timedelta(hours=2)), ("REC_STALE",)),
    Case("age", "superseded", proposal(superseded=True), ("REC_SUPERSEDED",)),
    Case("age", "missing", proposal(generated_at=None), ("REC_STALE_DATA_MISSING",)),
    Case("age", "of tomorrow", proposal(generated_at=TOMORROW), ("REC_STALE_DATA_MISSING",)),
    Case("age", "no calendar", NO_SESSION, ("REC_STALE_DATA_MISSING",)),
    Case("window", "open", {}),
    Case("window", "late", LATE, ("OUTSIDE_WINDOW",)),
    Case("window", "no calendar", NO_SESSION, ("OUTSIDE_WINDOW_DATA_MISSING",), ("OUTSIDE_WINDOW_DATA_MISSING",)),
    Case("quote", "fresh", {}),
    Case("quote", "wide", market(price=price(spread=0.01)), ("SPREAD_WIDE",)),
    Case("quote", "stale", market(price=price(at=NOW - timedelta(minutes=1))), ("QUOTE_STALE",), ("QUOTE_STALE",)),
    Case("quote", "missing", market(price=None), BOTH_QUOTE, BOTH_QUOTE[:1]),
    Case("quote", "of tomorrow", market(price=price(at=TOMORROW)), BOTH_QUOTE[:1], BOTH_QUOTE[:1]),
    Case("quote", "NaN", market(price=quoted("NaN", "100")), BOTH_QUOTE[1:]),
    Case("quote", "crossed", market(price=quoted("101", "100")), BOTH_QUOTE[1:]),
    Case("quote", "one-sided", market(price=quoted("0", "100")), BOTH_QUOTE[1:]),
    Case("confidence", "sure", {}),
    Case("confidence", "unsure", proposal(confidence=0.64), ("CONFIDENCE_LOW",)),
    Case("confidence", "one source", proposal(sources=1), ("SOURCES_FEW",)),
    Case("confidence", "contradicted", proposal(contradiction=0.36), ("CONTRADICTION_HIGH",)),
    Case("confidence", "missing", proposal(confidence=None), ("CONFIDENCE_LOW_DATA_MISSING",)),
    Case("confidence", "NaN", proposal(contradiction=math.nan), ("CONTRADICTION_HIGH_DATA_MISSING",)),
    Case("liquidity", "liquid", {}),
    Case("liquidity", "cheap", market(price=price(2.5)), ("PRICE_LOW",)),
    Case("liquidity", "missing", market(adv=None), ("ADV_CAP_DATA_MISSING",), ("~ADV_CAP_DATA_MISSING",)),
    Case("liquidity", "NaN", market(adv=math.nan), ("ADV_CAP_DATA_MISSING",), ("~ADV_CAP_DATA_MISSING",)),
    Case("name", "full", book(holdings=HELD), ("NAME_CAP",)),
    Case("name", "equity missing", book(equity=None), ("NAME_CAP_DATA_MISSING",)),
    Case("name", "NaN", book(holdings=UNPRICED), ("NAME_CAP_DATA_MISSING",)),
    Case("sector", "full", book(holdings=(*HELD, holding("MSFT", 200, sector=TECH))), ("SECTOR_CAP",)),
    Case("sector", "missing", market(sector=None), ("SECTOR_CAP_DATA_MISSING",)),
    Case("sector", "NaN", book(equity=math.nan), ("SECTOR_CAP_DATA_MISSING",)),
    Case("gross_net", "full", book(holdings=(*HELD, holding("JPM", 750))), ("GROSS_CAP", "NET_CAP")),
    Case("gross_net", "net full", book(holdings=(*HELD, holding("JPM", 550))), ("NET_CAP",)),
    Case("gross_net", "missing", book(equity=None), BOTH_NET),
    Case("gross_net", "NaN", book(holdings=UNPRICED), BOTH_NET),
    Case("correlation", "alone", {}),
    Case(
        "correlation",
        "a twin",
        book(holdings=(*HELD, holding("JPM", 60))) | market(correlations={"JPM": 0.95}),
        ("CORR_HIGH",),
    ),
    Case("correlation", "missing", book(equity=None), ("CORR_HIGH_DATA_MISSING",)),
    Case("correlation", "NaN", market(correlations={"JPM": math.nan}), ("CORR_HIGH_DATA_MISSING",)),
    Case("correlation", "NaN worth", book(holdings=UNPRICED), ("CORR_HIGH_DATA_MISSING",)),
    Case("earnings", "far", {}),
    Case("earnings", "near", market(earnings=(date(2025, 4, 18),)), ("EARNINGS_BLACKOUT",)),
    Case("earnings", "just over", market(earnings=(date(2025, 4, 15),)), ("EARNINGS_BLACKOUT",)),
    Case("earnings", "due, unannounced", market(earnings=(date(2025, 1, 20),)), ("EARNINGS_BLACKOUT",)),
    Case("earnings", "missing", market(earnings=()), ("~EARNINGS_BLACKOUT_DATA_MISSING",)),
    Case("earnings", "stale", market(earnings=(date(2024, 12, 20),)), ("~EARNINGS_BLACKOUT_DATA_MISSING",)),
    Case("cooldown", "never sold", {}),
    Case("cooldown", "just sold", book(exits=(LastExit(ticker="AAPL", at=RECENT, stopped=False),)), ("COOLDOWN",)),
    Case("positions", "some", {}),
    Case("positions", "many names", book(**names(26)), ("MAX_POSITIONS",)),
    Case("positions", "many new", book(entries_today=6), ("MAX_NEW",)),
    Case("corporate_action", "none", {}),
    Case("corporate_action", "tomorrow", market(splits=(date(2025, 4, 17),)), ("CORP_ACTION_WINDOW",)),
    Case("tradability", "listed", {}),
    Case("tradability", "untracked", market(sector=None), ("NOT_TRADABLE",)),
    Case("tradability", "delisted", market(asset=asset(tradable=False)), ("NOT_TRADABLE",), ("NOT_TRADABLE",)),
    Case("tradability", "halted", market(asset=asset(halted=True)), ("HALTED_SYMBOL",), ("HALTED_SYMBOL",)),
    Case(
        "tradability",
        "a part of a share",
        proposal(quantity=Decimal("1.5")),
        ("NOT_FRACTIONABLE",),
        ("NOT_FRACTIONABLE",),
    ),
    Case("tradability", "parts are traded", proposal(quantity=Decimal("1.5")) | market(asset=asset(fractionable=True))),
    Case("tradability", "more than held", proposal(quantity=Decimal(51)), (), ("NOT_SHORTABLE",)),
    Case("tradability", "missing", market(asset=None), ("NOT_TRADABLE_DATA_MISSING",), ("~NOT_TRADABLE_DATA_MISSING",)),
    Case(
        "tradability",
        "stale",
        market(asset=asset(known_at=NOW - timedelta(hours=25))),
        ("NOT_TRADABLE_DATA_MISSING",),
        ("~NOT_TRADABLE_DATA_MISSING",),
    ),
    Case("buying_power", "some cash", {}),
    Case("buying_power", "no cash", book(cash=0.0), ("INSUFFICIENT_BP",)),
    Case("buying_power", "promised", book(cash=1_000.0, resting=(resting(Side.BUY, 10),)), ("INSUFFICIENT_BP",)),
    Case("buying_power", "missing", book(cash=None), ("INSUFFICIENT_BP_DATA_MISSING",)),
    Case("buying_power", "NaN", book(cash=math.nan), ("INSUFFICIENT_BP_DATA_MISSING",)),
    Case("approval", "paper", {}),
    Case("size", "enough", {}),
    Case("size", "no edge", proposal(probability=0.4, probability_low=0.39), ("NO_EDGE",)),
    Case("size", "missing", proposal(probability=None), ("SIZE_DATA_MISSING",)),
    Case("size", "NaN", market(volatility=math.nan), ("SIZE_DATA_MISSING",)),
]


def failures(gate: str, given: Any) -> tuple[str, ...]:  # noqa: ANN401 - facts
    checks = [check for check in evaluate(given).checks if check.gate == gate and not check.passed]
    return tuple(check.code if check.hard else f"~{check.code}" for check in checks)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.gate}: {case.situation}")
def test_a_gate_answers_an_entry_and_an_exit_by_the_plan(case: Case) -> None:
    assert failures(case.gate, facts(**case.changes)) == case.entry
    assert failures(case.gate, sale(**case.changes)) == case.leaving


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.gate}: {case.situation}")
def test_every_gate_answers_in_order_whatever_fails(case: Case) -> None:
    for evaluation in (evaluate(facts(**case.changes)), evaluate(sale(**case.changes))):
        assert list(dict.fromkeys(check.gate for check in evaluation.checks)) == ALL
        numbers = [side for check in evaluation.checks for side in (check.observed, check.limit)]
        assert all(math.isfinite(number) for number in numbers if isinstance(number, float))
        hard = [check.code for check in evaluation.checks if check.hard and not check.passed]
        assert evaluation.primary_reason == (hard[0] if hard else None)
        assert (evaluation.quantity > 0) == (not hard or hard == ["NEEDS_APPROVAL"])


def test_the_gates_that_exits_skip_are_those_of_the_plan() -> None:
    skipped = [check.gate for check in evaluate(sale()).checks if check.code == NEVER]
    assert skipped == [
        "breaker",
        "age",
        "confidence",
        "name",
        "sector",
        "gross_net",
        "correlation",
        "earnings",
        "cooldown",
        "positions",
        "corporate_action",
        "approval",
    ]


def test_a_half_open_breaker_lets_a_probe_pass_and_no_more() -> None:
    evaluation = evaluate(facts(book={"breakers": (breaker(HALF),)}))
    assert [clamp.code for clamp in evaluation.clamps] == ["PROBE", "CONTRADICTION"]
    assert evaluation.quantity == 4  # half a percent of 100,000, at 100.01, a tenth of it contradicted


def test_a_bad_week_halves_a_size() -> None:
    week = breaker(BreakerState.OPEN, kind=BreakerKind.WEEKLY_LOSS)
    usual, halved = evaluate(facts()), evaluate(facts(book={"breakers": (week,)}))
    assert halved.primary_reason is None
    assert halved.quantity == usual.quantity // 2
    assert halved.clamps[-1].code == "WEEKLY_LOSS"


@pytest.mark.parametrize(
    ("side", "quantity", "reason"),
    [
        (Side.SELL, 50, None),
        (Side.SELL, 51, "REDUCE_ONLY"),
        (Side.BUY, 50, "REDUCE_ONLY"),
        (Side.SELL, 0, "REDUCE_ONLY"),
    ],
)
def test_only_what_really_reduces_passes_an_account_that_reduces(side: Side, quantity: int, reason: str | None) -> None:
    reducing = {"state": TradingState.REDUCING}
    asked = {"side": side, "quantity": Decimal(quantity)}
    assert evaluate(sale(proposal=asked, book=reducing)).primary_reason == reason


def test_a_purchase_that_claims_to_reduce_is_denied() -> None:
    assert evaluate(sale(proposal={"side": Side.BUY})).primary_reason == "NOT_REDUCING"
