from datetime import UTC, datetime
from uuid import UUID

import msgspec
import pytest

from stonks.replay.summary import DecisionLine, digest

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
