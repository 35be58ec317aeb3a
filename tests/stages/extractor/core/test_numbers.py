import pytest
from hypothesis import given, strategies as st

from stonks.model.signal import KeyNumber
from stonks.stages.extractor.core.clauses import read_sentence
from stonks.stages.extractor.core.numbers import eps_surprise, find_numbers, price_move


def numbers_in(text: str) -> list[KeyNumber]:
    return list(find_numbers(text, read_sentence(text, 0, len(text), in_title=False)))


@pytest.mark.parametrize(
    ("text", "metric", "value", "unit"),
    [
        ("Revenue rose to $4.5 billion", "revenue", 4.5e9, "USD"),
        ("Net income was €300 million", "net_income", 3e8, "EUR"),
        ("Net profit of Rs 372.26 crore", "net_income", 3.7226e9, "other"),
        ("Operating margin of 12.5%", "margin", 12.5, "pct"),
        ("It earned $1.25 a share", "eps", 1.25, "per_share"),
        ("A dividend of $0.51 per share", "dividend", 0.51, "per_share"),
        ("A buyback worth $100bn", "buyback", 1e11, "USD"),
        ("The acquisition costs $32 billion", "deal_value", 3.2e10, "USD"),
        ("It cuts 6,000 jobs", "headcount", 6000.0, "count"),
        ("A fine of £7m", "fine", 7e6, "GBP"),
        ("Raises price target to $250", "price_target", 250.0, "USD"),
        ("Deliveries of 336,681", "deliveries", 336681.0, "count"),
        ("The stock fell 3.2 percent", "shares", 3.2, "pct"),
    ],
)
def test_a_figure_has_its_metric_scale_and_unit(text: str, metric: str, value: float, unit: str) -> None:
    (number,) = numbers_in(text)

    assert (number.metric, number.unit) == (metric, unit)
    assert number.value == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "basis"),
    [
        ("Revenue was $4.5 billion", "actual"),
        ("Analysts expected $4.2 billion of revenue", "consensus"),
        ("Revenue compared with $4.1 billion", "prior"),
        ("It expects full-year revenue of $18 billion", "guidance_point"),
    ],
)
def test_a_figure_says_what_it_is_compared_with(text: str, basis: str) -> None:
    assert [number.basis for number in numbers_in(text)] == [basis]


@pytest.mark.parametrize(
    "text", ["Top 10 dividend stocks for 2025", "S&P 500 shares", "A model of 1.2.3.4", "No figure here"]
)
def test_ranks_years_and_versions_are_no_figures(text: str) -> None:
    assert numbers_in(text) == []


@given(st.text(alphabet="profit $€12,.% 0m billion²٣", max_size=120))
def test_every_figure_is_a_verbatim_piece(text: str) -> None:
    for number in numbers_in(text):
        assert text[number.evidence.start : number.evidence.end] == number.evidence.quote
        assert number.value >= 0.0


@pytest.mark.parametrize(
    ("text", "strength"),
    [
        ("EPS of $1.10 vs $1.00 consensus", 2 / 3),
        ("It earned $2.00 a share, above expectations of $1.00 a share", 1.0),
        ("Earnings of $0.90 a share versus $1.00 expected by estimates of $1.00", -2 / 3),
        ("EPS of $0.02 versus $0.01", 1.0),
    ],
)
def test_a_surprise_is_what_was_earned_against_what_was_expected(text: str, strength: float) -> None:
    surprise = eps_surprise(text, read_sentence(text, 0, len(text), in_title=False))

    assert surprise is not None
    assert surprise.strength == pytest.approx(strength)


def test_without_both_figures_there_is_no_surprise() -> None:
    text = "It earned $2.00 a share, more than a year ago"

    assert eps_surprise(text, read_sentence(text, 0, len(text), in_title=False)) is None


@pytest.mark.parametrize(
    ("text", "percent"), [("shares fell 3.2%", 3.2), ("shares fell 3 percent", 3.0), ("shares fell", 0.0)]
)
def test_a_price_move_is_the_percentage_told_after_it(text: str, percent: float) -> None:
    assert price_move(read_sentence(text, 0, len(text), in_title=True), 1) == percent
