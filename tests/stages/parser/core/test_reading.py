import json
from datetime import UTC, datetime

import pytest

from stonks.model.errors import Malformed
from stonks.stages.parser.core.reading import MOST_TEXT, TRUNCATED, read_item, read_plain


@pytest.mark.parametrize(
    ("item", "title", "body"),
    [
        ({"title": "A", "body": "B"}, "A", "B"),
        ({"headline": "A", "summary": "B"}, "A", "B"),
        ({"title": "A", "description": "B", "publisher": {"name": "The Motley Fool"}, "insights": [{}]}, "A", "B"),
        ({"title": "A", "description": None}, "A", ""),
        ({"body": "B"}, "feed's title", "B"),
        (
            {"title": "P&amp;G &#8211; up", "body": "<p>One.</p><p>Two <b>three</b>.</p>"},
            "P&G – up",
            "One.\n\nTwo three.",
        ),
        ({"title": "Same words", "body": "Same words"}, "Same words", ""),
        ({"title": "Head", "body": "Head\nand more"}, "Head", "and more"),
        ({"title": "Head", "body": "Headlines differ"}, "Head", "Headlines differ"),
        ({"title": "Two\nlines"}, "Two lines", ""),
    ],
)
def test_a_news_item_is_read_by_any_feeds_names(item: dict[str, object], title: str, body: str) -> None:
    reading = read_item(json.dumps(item).encode(), "feed's title")

    assert (reading.title, reading.body) == (title, body)


def test_what_a_feed_thinks_of_a_story_is_not_read() -> None:
    item = {"title": "A", "body": "B", "insights": [{"ticker": "BA", "sentiment": "positive"}], "tickers": ["BA"]}

    reading = read_item(json.dumps(item).encode(), "")

    assert "BA" not in reading.title + reading.body


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2025-04-07T12:00:00Z", datetime(2025, 4, 7, 12, tzinfo=UTC)),
        ("2025-04-07T12:00:00", None),
        ("yesterday", None),
    ],
)
def test_only_an_instant_with_a_zone_is_a_time_of_publication(written: str, instant: datetime | None) -> None:
    assert read_item(json.dumps({"title": "A", "published_utc": written}).encode(), "").published_at == instant


@pytest.mark.parametrize("raw", [b"", b"not json", b"[1]", b'{"title": 5}'])
def test_other_json_is_malformed(raw: bytes) -> None:
    with pytest.raises(Malformed, match="not a news item"):
        read_item(raw, "")


def test_plain_text_without_a_title_has_its_first_line_as_one() -> None:
    reading = read_plain(b"\nHeadline here\n\nBody here.", "")

    assert (reading.title, reading.body) == ("Headline here", "Body here.")


def test_of_a_text_without_end_the_beginning_is_read_and_a_flag_says_so() -> None:
    reading = read_plain(b"word " * 200_000, "")

    assert (len(reading.body), reading.title) == (MOST_TEXT - 1, "")
    assert reading.flags == {TRUNCATED}


def test_an_item_that_is_nested_without_end_is_malformed() -> None:
    with pytest.raises(Malformed):
        read_item(b'{"other":' + b"[" * 200_000, "A title")
