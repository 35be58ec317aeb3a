from datetime import UTC, datetime

import pytest
from lxml import html

from stonks.stages.parser.core.metadata import Metadata, metadata_of

AT = datetime(2025, 4, 8, 15, tzinfo=UTC)


def said(head: str, body: str = "") -> Metadata:
    return metadata_of(html.fromstring(f"<html><head>{head}</head><body>{body}<p>text</p></body></html>"))


def linked(data: str) -> str:
    return f'<script type="application/ld+json">{data}</script>'


def test_json_ld_counts_before_everything_else() -> None:
    article = '{"@type":"NewsArticle","headline":"Told","datePublished":"2025-04-08T15:00:00Z","author":{"name":"A"}}'
    other = '<meta property="og:title" content="Other"><meta name="date" content="2020-01-01T00:00:00Z">'

    assert said(linked(f'{{"@graph":[{{"@type":"WebSite","headline":"Site"}},{article}]}}') + other) == Metadata(
        title="Told", author=True, published_at=AT
    )


def test_broken_json_ld_is_passed_over() -> None:
    assert said(linked("{") + linked("[1, null]") + "<title>Told</title>") == Metadata(title="Told")


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("<title>Boeing delivers 45 jets - Example News</title>", "<h1>Boeing delivers 45 jets</h1>"),
        ('<meta property="og:site_name" content="Example"><title>Boeing delivers 45 jets | example</title>', ""),
        ('<meta property="og:title" content=" Boeing delivers   45 jets "><title>Example</title>', ""),
    ],
)
def test_a_title_is_told_without_the_name_of_its_site(head: str, body: str) -> None:
    assert said(head, body).title == "Boeing delivers 45 jets"


def test_a_dash_in_a_headline_is_no_site() -> None:
    assert said("<title>Boeing - the long way back</title>").title == "Boeing - the long way back"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("2025-04-08T15:00:00Z", AT), ("2025-04-08", None), ("2025-04-08T15:00:00", None), ("yesterday", None)],
)
def test_an_instant_needs_an_offset(text: str, expected: datetime | None) -> None:
    assert said(f'<meta property="article:published_time" content="{text}">').published_at == expected


def test_json_ld_that_is_nested_without_end_is_left_aside() -> None:
    assert said(f'<title>Jets</title><script type="application/ld+json">{"[" * 50_000}</script>').title == "Jets"
