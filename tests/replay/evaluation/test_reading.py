from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import msgspec
import pytest
import pytest_asyncio

from stonks.model.errors import Refused
from stonks.model.market import Bar
from stonks.ports.store import Store
from stonks.replay.evaluation.panel import DailyReturn
from stonks.replay.evaluation.reading import evaluate
from tests.fakes.rows import Database, open_database
from tests.fakes.signals import make_signal
from tests.replay.evaluation.conftest import TICKERS, sessions

SPAN = sessions(12)


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with open_database(database_url) as database:
        yield database


@pytest_asyncio.fixture
async def played(database: Database) -> Database:
    """Twelve sessions in which each company's news before the open says where it goes, and nothing else moves."""
    await database.companies(*TICKERS)
    for number, session in enumerate(SPAN):
        await database.insert(
            "market_sessions", {"day": session.day, "opens_at": session.opens_at, "closes_at": session.closes_at}
        )
        for column, ticker in enumerate(TICKERS):
            up = (column * 7 + number * 3) % 10 - 4.5
            await database.bars([bar(ticker, number, close=100.0 + up / (10.0 + number))])
            known_at = session.opens_at - timedelta(hours=1)
            signal = make_signal(number * 100 + column, ticker=ticker, direction=up / 5.0, known_at=known_at)
            await database.signals([signal])
    await database.insert(
        "replay_clock",
        {
            "tape": "made up",
            "starts_at": SPAN[0].opens_at - timedelta(hours=9),
            "ends_at": SPAN[-1].closes_at,
            "now": SPAN[-1].closes_at,
            "stage": "finished",
        },
    )
    return database


def bar(ticker: str, number: int, *, close: float) -> Bar:
    session = SPAN[number]
    price = Decimal(str(close))
    return Bar(
        ticker=ticker,
        resolution="1d",
        starts_at=session.opens_at,
        ends_at=session.closes_at,
        open=Decimal(100),
        high=max(price, Decimal(100)),
        low=min(price, Decimal(100)),
        close=price,
        volume=Decimal(1000),
        known_at=session.closes_at,
    )


async def test_what_the_store_holds_is_scored_and_is_one_more_trial_each_time(played: Database, store: Store) -> None:
    first = await evaluate(store)
    second = await evaluate(store)

    overnight = next(one for one in first.columns if one.name == "overnight")
    assert overnight.coefficient.mean == pytest.approx(1.0)
    assert overnight.coefficient.days == 11  # the first session has no close before it
    assert first.sharpe is not None
    assert second.sharpe is not None
    assert (first.sharpe.trials, second.sharpe.trials) == (1, 2)
    assert (
        await played.rows("SELECT kind, subject, periods FROM trials")
        == [{"kind": "evaluation", "subject": "made up", "periods": 11}] * 2
    )


async def test_what_becomes_known_later_changes_no_figure(played: Database, store: Store) -> None:
    before = await evaluate(store)
    later = SPAN[-1].closes_at + timedelta(hours=1)
    await played.signals([make_signal(5000, ticker="A", known_at=later)])
    await played.value(
        "UPDATE bars SET known_at = $1 WHERE ticker = 'B' AND starts_at = $2 RETURNING 1", later, SPAN[4].opens_at
    )
    await played.bars(
        [msgspec.structs.replace(bar("A", 0, close=50.0), starts_at=later, ends_at=later, known_at=later)]
    )
    missing = await evaluate(store)
    await played.value("UPDATE bars SET known_at = ends_at WHERE ticker = 'B' RETURNING 1")
    after = await evaluate(store)

    assert missing.columns != before.columns
    assert after.columns == before.columns
    assert after.placebos == before.placebos


async def test_a_split_is_no_fall_and_a_dividend_no_loss(played: Database, store: Store) -> None:
    day = SPAN[6].day
    await played.value(
        "UPDATE bars SET open = open / 4, close = close / 4 WHERE ticker = 'A' AND starts_at >= $1 RETURNING 1",
        SPAN[6].opens_at,
    )
    split = {
        "ticker": "A",
        "type": "split",
        "ex_date": day,
        "ratio": Decimal(4),
        "known_at": SPAN[0].opens_at,
        "source": "wire",
    }
    before = await returns(store)
    await played.insert("corporate_actions", split)
    cash = {
        "ticker": "B",
        "type": "dividend",
        "ex_date": day,
        "cash": Decimal(1),
        "known_at": SPAN[0].opens_at,
        "source": "wire",
    }
    plain = await returns(store)
    await played.insert("corporate_actions", cash)
    paid = await returns(store)

    assert before["A"] == pytest.approx(-0.75, abs=0.01)
    assert plain["A"] == pytest.approx(0.0, abs=0.01)
    assert paid["B"] - plain["B"] == pytest.approx(0.01, abs=1e-4)


async def returns(store: Store) -> dict[str, float]:
    """What each company did from close to close on the day that something happens."""
    rows = await store.rows(DailyReturn, "evaluation.returns", starts_at=SPAN[6].opens_at, ends_at=SPAN[-1].closes_at)
    return {row.ticker: row.daily for row in rows if row.starts_at == SPAN[6].opens_at and row.daily is not None}


async def test_what_was_taken_back_is_not_counted(played: Database, store: Store) -> None:
    before = await evaluate(store)
    await played.value("UPDATE signals SET withdrawn_at = known_at WHERE id = $1 RETURNING 1", UUID(int=305))

    assert (await evaluate(store)).columns[1].coefficient.pairs == before.columns[1].coefficient.pairs - 1


async def test_an_empty_store_is_refused_with_what_to_do(store: Store) -> None:
    with pytest.raises(Refused, match="--tape"):
        await evaluate(store)
