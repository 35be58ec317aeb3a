from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from stonks.model.market import Bar
from stonks.risk.facts import Book, Market, TradingState
from stonks.risk.policy import MODERATE
from stonks.stages.trading.core.desk import Desk
from stonks.stages.trading.core.exits import Held, Split, hits, leave, raises
from tests.fakes.facts import NOW, asset, bar, holding, price, weekdays

DAY = date(2025, 4, 14)
QUIET = (100, 101, 99, 100)


def days(*prices: tuple[float, float, float, float]) -> dict[str, list[Bar]]:
    return {"AAPL": [bar(DAY + timedelta(days=offset), each) for offset, each in enumerate(prices)]}


def held(**changes: Any) -> Held:  # noqa: ANN401 - as the fields have it
    given: dict[str, Any] = {
        "ticker": "AAPL",
        "sector": "Tech",
        "quantity": Decimal(40),
        "average_price": Decimal(100),
        "opened_at": bar(DAY, QUIET).starts_at,
        "decision_id": UUID(int=1),
        "stop_distance": 5.0,
        "raised": None,
        "leaving": False,
        "splits": (),
        "newest_bar_at": None,
    }
    return Held(**given | changes)


def desk(atr: float | None = 2.0) -> Desk:
    book = Book(as_of=NOW, state=TradingState.ACTIVE, equity=100_000.0, cash=96_000.0, holdings=(holding("AAPL", 40),))
    market = Market(sector="Tech", price=price(), adv=5e9, atr=atr, volatility=0.25, asset=asset(), bars_as_of=NOW)
    sessions = tuple(weekdays(date(2025, 3, 3), 80))
    return Desk(account="paper", now=NOW, policy=MODERATE, sessions=sessions, book=book, markets={"AAPL": market})


def test_a_target_is_left_once_and_the_desk_knows() -> None:
    found = hits(desk(), [held()], days(QUIET, (108, 111, 107, 110)))
    exits, after = leave(desk(), [held()], found)

    (left,) = exits
    assert (left.ticker, left.reason, left.alert.kind) == ("AAPL", "target", "target_reached")
    assert after.book.sellable("AAPL") == 0
    assert leave(desk(), [held(leaving=True)], found)[0] == ()


def test_where_the_newest_bar_may_have_stopped_it_the_exchange_speaks_first() -> None:
    both = (100, 111, 94, 105)

    assert hits(desk(), [held()], days(QUIET, both)) == {}
    assert hits(desk(), [held()], days(QUIET, both, QUIET))["AAPL"].hit == "target"


def test_a_position_without_a_decision_has_no_barrier() -> None:
    assert hits(desk(), [held(stop_distance=None)], days((100, 200, 10, 100))) == {}
    assert raises(desk(), [held(stop_distance=None)], days((100, 200, 10, 100))) == ()


def test_a_stop_is_raised_by_a_quarter_of_the_range_at_least() -> None:
    bars = days(QUIET, (104, 107.6, 103, 107))

    (raised,) = raises(desk(), [held()], bars)

    assert (raised.level, raised.opened_at) == (Decimal("102.60"), held().opened_at)
    assert raises(desk(), [held(raised=102.0)], bars) == (raised,)
    assert raises(desk(), [held(raised=102.2)], bars) == ()
    assert raises(desk(atr=None), [held(raised=102.0)], bars) == ()


def test_bars_from_before_a_split_are_read_in_new_shares() -> None:
    split = Split(day=DAY + timedelta(days=1), ratio=Decimal(4))
    position = held(average_price=Decimal(25), stop_distance=1.25, splits=(split,), quantity=Decimal(160))
    bars = days(QUIET, (25, 25.5, 24.9, 25.2))

    assert hits(desk(), [position], bars) == {}
    assert raises(desk(), [position], bars) == ()
    assert "AAPL" in hits(desk(), [msgspec.structs.replace(position, splits=())], bars)
