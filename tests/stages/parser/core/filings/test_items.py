from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from stonks.model.document import Section
from stonks.stages.parser.core.filings.forms import FORMS
from stonks.stages.parser.core.filings.items import split_items, understood

PROSE = "The company sold more jets than in the year before and spent less on every one of them. " * 10


def named(text: str, form: str = "10-K") -> dict[str, str]:
    return {one.item: text[one.start : one.end] for one in split_items(text, FORMS[form])}


def test_the_table_of_contents_is_not_taken_for_the_items() -> None:
    contents = "PART I\nItem 1A. | Risk Factors | 6\nItem 4. | Mine Safety Disclosures | 9\nItem 7.\nDiscussion\n24\n"
    risks = f"Item 1A. Risk Factors\n{PROSE.strip()}"
    text = f"{contents}PART I\n{risks}\nItem 4. Mine Safety Disclosures\nNone.\nPART II\nItem 7. Discussion\n{PROSE}"

    found = named(text)

    assert list(found) == ["1A", "4", "7"]
    assert found["1A"] == risks
    assert found["4"] == "Item 4. Mine Safety Disclosures\nNone."


def test_headings_at_the_top_of_every_page_do_not_end_an_item() -> None:
    page = f"PART I\nITEM 1A. RISK FACTORS\n{PROSE}\n"
    text = f"{page * 3}PART II\nITEM 7. MANAGEMENT'S DISCUSSION AND ANALYSIS\n{PROSE}"

    found = named(text)

    assert found["1A"].count(PROSE.strip()) == 3
    assert found["1A"].endswith(PROSE.strip())


def test_an_item_that_a_sentence_speaks_of_is_no_heading() -> None:
    text = f"Item 1A. Risk Factors\n{PROSE}\nItem 7 of this report tells more.\nItem 1A and Item 7 too.\n{PROSE}"

    assert list(named(text)) == ["1A"]


@pytest.mark.parametrize(
    ("heading", "item"),
    [
        ("Item 1A. Risk Factors", "1A"),
        ("ITEM 7: MANAGEMENT’S DISCUSSION AND ANALYSIS OF FINANCIAL CONDITION", "7"),
        ("Item 7.\nManagement's Discussion and Analysis", "7"),
        ("Item 7 A. | Quantitative and Qualitative Disclosures", "7A"),
        ("Part II, Item 9A(T). Controls and Procedures", "9A"),
        ("Item 1.Business", "1"),
        ("ITEM 6. | [RESERVED]", "6"),
    ],
)
def test_a_heading_is_known_however_it_is_written(heading: str, item: str) -> None:
    assert list(named(f"FORM 10-K\n{heading}\n{PROSE}")) == [item]


def test_a_quarterly_reports_items_are_told_apart_by_their_titles_and_parts() -> None:
    first = f"PART I. FINANCIAL INFORMATION\nItem 1. Financial Statements\n{PROSE}\nItem 2. MD&A\n{PROSE}\n"
    second = f"Item 1. Legal Proceedings\n{PROSE}\nPART II — OTHER INFORMATION\nItem 2. Sales\n{PROSE}"

    assert list(named(first + second, "10-Q")) == ["I-1", "I-2", "II-1", "II-2"]


def test_a_telling_item_is_found_out_of_the_forms_order() -> None:
    contents = "Item 1. Financial Statements\nItem 2. Management's Discussion\nItem 4. Controls and Procedures\n"
    discussion = f"Item 2. Management's Discussion\n{PROSE}\n"
    statements = f"Item 1. Financial Statements\n{PROSE}\nItem 4. Controls and Procedures\nThey work."

    found = named(contents + discussion + statements, "10-Q")

    assert list(found) == ["I-2", "I-1", "I-4"]
    assert found["I-1"].endswith(PROSE.strip())


def test_a_report_without_item_numbers_is_split_at_its_titles() -> None:
    body = f"RISK FACTORS\n{PROSE}\nLEGAL PROCEEDINGS\n{PROSE}\n"
    discussion = f"MANAGEMENT'S DISCUSSION AND ANALYSIS OF FINANCIAL CONDITION\n{PROSE}\n"
    index = (
        "Item 1A | Risk Factors\nPage 28\nItem 3 | Legal Proceedings\nPage 35\nItem 4 | Mine Safety | Not applicable\n"
    )
    index += "Item 7 | Management's Discussion and Analysis\nPage 8\nSignatures\n"

    found = named(discussion + body + "Form 10-K Cross-Reference Index\n" + index)

    assert {"1A", "3", "7", "4"} <= set(found)
    assert all(PROSE.strip() in found[item] for item in ("1A", "3", "7"))


def test_a_report_without_line_ends_is_split_where_its_items_begin() -> None:
    told = (
        "Item 3. Key Information {0} Item 4. Information on the Company {0} Item 5. Operating and Financial Review {0}"
    )

    assert list(named("See Item 9. " + told.format(PROSE), "20-F")) == ["3", "4", "5"]


def test_the_signatures_are_not_part_of_the_last_item() -> None:
    text = f"Item 7. Management's Discussion\n{PROSE}\nItem 16. Form 10-K Summary\nNone.\nSIGNATURES\nPursuant to"

    assert named(text)["16"] == "Item 16. Form 10-K Summary\nNone."


@pytest.mark.parametrize(
    ("told", "elsewhere"),
    [
        ("The information is incorporated herein by reference to our proxy statement.", True),
        ("Refer to pages 6 through 42 of the 2024 Annual Report, which are incorporated by reference.", True),
        ("See Note 21 of the financial statements.", True),
        ("None.", False),
        (PROSE * 3 + "It is incorporated by reference.", False),
    ],
)
def test_an_item_says_whether_its_text_stands_elsewhere(told: str, *, elsewhere: bool) -> None:
    (section,) = split_items(f"Item 7. Management's Discussion\n{told}", FORMS["10-K"])

    assert section.by_reference is elsewhere
    assert understood([section], FORMS["10-K"])


def test_a_current_reports_items_are_known_by_their_codes() -> None:
    text = f"FORM 8-K\nItem 2.02 | Results of Operations\n{PROSE}\nItem 9.01. Exhibits\nItem 9.01 of Form 8-K asks.\n"

    assert list(named(text, "8-K")) == ["2.02", "9.01"]


def test_a_form_without_items_has_none() -> None:
    assert split_items("Item 7. Management's Discussion", FORMS["6-K"]) == ()


LINES = st.lists(
    st.sampled_from(
        f"PART I;PART II;Item 1. Business;Item 1A. Risk Factors;Item 7. Management's Discussion;{PROSE};Item 8.;"
        "SIGNATURES;RISK FACTORS;;12;Item 99. Nothing;| Item 3 | Legal Proceedings | 4".split(";")
    ),
    max_size=30,
)


@given(LINES, st.sampled_from(sorted(FORMS)))
def test_items_stand_in_the_text_apart_from_one_another_each_once(lines: list[str], form: str) -> None:
    text = "\n".join(lines).strip()

    sections = split_items(text, FORMS[form])

    assert len({section.item for section in sections}) == len(sections)
    assert all(0 <= section.start < section.end <= len(text) for section in sections)
    assert all(one.end <= other.start for one, other in pairwise(sections))


def test_ten_thousand_headings_are_gone_through_once() -> None:
    text = "Item 7. Management's Discussion\nItem 8. Financial Statements\n" * 10_000

    assert [type(one) for one in split_items(text, FORMS["10-K"])] == [Section, Section]
