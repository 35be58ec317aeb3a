import pytest

from stonks.model.errors import Malformed
from stonks.stages.parser.core.filings.layout import lay_out


def text_of(markup: str) -> str:
    return lay_out(f"<html><body>{markup}</body></html>".encode(), html=True)[0]


def row(*cells: str) -> str:
    return f"<table><tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr></table>"


@pytest.mark.parametrize(
    ("cells", "line"),
    [
        (("Revenues", "", "$", "19,496", "", "$", "16,569"), "Revenues | $19,496 | $16,569"),
        (("Net loss", "(", "31", ")", "&nbsp;", "(12", ")", "%"), "Net loss | (31) | (12)%"),
        (("•", "More jets were sold."), "• More jets were sold."),
        (("(1)", "Unaudited."), "(1) Unaudited."),
        (("", "Item 2.", "", "Properties", ""), "Item 2. | Properties"),
    ],
)
def test_a_row_of_a_table_is_a_line_one_can_read(cells: tuple[str, ...], line: str) -> None:
    assert text_of(row(*cells)) == line


def test_the_facts_that_inline_xbrl_hides_are_left_out() -> None:
    hidden = "<ix:header><ix:hidden><div>0001</div></ix:hidden></ix:header>"

    assert text_of(f"<div>{hidden}</div><p>FORM 8-K</p><p>Item 5.02</p>") == "FORM 8-K\n\nItem 5.02"


def test_a_report_from_before_the_web_has_its_lines_joined_and_its_columns_told_apart() -> None:
    wrapped = "The Company has sold more jets than in any year since its foundation in\nSeattle, and spent less.\n"
    table = "<TABLE>\n<S>                    <C>       <C>\nRevenues ............   $19,496   $16,569\n</TABLE>"

    text, _ = lay_out(f"<PAGE>\n{wrapped}\nItem 2. Properties\n{table}".encode(), html=False)

    assert text.split("\n") == [
        wrapped.replace("\n", " ").strip(),
        "",
        "Item 2. Properties",
        "",
        "Revenues | $19,496 | $16,569",
    ]


def test_markup_that_would_keep_a_parser_busy_is_refused() -> None:
    with pytest.raises(Malformed):
        lay_out(b"<div>" * 5_000, html=True)
