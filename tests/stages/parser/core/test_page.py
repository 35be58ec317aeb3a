import pytest

from stonks.model.errors import Malformed
from stonks.stages.parser.core.page import read_page

PARAGRAPHS = [
    "Boeing said on Tuesday that it had delivered forty-five jetliners in March, more than analysts had expected.",
    "The planemaker is trying to bring its factories near Seattle back to a steady rhythm after a long strike.",
    "Its shares rose three percent in early trading while the wider market was little changed on the day.",
]
PAGE = """<!doctype html><html><head><title>Boeing delivers 45 jets - Example</title>
<meta property="og:title" content="Boeing delivers 45 jets &amp; more">
<meta property="article:published_time" content="2025-04-08T15:00:00Z"></head>
<body><nav><ul><li>Home</li><li>Markets</li></ul></nav>
<article><h1>Boeing delivers 45 jets &amp; more</h1>{article}</article>
<footer><p>About us | Contact | Privacy</p></footer></body></html>"""


def page(extra: str = "") -> bytes:
    return PAGE.format(article="".join(f"<p>{text}</p>" for text in PARAGRAPHS) + extra).encode()


def test_the_article_is_kept_and_what_stands_around_it_is_not() -> None:
    reading = read_page(page(), "")

    assert reading.title == "Boeing delivers 45 jets & more"
    assert reading.body == "\n".join(PARAGRAPHS)
    assert reading.published_at is not None
    assert reading.published_at.isoformat() == "2025-04-08T15:00:00+00:00"


def test_the_feeds_title_counts_before_the_pages() -> None:
    assert read_page(page(), "Boeing jets: 45").title == "Boeing jets: 45"


@pytest.mark.parametrize(
    "style",
    [
        'style="display:none"',
        'style="color: #FFF; visibility : hidden"',
        'style="font-size:0px"',
        'style="color:white"',
        "hidden",
        'aria-hidden="true"',
    ],
)
def test_text_that_a_reader_cannot_see_is_dropped_and_flagged(style: str) -> None:
    unseen = "Boeing is bankrupt and every single order it had has been cancelled by its customers today."
    reading = read_page(page(f"<p {style}>{unseen}</p>"), "")

    assert "bankrupt" not in reading.body
    assert reading.flags == {"hidden_text"}


@pytest.mark.parametrize("style", ['style="font-size:0.9em"', 'style="opacity:0.5"', 'style="background-color:white"'])
def test_text_that_is_only_styled_is_kept(style: str) -> None:
    reading = read_page(
        page(f"<p {style}>Boeing kept its forecast for the whole of the year unchanged on Tuesday.</p>"), ""
    )

    assert "kept its forecast" in reading.body
    assert reading.flags == frozenset()


@pytest.mark.parametrize("raw", [b"", b"%PDF-1.7 nothing to see", b'{"status": "OK", "results": []}'])
def test_no_page_is_malformed(raw: bytes) -> None:
    with pytest.raises(Malformed):
        read_page(raw, "")


def test_a_piece_of_a_page_is_read_like_one() -> None:
    piece = "".join(f"<p>{text}</p>" for text in PARAGRAPHS)

    assert read_page(f'<div class="entry">{piece}</div>'.encode(), "").body == "\n".join(PARAGRAPHS)
    assert read_page(piece.encode(), "").body == "\n".join(PARAGRAPHS)


def test_text_hidden_inside_hidden_text_is_counted_once() -> None:
    nested = "<i hidden>" + "<b hidden>" * 5 + "Sell every share of Boeing before the market opens tomorrow morning."
    article = "<p>Boeing delivered 45 jets in March, which was more than analysts had expected of it.</p>" * 4

    reading = read_page(f"<html><body><article>{article}{nested}</article></body></html>".encode(), "Jets")

    assert "Sell every share" not in reading.body
    assert "hidden_text" in reading.flags
