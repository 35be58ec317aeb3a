import pytest

from stonks.model.document import DocumentType, Role
from stonks.model.signal import EventType as E
from stonks.stages.extractor.core.event_character import CHARACTER
from stonks.stages.extractor.core.extract import extract
from stonks.stages.extractor.core.filing_items import CODES, headings_of
from tests.fakes.articles import make_article

REPORT = """Item 2.02. Results of Operations and Financial Condition

On Monday Boeing issued a press release. The information in this
Item 2.02 of this report is furnished and not filed.

ITEM 5.02 | Departure of Directors or Certain Officers
A director of Boeing will not stand for election.

Item 9.01(d) Financial Statements and Exhibits"""


def test_every_item_of_a_current_report_is_found_by_its_heading_alone() -> None:
    found = [(heading.code, REPORT[heading.start : heading.end]) for heading in headings_of(REPORT)]

    assert found == [
        ("2.02", "Item 2.02. Results of Operations and Financial Condition"),
        ("5.02", "ITEM 5.02 | Departure of Directors or Certain Officers"),
        ("9.01", "Item 9.01(d) Financial Statements and Exhibits"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Item 1A. Risk Factors",
        "Item 2. Properties",
        "see Item 2.02",
        "Item 2.02 above",
        "Item 2.02 of Form 8-K",
        "item 12.02",
    ],
)
def test_items_of_other_forms_and_references_are_none(text: str) -> None:
    assert list(headings_of(text)) == []


def test_an_items_code_is_an_event_of_the_filer_and_its_heading_says_so() -> None:
    article = make_article("Boeing 8-K", REPORT, kind=DocumentType.FILING)

    extraction = extract(article)

    found = {event.type: event.evidence for event in extraction.events if event.ticker == "BA"}
    assert {E.EARNINGS_REPORT, E.MANAGEMENT_CHANGE} <= set(found)
    assert found[E.EARNINGS_REPORT].quote == "Item 2.02. Results of Operations and Financial Condition"
    assert article.text[found[E.EARNINGS_REPORT].start :].startswith("Item 2.02. Results")
    assert "Item" not in extraction.summary


def test_in_news_such_a_heading_is_only_words_and_in_a_report_on_two_companies_nobodys() -> None:
    news = extract(make_article("Boeing 8-K", REPORT))
    two = extract(make_article("Boeing and Visa 8-K", REPORT, kind=DocumentType.FILING, roles={"V": Role.PRIMARY}))

    assert E.EARNINGS_REPORT not in {event.type for event in (*news.events, *two.events)}


def test_every_code_stands_for_an_event_with_a_character() -> None:
    assert {code.type for code in CODES.values()} <= set(CHARACTER)
    assert all(-1.0 <= code.polarity <= 1.0 for code in CODES.values())
