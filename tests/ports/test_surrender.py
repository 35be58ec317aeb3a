"""What is asked to be given up is asked once, whoever asks again."""

from datetime import UTC, datetime, timedelta

from stonks.ports.store import Store
from stonks.ports.surrender import give_up
from tests.fakes.rows import open_database

NOW = datetime(2025, 4, 9, 15, tzinfo=UTC)


async def test_a_position_is_asked_for_once_and_again_once_it_is_done(store: Store, database_url: str) -> None:
    async with store.transaction() as transaction:
        assert await give_up(transaction, "paper", ["JPM", "AAPL", "AAPL"], "flatten", "ann", NOW) == 2
        assert await give_up(transaction, "paper", ["AAPL"], "DAILY_LOSS", "breaker", NOW + timedelta(1)) == 0
        assert await give_up(transaction, "paper", [], "nothing", "ann", NOW) == 0
    async with open_database(database_url) as database:
        asked = await database.rows("SELECT ticker, reason, asked_by FROM position_exits ORDER BY ticker")
        assert asked == [
            {"ticker": "AAPL", "reason": "flatten", "asked_by": "ann"},
            {"ticker": "JPM", "reason": "flatten", "asked_by": "ann"},
        ]
        await database.rows("UPDATE position_exits SET done_at = $1", NOW)
    async with store.transaction() as transaction:
        assert await give_up(transaction, "paper", ["AAPL"], "close", "bob", NOW + timedelta(2)) == 1
