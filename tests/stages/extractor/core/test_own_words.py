import pytest
from hypothesis import given, strategies as st

from stonks.model.document import DocumentType
from stonks.model.signal import EventType
from stonks.stages.extractor.core.extract import extract
from stonks.stages.extractor.core.own_words import MOST_OWN, own_places
from tests.fakes.articles import make_article


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("We repurchased 23 million shares.", True),
        ("In 2024 the Company recorded a loss of $7 billion.", True),
        ("Our revenue declined by a fifth.", True),
        ("We seek to increase unit sales.", False),
        ("We may have sold shares below their value.", False),
        ("Our estimates of what we sold are judgments.", False),
        ("Demand declined.", False),
    ],
)
def test_what_happened_to_us_is_found_and_what_may_happen_is_not(text: str, found: bool) -> None:  # noqa: FBT001
    assert bool(own_places(text, [(0, len(text))])) is found


def test_the_first_regions_are_served_first_and_no_more_places_than_are_read_are_given() -> None:
    text = "We sold a unit. " * 100
    half = 50 * 16

    places = own_places(text, [(half, len(text)), (0, half)])

    assert len(places) == MOST_OWN
    assert min(places) >= half


@given(st.text(alphabet="We soldmay .\n", max_size=200))
def test_every_place_is_within_the_regions(text: str) -> None:
    assert all(3 <= place < len(text) for place in own_places(text, [(3, len(text))]))


def test_a_filing_is_read_where_it_tells_of_itself_and_not_only_where_it_begins() -> None:
    dull = "This section is to be read with the notes to the statements.\n" * 30
    body = f"{dull}We repurchased 23 million shares of our stock.\n{dull}"

    filing = extract(make_article("Boeing annual report", body, kind=DocumentType.FILING))
    news = extract(make_article("Boeing annual report", body))

    assert [event.type for event in filing.events] == [EventType.BUYBACK]
    assert news.events == ()
