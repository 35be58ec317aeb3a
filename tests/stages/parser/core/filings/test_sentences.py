import pytest

from stonks.stages.parser.core.filings.forms import FORMS
from stonks.stages.parser.core.filings.items import split_items
from stonks.stages.parser.core.filings.sentences import sentences_of

QUARTER = FORMS["10-Q"]


def told(text: str) -> list[str]:
    return [text[one.start : one.end] for one in sentences_of(text, 0, FORMS["6-K"], ())]


def test_a_sentence_ends_at_a_full_stop_or_a_line_but_not_at_an_abbreviation() -> None:
    text = (
        "The U.S. Army ordered twelve jets from Acme Inc. It paid at once. Nobody else did so\nA heading of five words"
    )

    assert told(text) == [
        "The U.S. Army ordered twelve jets from Acme Inc. It paid at once.",
        "Nobody else did so",
        "A heading of five words",
    ]


def test_rows_of_tables_page_numbers_and_single_words_are_no_sentences() -> None:
    assert told("Revenues of the year | $19,496 | $16,569\n12\nTable of Contents\nThe company sold more jets.") == [
        "The company sold more jets."
    ]


def test_the_items_that_carry_news_come_first_and_the_others_not_at_all() -> None:
    text = (
        "PART I\nItem 1. Financial Statements\nThe notes say very much.\n"
        "Item 2. Management's Discussion and Analysis\nSales of jets rose much.\n"
        "Item 3. Quantitative and Qualitative Disclosures\nDollars may rise or fall.\n"
        "PART II\nItem 1. Legal Proceedings\nSomebody has sued us here.\n"
    )

    sentences = sentences_of(text, 0, QUARTER, split_items(text, QUARTER))

    assert [(one.item, text[one.start : one.end]) for one in sentences] == [
        ("I-2", "Sales of jets rose much."),
        ("II-1", "Somebody has sued us here."),
        ("I-3", "Dollars may rise or fall."),
    ]


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Sales rose in the year.", "Sales rose\nin the  YEAR", False),
        ("Sales “rose” in the year.", 'Sales "rose" in the YEAR', True),
        ("As of March 31, 2025 we had ten plants.", "As of June 30, 2024 we had ten plants.", True),
        ("In the year ended March 31, 2025 and 2024, jets.", "In the year ended June 30, 2024 and 2023, jets.", True),
        ("We will deliver the jet in 2026.", "We will deliver the jet in 2025.", False),
        ("Sales rose 5% in the year.", "Sales rose 6% in the year.", False),
    ],
)  # fmt: skip
def test_sentences_are_alike_that_differ_in_the_period_they_report_only(one: str, other: str, *, alike: bool) -> None:
    first, second = (sentences_of(text, 0, FORMS["6-K"], ())[:1] for text in (one, other))

    assert (bool(second) and first[0].hash == second[0].hash) is alike
