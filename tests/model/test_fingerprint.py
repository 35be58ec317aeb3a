"""Which failures count as the same."""

import pytest
from hypothesis import given, strategies

from stonks.model.fingerprint import fingerprint, normalised

SAME = [
    ("no row 17 of 23", "no row 4 of 9"),
    ("0b7c2d6e-0000-4000-8000-000000000001 is gone", "7d1d2c34-aaaa-4bbb-8ccc-1234567890ab is gone"),
    ("KeyError: 'AAPL' (Parser.read:42)", "KeyError: 'MSFT' (Parser.read:57)"),
    ("expected `object`, got `array`", "expected `object`, got `int`"),
    ("raw sha256 9f86d081884c7d65 is missing", "raw sha256 60303ae22b998861 is missing"),
    ("parsing:7 was done", "parsing:0b7c was done"),
    ("not before 2025-04-16T20:10:00Z", "not before 2025-05-01 04:00:00.25+00:00"),
    ("at 0x7f3a1c and -1.5e-3", "at 0x7fffff and 12"),
    ("two\n  lines", "two lines"),
]
APART = [
    ("document_id: expected a UUID", "cause: expected a UUID"),
    ("KeyError: 'AAPL' (Parser.read:42)", "KeyError: 'AAPL' (Parser.write:42)"),
    ("connection refused", "connection reset"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_what_differs_from_job_to_job_does_not_count(one: str, other: str) -> None:
    assert normalised(one) == normalised(other)
    assert fingerprint("bug", one) == fingerprint("bug", other)


@pytest.mark.parametrize(("one", "other"), APART)
def test_what_went_wrong_does(one: str, other: str) -> None:
    assert fingerprint("malformed", one) != fingerprint("malformed", other)


def test_the_reason_counts_too() -> None:
    assert fingerprint("malformed", "no") != fingerprint("refused", "no")


def test_a_fingerprint_stays_what_it_was_in_an_earlier_version() -> None:
    assert fingerprint("malformed", "document_id: expected a UUID") == "720e44c7ac"


@given(strategies.text())
def test_normalising_twice_changes_nothing_more_and_is_bounded(error: str) -> None:
    once = normalised(error)
    assert len(once) <= 300
    assert len(fingerprint("any", error)) == 10
