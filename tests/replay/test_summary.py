from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import msgspec
import pytest

from stonks.ports.store import Store
from stonks.replay.summary import DecisionLine, conclude, digest
from tests.fakes.rows import open_database

LINE = DecisionLine(
    id=UUID(int=1),
    ticker="UNH",
    window="1d",
    action="sell",
    verdict="skip",
    primary_reason="NOT_SHORTABLE",
    quantity="0",
    checks=[{"gate": "tradability", "passed": False}],
    decided_at=datetime(2025, 4, 17, 14, tzinfo=UTC),
)


@pytest.mark.parametrize(
    "change",
    [
        {"quantity": "1"},
        {"primary_reason": None},
        {"verdict": "act"},
        {"checks": [{"gate": "tradability", "passed": True}]},
        {"ticker": "TRV"},
    ],
)
def test_any_change_of_a_decision_changes_the_digest(change: dict[str, object]) -> None:
    assert digest([msgspec.structs.replace(LINE, **change)]) != digest([LINE])


def test_the_same_decisions_have_the_same_digest() -> None:
    assert digest([LINE, LINE]) == digest([LINE, msgspec.structs.replace(LINE)])


def test_the_order_of_decisions_matters() -> None:
    other = msgspec.structs.replace(LINE, id=UUID(int=2))

    assert digest([LINE, other]) != digest([other, LINE])


async def test_a_replay_goes_down_as_one_trial_however_often_it_is_concluded(store: Store, database_url: str) -> None:
    start = LINE.decided_at
    async with open_database(database_url) as database:
        await database.insert(
            "replay_clock",
            {
                "tape": "made up",
                "starts_at": start,
                "ends_at": start + timedelta(days=4),
                "now": start,
                "stage": "broker",
            },
        )
        for day, equity in enumerate((100, 101, 100, 103)):
            for hour, wrong in ((0, 7), (4, 0)):  # a day counts with its last
                await database.insert(
                    "portfolio_snapshots",
                    {
                        "account": "paper",
                        "as_of": start + timedelta(days=day, hours=hour),
                        "high_water_mark": Decimal(103),
                    }
                    | {name: Decimal(equity + wrong) for name in ("cash", "gross", "net", "equity")},
                )

        for _ in range(2):
            await conclude(store, "paper")

        (trial,) = await database.rows("SELECT kind, subject, periods, ratio FROM trials")
    returns = [0.01, -1 / 101, 0.03]
    mean = sum(returns) / 3
    spread = (sum((one - mean) ** 2 for one in returns) / 2) ** 0.5
    assert trial == {"kind": "replay", "subject": "made up", "periods": 3, "ratio": pytest.approx(mean / spread)}
