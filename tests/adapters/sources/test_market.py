from datetime import UTC, date, datetime

from stonks.adapters.sources import open_market

OPEN = datetime(2025, 4, 17, 13, 30, tzinfo=UTC)


async def test_the_bar_of_a_session_is_there_while_it_runs() -> None:
    bar = await open_market(None).bar("UNH", date(2025, 4, 17))

    assert bar is not None
    assert bar.starts_at == OPEN
    assert bar.close < bar.open


async def test_a_day_without_a_session_has_no_bar() -> None:
    assert await open_market(None).bar("UNH", date(2025, 4, 18)) is None


async def test_the_next_bar_is_the_one_that_starts_after_an_instant() -> None:
    market = open_market(None)

    assert [bar.starts_at for bar in await market.bars("UNH", OPEN, datetime(2025, 4, 21, 20, tzinfo=UTC))] == [
        datetime(2025, 4, 21, 13, 30, tzinfo=UTC)
    ]
    assert await market.bars("NOBODY", OPEN, datetime(2026, 1, 1, tzinfo=UTC)) == []
