"""Promises 2 and 3, cell by cell at an exchange that is served over HTTP: the table of benchmarks/reconciliation.py."""

import pytest

from benchmarks.reconciliation import EVENTS, STREAMS, played, scene_on
from stonks.ports.store import Store
from tests.fakes.rows import open_database

WITHOUT_A_HINT = [("muted", label) for label in EVENTS]
WITH_ONE = [(stream, "partial fills") for stream in STREAMS if stream != "muted"]
STOPS = {"unknown split"}


@pytest.mark.parametrize(("stream", "label"), [*WITHOUT_A_HINT, *WITH_ONE])
async def test_every_execution_is_booked_once_within_thirty_seconds_or_its_ticker_stops(
    store: Store, database_url: str, stream: str, label: str
) -> None:
    async with open_database(database_url) as database, scene_on(store, database) as scene:
        result = await played(scene, stream, EVENTS[label])
        unexplained = await database.rows("SELECT FROM recon_diffs WHERE kind = 'cash' AND action <> 'wait'")
        fees = await database.rows("SELECT kind, amount FROM cash_moves")

    assert result.holds
    assert unexplained == []
    assert [row["kind"] for row in fees] == (["FEE"] if label == "stop replaced" else [])
    assert result.verdict == ("stopped" if label in STOPS else "booked")
    if stream in {"healthy", "duplicated", "reordered"}:
        assert result.seconds == 0
