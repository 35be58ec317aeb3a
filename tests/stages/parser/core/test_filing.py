import pytest

from stonks.stages.parser.core.filing import MOST_TEXT, form_of, read_filing, split_items

PROSE = "The company sold more jets than in the year before and spent less on every one of them. " * 10


def ten_k(**items: str) -> bytes:
    contents = "".join(f"<p>Item {name}. Something</p>" for name in items)
    body = "".join(f"<p>ITEM&nbsp;{name}. HEADING OF {name}</p><p>{text}</p>" for name, text in items.items())
    return f"<html><body><p>FORM 10-K</p><p>PART I</p>{contents}<p>PART I</p>{body}</body></html>".encode()


def test_of_an_annual_report_the_items_with_news_are_kept() -> None:
    raw = ten_k(
        **{"1": "Business " + PROSE, "1A": "Risks " + PROSE, "7": "Discussion " + PROSE, "8": "Figures " + PROSE}
    )

    reading = read_filing(raw, "Boeing files its annual report")

    assert reading.title == "Boeing files its annual report"
    assert "form_10-K" in reading.flags
    assert reading.body.startswith("ITEM 1A. HEADING OF 1A\n\nRisks The company")
    assert "Discussion The company" in reading.body
    assert "Business" not in reading.body
    assert "Figures" not in reading.body


def test_the_table_of_contents_is_not_taken_for_the_items() -> None:
    text = (
        "PART I\nItem 1A. Risk Factors\nItem 7. Discussion\nPART I\nItem 1A. Risk Factors\n"
        + PROSE
        + "\nItem 7. D\n"
        + PROSE
    )

    sections = split_items(text, "10-K")

    assert [section.item for section in sections] == ["1A", "7"]
    assert all(PROSE.strip() in text[section.start : section.end] for section in sections)


def test_a_quarterly_reports_items_are_told_apart_by_their_part() -> None:
    first = f"PART I. FINANCIAL INFORMATION\nItem 2. Discussion\n{PROSE}\n"
    second = f"PART II — OTHER INFORMATION\nItem 2. Sales\n{PROSE}"

    assert [section.item for section in split_items(first + second, "10-Q")] == ["I-2", "II-2"]


def test_a_current_report_is_kept_whole_without_its_xbrl_header() -> None:
    header = "<ix:header><div>0001</div></ix:header>"
    raw = f"<html><body>{header}<p>FORM 8-K</p><p>Item 5.02 Departure</p>{PROSE}</body></html>"

    reading = read_filing(raw.encode(), "")

    assert (reading.title, reading.flags) == ("8-K", frozenset({"form_8-K"}))
    assert "Item 5.02 Departure" in reading.body
    assert "0001" not in reading.body


def test_a_very_long_filing_is_cut_and_says_so() -> None:
    reading = read_filing(ten_k(**{"1A": PROSE * 100, "7": PROSE * 200}), "")

    assert len(reading.body) < MOST_TEXT
    assert "truncated" in reading.flags


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("BA 10-K for 2024", "10-K"),
        ("Form 10K", "10-K"),
        ("FORM 8-K CURRENT REPORT", "8-K"),
        ("an annual report", None),
    ],
)
def test_a_form_is_known_by_its_name(text: str, form: str | None) -> None:
    assert form_of(text) == form
