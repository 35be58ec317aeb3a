from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from stonks.model.errors import Malformed
from stonks.model.tape import (
    POLL,
    parse_bars,
    parse_companies,
    parse_documents,
    parse_events,
    parse_manifest,
    parse_sessions,
    poll_time,
)
from tests.fakes.tape import BARS, CALENDAR, COMPANIES, MANIFEST, SESSIONS

INSTANTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - made aware


@given(INSTANTS)
def test_a_piece_is_there_at_the_first_poll_that_is_not_before_it_was_known(known_at: datetime) -> None:
    due = poll_time(known_at)

    assert known_at <= due < known_at + POLL
    assert poll_time(due) == due
    assert due.minute % 15 == due.second == due.microsecond == 0


def test_a_daily_bar_is_known_when_its_session_closes() -> None:
    first = parse_bars(BARS, parse_sessions(SESSIONS))[0]

    assert (first.ticker, first.close) == ("BA", Decimal("136.1"))
    assert first.known_at == first.ends_at == datetime(2025, 4, 7, 20, tzinfo=UTC)
    assert first.ends_at - first.starts_at == timedelta(hours=6, minutes=30)


def test_a_bar_on_a_day_without_a_session_is_malformed() -> None:
    with pytest.raises(Malformed, match="no session"):
        parse_bars(BARS.replace("2025-04-08", "2025-04-12"), parse_sessions(SESSIONS))


def test_events_say_their_day_under_either_name() -> None:
    dividend = (
        b'{"type":"dividend","ticker":"V","ex_date":"2025-05-13","cash":"0.59","known_at":"2025-04-29T21:30:00Z"}\n'
    )

    earnings, paid = parse_events(CALENDAR.encode() + dividend)

    assert (earnings.day, earnings.when) == (date(2025, 4, 23), "bmo")
    assert (paid.day, paid.amount) == (date(2025, 5, 13), Decimal("0.59"))


def test_aliases_are_separated_by_bars() -> None:
    boeing, visa = parse_companies(COMPANIES)

    assert boeing.aliases == ("The Boeing Company", "737 MAX")
    assert (visa.cik, visa.sub_industry) == ("0001403161", "Transaction & Payment Processing Services")


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (b"{", "documents.jsonl:1"),
        (b'{"source":"a","external_id":"1","kind":"gossip","publisher":"x"}', "gossip"),
        (
            b'{"source":"a","external_id":"1","kind":"news","publisher":"x","known_at":"2025-04-07T12:00:00"}',
            "known_at",
        ),
    ],
)
def test_a_line_that_is_no_document_is_named(line: bytes, complaint: str) -> None:
    with pytest.raises(Malformed, match=complaint):
        parse_documents(line)


def test_a_manifest_without_a_span_is_malformed() -> None:
    with pytest.raises(Malformed, match="span"):
        parse_manifest(MANIFEST.partition("[span]")[0])
