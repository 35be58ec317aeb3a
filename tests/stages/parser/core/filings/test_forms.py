import pytest

from stonks.stages.parser.core.filings.forms import FORMS, Kind, kind_of


@pytest.mark.parametrize(
    ("title", "text", "kind"),
    [
        ("BA 10-K for 2024", "", Kind("10-K")),
        ("The Boeing Company 10-Q/A", "", Kind("10-Q", amends=True)),
        ("Boeing 8-K: items 2.02, 9.01", "", Kind("8-K")),
        ("Boeing 8-K EX-99.1", "", Kind("8-K", exhibit="EX-99.1")),
        ("IBM 10-K EX-13", "", Kind("10-K", exhibit="EX-13")),
        ("", "Form 10K", Kind("10-K")),
        ("", "UNITED STATES\nFORM 8-K\nCURRENT REPORT", Kind("8-K")),
        ("", "Exhibit 99.1\nBuckle reports", Kind("8-K", exhibit="EX-99.1")),
        ("", "an annual report", None),
    ],
)
def test_a_document_of_a_filing_is_known_by_its_title_or_its_beginning(
    title: str, text: str, kind: Kind | None
) -> None:
    assert kind_of(title, text) == kind


@pytest.mark.parametrize(
    "kind", [Kind("10-K"), Kind("10-Q", amends=True), Kind("8-K", amends=True, exhibit="EX-99.1")], ids=str
)
def test_a_kinds_name_is_enough_to_know_it_again(kind: Kind) -> None:
    assert kind_of(kind.name, "") == kind


def test_an_amendment_is_of_one_series_with_what_it_amends_and_an_exhibit_of_its_own() -> None:
    assert Kind("10-K", amends=True).series == Kind("10-K").series == "10-K"
    assert Kind("8-K", exhibit="EX-99.1").series == "8-K EX-99.1"
    assert Kind("8-K", exhibit="EX-99.1").rules.items == ()


@pytest.mark.parametrize("form", sorted(FORMS))
def test_what_a_form_says_of_its_items_is_of_items_that_it_has(form: str) -> None:
    codes = [item.code for item in FORMS[form].items]

    assert len(set(codes)) == len(codes)
    assert {*FORMS[form].news, *FORMS[form].core} <= set(codes)
    assert all(item.heading.match(item.title) for item in FORMS[form].items)
