import pytest
from hypothesis import given, strategies as st

from stonks.model.document import DocumentType
from stonks.stages.extractor.core.extract import extract
from stonks.stages.extractor.core.statements import statement_numbers
from tests.fakes.articles import make_article

RELEASE = """Statements of income (dollars in thousands, except a share)
| | | November 2, 2024 | | | October 28, 2023 | |
NET SALES | | $ | 293,618 | | $ | 303,457 | |
Gross profit | | 140,071 | | 147,215 | |
NET LOSS | | $ | (4,172) | | $ | 51,762 | |
Diluted | | $ | (0.08) | | $ | 1.04 | |
Diluted weighted average shares | | 50,297 | | 49,937 | |
ASSETS | | November 2, 2024 | | October 28, 2023 |"""


def test_the_quarters_own_figures_are_read_from_the_table_with_those_of_the_year_before() -> None:
    found = statement_numbers(RELEASE, 0)

    assert [(one.metric, one.value, one.unit, one.basis, one.period) for one in found] == [
        ("revenue", 293_618_000.0, "USD", "actual", "November 2, 2024"),
        ("revenue", 303_457_000.0, "USD", "prior", "October 28, 2023"),
        ("net_income", -4_172_000.0, "USD", "actual", "November 2, 2024"),
        ("net_income", 51_762_000.0, "USD", "prior", "October 28, 2023"),
        ("eps", -0.08, "per_share", "actual", "November 2, 2024"),
        ("eps", 1.04, "per_share", "prior", "October 28, 2023"),
    ]
    assert all(RELEASE[one.evidence.start : one.evidence.end] == one.evidence.quote for one in found)


def test_without_a_scale_only_what_needs_none_is_read() -> None:
    found = statement_numbers(RELEASE.replace("in thousands", "of America"), 0)

    assert [one.metric for one in found] == ["eps", "eps"]


@pytest.mark.parametrize(
    ("now", "then"), [("November 2, 2024", "October 28, 2025"), ("Actual", "Budget"), ("2024 is | 1", "2023 | up")]
)
def test_columns_that_are_not_this_year_and_the_one_before_are_not_read(now: str, then: str) -> None:
    text = RELEASE.split("ASSETS", maxsplit=1)[0].replace("November 2, 2024", now).replace("October 28, 2023", then)

    assert statement_numbers(text, 0) == ()


def test_a_release_states_its_table_and_news_does_not() -> None:
    release = extract(make_article("Boeing reports results", RELEASE, kind=DocumentType.PRESS_RELEASE))
    news = extract(make_article("Boeing reports results", RELEASE))

    assert release.numbers[0].metric == "revenue"
    assert release.numbers[0].value == 293_618_000.0
    assert {number.period for number in news.numbers}.isdisjoint({"October 28, 2023"})


@given(st.text(alphabet="Net sales|2024 3,(1.5)$\nDiluted", max_size=200))
def test_every_figure_of_any_table_is_a_verbatim_piece(text: str) -> None:
    for one in statement_numbers(f"in millions\n| 2024 | 2023 |\n{text}", 0):
        assert one.evidence.quote
        assert one.evidence.quote in f"in millions\n| 2024 | 2023 |\n{text}"
