import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from stonks.risk.gates import recommendation
from tests.fakes.facts import NOW, facts


@pytest.mark.parametrize(
    ("made", "passed"),
    [
        (NOW - timedelta(minutes=60), True),
        (NOW - timedelta(minutes=61), False),
        (datetime(2025, 4, 16, 2, 0, tzinfo=UTC), False),
    ],
)
def test_a_recommendation_goes_stale(made: datetime, *, passed: bool) -> None:
    age, _ = recommendation.age(facts(proposal={"generated_at": made})).checks
    assert age.passed is passed


def test_a_night_does_not_age_a_recommendation() -> None:
    early = datetime(2025, 4, 16, 13, 40, tzinfo=UTC)
    age, _ = recommendation.age(facts(now=early, proposal={"generated_at": early - timedelta(hours=9)})).checks
    assert (age.passed, age.observed) == (True, 5.0)


def test_a_newer_recommendation_takes_its_place() -> None:
    _, newest = recommendation.age(facts(proposal={"superseded": True})).checks
    assert (newest.passed, newest.code) == (False, "REC_SUPERSEDED")


@pytest.mark.parametrize(
    ("changed", "failed"),
    [
        ({}, []),
        ({"confidence": 0.64}, ["CONFIDENCE_LOW"]),
        ({"confidence": None}, ["CONFIDENCE_LOW_DATA_MISSING"]),
        ({"confidence": math.nan}, ["CONFIDENCE_LOW_DATA_MISSING"]),
        ({"sources": 1}, ["SOURCES_FEW"]),
        ({"sources": None}, ["SOURCES_FEW_DATA_MISSING"]),
        ({"contradiction": 0.36}, ["CONTRADICTION_HIGH"]),
        ({"contradiction": math.nan}, ["CONTRADICTION_HIGH_DATA_MISSING"]),
    ],
)
def test_an_unsure_recommendation_fails_and_so_does_an_unknown_one(changed: dict[str, Any], failed: list[str]) -> None:
    checks = recommendation.confidence(facts(proposal=changed)).checks
    assert [check.code for check in checks if not check.passed] == failed
