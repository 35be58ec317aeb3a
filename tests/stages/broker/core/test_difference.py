from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import msgspec
import pytest

from stonks.model.order import OrderEventKind, OrderStatus, Position, Side
from stonks.ports.broker import Account, BrokerOrder
from stonks.stages.broker.core.difference import (
    GRACE,
    QUIET,
    Action,
    Books,
    Difference,
    Kind,
    Outcome,
    Seen,
    Tally,
    again,
    differences,
    halted,
    judged,
    outcome_of,
)

NOW = datetime(2025, 4, 9, 15, tzinfo=UTC)
TALLY = Tally(
    id=UUID(int=1),
    client_order_id="so-1",
    ticker="AAPL",
    side=Side.BUY,
    quantity=Decimal(10),
    status=OrderStatus.ACCEPTED,
    source="engine",
    shares=Decimal(4),
    dollars=Decimal(400),
)
REPORT = BrokerOrder(
    broker_order_id="b-1",
    client_order_id="so-1",
    ticker="AAPL",
    side=Side.BUY,
    quantity=Decimal(10),
    kind=OrderEventKind.FILL,
    reason=None,
    at=NOW,
    filled_quantity=Decimal(4),
    average_price=Decimal(100),
)


def account(averages: dict[str, Decimal] | None = None, **positions: int) -> Account:
    held = {ticker: Decimal(shares) for ticker, shares in positions.items()}
    return Account(name="paper", cash=Decimal(1000), positions=held, average_prices=averages or {})


def position(ticker: str, shares: int, price: int = 100) -> Position:
    return Position(ticker=ticker, quantity=Decimal(shares), average_price=Decimal(price), realized=Decimal(0))


def books(*positions: Position, **changes: object) -> Books:
    tally = msgspec.structs.replace(TALLY, **changes)
    return Books(positions=positions, tallies=[tally])


def of(kind: Kind, ours: int, theirs: int, subject: str = "AAPL") -> Difference:
    return Difference(kind=kind, subject=subject, ticker="AAPL", ours=Decimal(ours), theirs=Decimal(theirs))


def seen(kind: Kind, looks: int = 1, repairs: int = 0, since: timedelta = timedelta(), subject: str = "AAPL") -> Seen:
    return Seen(kind=kind, subject=subject, looks=looks, repairs=repairs, first_at=NOW - since, last_at=NOW)


def action(difference: Difference, memory: Seen, stirred: datetime | None = None) -> Action:
    (finding,) = judged(
        [difference], {(memory.kind, memory.subject): memory}, {"AAPL": stirred} if stirred else {}, NOW
    )
    return finding.action


def test_books_that_agree_have_no_difference() -> None:
    assert differences(books(position("AAPL", 4)), account(AAPL=4, JPM=0), [REPORT]) == []


def test_shares_of_one_side_alone_differ_from_none() -> None:
    found = differences(books(position("JPM", 3)), account(AAPL=4), [REPORT])

    assert [(each.subject, int(each.ours), int(each.theirs)) for each in found] == [("AAPL", 0, 4), ("JPM", 3, 0)]


def test_an_order_ahead_of_its_fills_differs_unless_somebody_else_placed_it() -> None:
    ahead = [msgspec.structs.replace(REPORT, filled_quantity=Decimal(10))]

    (found,) = differences(books(position("AAPL", 4)), account(AAPL=4), ahead)
    external = differences(books(position("AAPL", 4), source="external"), account(AAPL=4), ahead)

    assert (found.kind, found.subject) == (Kind.FILLS, "so-1")
    assert (found.ours, found.theirs) == (Decimal(4), Decimal(10))
    assert external == []


def test_a_broker_that_does_not_count_what_orders_traded_is_not_ahead() -> None:
    silent = [msgspec.structs.replace(REPORT, filled_quantity=None)]

    assert differences(books(position("AAPL", 4)), account(AAPL=4), silent) == []


@pytest.mark.parametrize(("theirs", "kinds"), [("100.009", []), ("100.02", [Kind.AVERAGE])])
def test_an_average_may_be_off_by_a_hundredth_of_a_percent(theirs: str, kinds: list[Kind]) -> None:
    found = differences(books(position("AAPL", 4)), account({"AAPL": Decimal(theirs)}, AAPL=4), [REPORT])

    assert [each.kind for each in found] == kinds


@pytest.mark.parametrize(("moved", "kinds"), [("-399.99", []), ("-399.98", [Kind.CASH])])
def test_cash_moves_by_what_the_books_know_to_the_cent(moved: str, kinds: list[Kind]) -> None:
    ours = msgspec.structs.replace(books(), cash_moved=Decimal(moved), cash_then=Decimal(1400))

    assert [each.kind for each in differences(ours, account(), [REPORT])] == kinds


def test_a_difference_right_after_something_happened_waits() -> None:
    often = seen(Kind.POSITION, looks=9)

    assert action(of(Kind.POSITION, 0, 4), often, NOW - QUIET / 2) is Action.WAIT
    assert action(of(Kind.POSITION, 0, 4), often, NOW - QUIET) is Action.REREAD


def test_a_position_is_explained_at_the_third_look_and_stopped_after_three_repairs() -> None:
    looks = [action(of(Kind.POSITION, 0, 4), seen(Kind.POSITION, looks=number)) for number in (1, 2, 3)]

    assert looks == [Action.WAIT, Action.WAIT, Action.REREAD]
    assert action(of(Kind.POSITION, 0, 4), seen(Kind.POSITION, looks=9, repairs=3)) is Action.HALT


def test_a_fill_is_inferred_after_ten_seconds_and_at_most_three_times() -> None:
    ahead = of(Kind.FILLS, 4, 10)

    assert action(ahead, seen(Kind.FILLS, since=GRACE - timedelta(seconds=1))) is Action.WAIT
    assert action(ahead, seen(Kind.FILLS, since=GRACE)) is Action.INFER
    assert action(ahead, seen(Kind.FILLS, looks=9, repairs=3, since=GRACE)) is Action.HALT


def test_an_order_behind_its_own_fills_is_not_explained_by_inferring_some() -> None:
    assert action(of(Kind.FILLS, 10, 4), seen(Kind.FILLS, looks=3, since=GRACE)) is Action.REREAD


def test_a_position_waits_for_the_fills_of_an_order_that_is_ahead() -> None:
    both = [of(Kind.FILLS, 4, 10, "so-1"), of(Kind.POSITION, 4, 10)]
    memory: dict[tuple[str, str], Seen] = {
        (Kind.FILLS, "so-1"): seen(Kind.FILLS, looks=5, since=GRACE, subject="so-1"),
        (Kind.POSITION, "AAPL"): seen(Kind.POSITION, looks=5),
    }

    assert [each.action for each in judged(both, memory, {}, NOW)] == [Action.INFER, Action.WAIT]


def test_what_reading_again_does_not_explain_stops_its_ticker() -> None:
    findings = judged([of(Kind.POSITION, 0, 4)], {(Kind.POSITION, "AAPL"): seen(Kind.POSITION, looks=3)}, {}, NOW)

    assert [each.action for each in halted(findings, brought=False)] == [Action.HALT]
    assert [each.action for each in halted(findings, brought=True)] == [Action.REREAD]


def test_an_order_that_nobody_can_explain_stops_its_ticker_and_figures_off_are_noted() -> None:
    (unknown,) = differences(books(position("AAPL", 4), status=OrderStatus.UNKNOWN), account(AAPL=4), [REPORT])

    assert action(unknown, seen(Kind.ORDER, subject="so-1")) is Action.HALT
    assert action(of(Kind.CASH, 1, 2), seen(Kind.CASH, looks=9)) is Action.NOTE
    assert action(of(Kind.AVERAGE, 1, 2), seen(Kind.AVERAGE, looks=9)) is Action.NOTE


def test_looks_soon_after_another_count_once() -> None:
    first = again(None, of(Kind.POSITION, 0, 4), NOW)
    soon = again(first, of(Kind.POSITION, 0, 4), NOW + QUIET / 2)
    later = again(soon, of(Kind.POSITION, 0, 4), NOW + QUIET)

    assert (first.looks, soon, later.looks, later.first_at) == (1, first, 2, NOW)


def test_a_run_comes_to_the_gravest_of_its_findings() -> None:
    def outcome(*actions: Action) -> Outcome:
        found = judged([of(Kind.CASH, 1, 2)], {(Kind.CASH, "AAPL"): seen(Kind.CASH)}, {}, NOW)
        return outcome_of([msgspec.structs.replace(found[0], action=each) for each in actions])

    assert outcome() is outcome(Action.NOTE) is Outcome.OK
    assert outcome(Action.WAIT, Action.NOTE) is Outcome.WAITING
    assert outcome(Action.WAIT, Action.INFER) is Outcome.REPAIRED
    assert outcome(Action.INFER, Action.HALT) is Outcome.HALTED
