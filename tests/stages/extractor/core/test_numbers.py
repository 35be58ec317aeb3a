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
        ("The stock fell 3.2 percent", "shares", -3.2, "pct"),
        ("The stock rose 3.2 percent", "shares", 3.2, "pct"),
        ("Sales posted a 7% decline", "revenue", -7.0, "pct"),
        ("A net loss of $2 million", "net_income", -2e6, "USD"),
        ("Net income (loss) of $(2.5) million", "net_income", -2.5e6, "USD"),
        ("Net income of ($2.5) million", "net_income", -2.5e6, "USD"),
        ("EPS of -$0.12", "eps", -0.12, "USD"),
        ("It earned 35 cents a share", "eps", 0.35, "per_share"),
        ("Earnings per share of $1.25", "eps", 1.25, "per_share"),
        ("Operating income of $9 million", "other", 9e6, "USD"),
        ("Turnover of Rs 1.2 lakh crore", "revenue", 1.2e12, "other"),
        ("Profit of Rs 4,50,000", "net_income", 450_000.0, "other"),
        ("A quarterly dividend payment of $1.13 per share", "dividend", 1.13, "per_share"),
        ("A profit per share of between $26 and $27", "eps", 26.0, "per_share"),
        ("The best stocks to buy with $1,500", "shares", 1500.0, "USD"),
        ("A debt of $7T", "other", 7e12, "USD"),
        ("Microsoft to buy Visa for $500 billion", "deal_value", 5e11, "USD"),
    ],
)
def test_a_figure_has_its_metric_scale_and_unit(text: str, metric: str, value: float, unit: str) -> None:
    number, *_ = numbers_in(text)

    assert (number.metric, number.unit) == (metric, unit)
    assert number.value == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "basis"),
    [
        ("Revenue was $4.5 billion", "actual"),
        ("Analysts expected $4.2 billion of revenue", "consensus"),
        ("Revenue compared with $4.1 billion", "prior"),
        ("It expects full-year revenue of $18 billion", "guidance_point"),
        ("Revenue was $4.5 billion, better than expected", "actual"),
        ("Better-than-expected revenue of $4.5 billion", "actual"),
        ("It expects growth after it reported revenue of $4.5 billion", "actual"),
        ("Revenue of $4.1 billion a year ago", "prior"),
        ("Revenue versus the estimate of $4.1 billion", "consensus"),
    ],
)
def test_a_figure_says_what_it_is_compared_with(text: str, basis: str) -> None:
    assert [number.basis for number in numbers_in(text)] == [basis]


@pytest.mark.parametrize(
    ("text", "low", "high", "metric", "quote"),
    [
        ("It guides revenue of $1.2 to $1.4 billion", 1.2e9, 1.4e9, "guidance_revenue", "$1.2 to $1.4 billion"),
        (
            "Its outlook is revenue of $900 million to $1 billion",
            9e8,
            1e9,
            "guidance_revenue",
            "$900 million to $1 billion",
        ),
        ("It expects EPS of $1.20-$1.40", 1.2, 1.4, "guidance_eps", "$1.20-$1.40"),
        ("It sees a margin between 10% and 12%", 10.0, 12.0, "margin", "10% and 12%"),
        ("It expects margins of 10 to 12 percent", 10.0, 12.0, "margin", "10 to 12 percent"),
    ],
)
def test_both_ends_of_a_guided_range_are_told(text: str, low: float, high: float, metric: str, quote: str) -> None:
    first, last = numbers_in(text)

    assert (first.basis, last.basis) == ("guidance_low", "guidance_high")
    assert [first.value, last.value] == pytest.approx([low, high])
    assert {first.metric, last.metric} == {metric}
    assert {first.evidence.quote, last.evidence.quote} == {quote}


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Revenue rose 5% to $4.5 billion", [5.0, 4.5e9]),
        ("It cut its revenue outlook from $1.4 billion to $1.2 billion", [1.4e9, 1.2e9]),
        ("Profits of $3 million and $4 million", [3e6, 4e6]),
    ],
)
def test_a_change_and_two_things_are_no_range(text: str, values: list[float]) -> None:
    found = numbers_in(text)

    assert [number.value for number in found] == pytest.approx(values)
    assert all(number.basis not in ("guidance_low", "guidance_high") for number in found)


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("Revenue in the third quarter of 2024 was $4 billion", "third quarter of 2024"),
        ("Q3 profit of Rs 20 crore", "Q3"),
        ("Full-year revenue of $18 billion", "Full-year"),
        ("Net income for the fiscal quarter ended November 2, 2024 was $44 million", "quarter ended November 2, 2024"),
        ("It sees 2025 revenue of $9 billion", "2025"),
        ("Revenue was $4 billion", ""),
    ],
)
def test_a_figure_is_of_the_time_told_beside_it(text: str, period: str) -> None:
    (number,) = numbers_in(text)

    assert number.period == period


@pytest.mark.parametrize(
    "text",
    [
        "Top 10 dividend stocks for 2025",
        "S&P 500 shares",
        "A model of 1.2.3.4",
        "No figure here",
        "Delivered in 2024",
        "Delivered the 777X",
    ],
)
def test_ranks_years_and_versions_are_no_figures(text: str) -> None:
    assert numbers_in(text) == []


@given(st.text(alphabet="profit $€12,.% 0m billion²٣", max_size=120))
def test_every_figure_is_a_verbatim_piece(text: str) -> None:
    for number in numbers_in(text):
        assert text[number.evidence.start : number.evidence.end] == number.evidence.quote
        assert abs(number.value) < float("inf")


@pytest.mark.parametrize(
    ("text", "strength"),
    [
        ("EPS of $1.10 vs $1.00 consensus", 2 / 3),
        ("It earned $2.00 a share, above expectations of $1.00 a share", 1.0),
        ("Earnings of $0.90 a share versus $1.00 expected by estimates of $1.00", -2 / 3),
        ("EPS of $0.02 versus $0.01", 1.0),
        ("It earned 35 cents a share, versus the 40 cents analysts expected", -5 / 40 / 0.15),
        ("A loss of 10 cents a share against an expected loss of 20 cents", 1.0),
        ("Q3 GAAP EPS of $1.10 beats by $0.10", 2 / 3),
        ("EPS of $0.90 misses by $0.10", -2 / 3),
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
