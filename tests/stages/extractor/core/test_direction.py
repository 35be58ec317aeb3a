from collections.abc import Mapping

import pytest
from hypothesis import given, strategies as st

from stonks.stages.extractor.core.direction import Judgement, judge
from tests.fakes.articles import COMPANIES, reading_of

UP = ["jumps", "soars", "gains", "beats estimates", "wins approval", "posts record profit", "upgraded to Buy"]
DOWN = [
    "slumps",
    "plunges",
    "falls",
    "misses estimates",
    "hit by fraud probe",
    "posts wider loss",
    "downgraded to Sell",
]


def judged(headline: str, ticker: str, names: Mapping[str, str] = COMPANIES) -> Judgement | None:
    reading, groups = reading_of(headline, names)
    return judge(reading, groups, ticker)


def score(headline: str, ticker: str) -> float:
    judgement = judged(headline, ticker)
    return 0.0 if judgement is None else judgement.score


@pytest.mark.parametrize(
    ("headline", "ticker"),
    [
        ("Apple quarterly profit rises 12%", "AAPL"),
        ("Apple cuts costs by a fifth", "AAPL"),
        ("Boeing narrows its quarterly loss", "BA"),
        ("Boeing swings to profit", "BA"),
        ("Caterpillar shares hit record high", "CAT"),
        ("Visa tops estimates as spending holds up", "V"),
        ("Amazon revenue of $150 billion compared to $140 billion a year ago", "AMZN"),
        ("Microsoft pares losses at the close", "MSFT"),
        ("Analyst upgrades Boeing", "BA"),
        ("Broker turns bullish on Apple", "AAPL"),
        ("Buy Caterpillar: strategist", "CAT"),
        ("UnitedHealth medical costs fall, margin widens", "UNH"),
        ("Boeing not at risk of bankruptcy, chief says", "BA"),
        ("Visa's bad debt declines", "V"),
        ("Amazon, Apple and Visa rally", "V"),
        ("Caterpillar falls, but Apple jumps on strong demand", "AAPL"),
        ("Apple denies weak demand", "AAPL"),
    ],
)
def test_good_news_is_read_as_good(headline: str, ticker: str) -> None:
    assert score(headline, ticker) > 0.15


@pytest.mark.parametrize(
    ("headline", "ticker"),
    [
        ("Apple quarterly profit falls 12%", "AAPL"),
        ("Apple's costs rise faster than planned", "AAPL"),
        ("Boeing quarterly loss widens", "BA"),
        ("Boeing swings to loss", "BA"),
        ("Caterpillar shares slide to 52-week low", "CAT"),
        ("Visa falls short of forecasts", "V"),
        ("Amazon revenue of $130 billion compared to $140 billion a year ago", "AMZN"),
        ("Microsoft erases gains", "MSFT"),
        ("Analyst downgrades Boeing", "BA"),
        ("Broker turns bearish on Apple", "AAPL"),
        ("Sell Caterpillar, says strategist", "CAT"),
        ("UnitedHealth sued over denied care", "UNH"),
        ("Boeing fails to win approval", "BA"),
        ("Growth slows at Visa", "V"),
        ("Amazon, Apple and Visa slump", "V"),
        ("Caterpillar jumps, but Apple falls on weak demand", "AAPL"),
        ("Regulator fines Apple over app store", "AAPL"),
        ("Tariffs hit Boeing", "BA"),
    ],
)
def test_bad_news_is_read_as_bad(headline: str, ticker: str) -> None:
    assert score(headline, ticker) < -0.15


@pytest.mark.parametrize(
    ("headline", "ticker"),
    [
        ("Apple to hold its annual meeting in February", "AAPL"),
        ("Goldman Sachs upgrades Boeing", "GS"),
        ("J&J sues a rival over its patent", "JNJ"),
        ("Goldman Sachs to raise $2 billion from a bond sale", "GS"),
        ("Boeing falls while Visa meets investors", "V"),
        ("Best Buy opens stores", "BBY"),
    ],
)
def test_what_says_nothing_of_a_company_is_left_unsaid(headline: str, ticker: str) -> None:
    judgement = judged(headline, ticker, COMPANIES | {"BBY": "Best Buy"})

    assert judgement is None or abs(judgement.score) < 0.15


@given(st.sampled_from(UP + DOWN))
def test_every_company_of_a_list_is_judged_alike(said: str) -> None:
    headline = f"Apple, Boeing and Visa: {said}"

    assert score(headline, "AAPL") == score(headline, "BA") == score(headline, "V")


@given(st.sampled_from(UP), st.sampled_from(DOWN), st.sampled_from([", ", "; ", " while ", " but "]))
def test_what_is_said_of_another_company_changes_nothing(own: str, other: str, between: str) -> None:
    alone, beside = score(f"Apple {own}", "AAPL"), score(f"Apple {own}{between}Boeing {other}", "AAPL")

    assert alone == pytest.approx(beside)
    assert alone > 0 > score(f"Apple {own}{between}Boeing {other}", "BA")


@given(st.sampled_from(["strong", "weak", "good", "poor", "robust", "bad", "profitable"]))
def test_a_negation_turns_what_follows(said: str) -> None:
    plain, negated = score(f"Apple demand is {said}", "AAPL"), score(f"Apple demand is not {said}", "AAPL")

    assert plain * negated < 0
    assert abs(negated) <= abs(plain)


@given(st.sampled_from(UP + DOWN), st.sampled_from(["Apple", "Boeing", "Goldman Sachs"]))
def test_a_companys_name_has_no_part_in_its_judgement(said: str, name: str) -> None:
    tickers = {company: ticker for ticker, company in COMPANIES.items()}

    assert score(f"{name} {said}", tickers[name]) == score(f"Visa {said}", "V")


@given(st.lists(st.sampled_from("Apple falls jumps not loss 5% , ; : on as higher cuts fails record may".split())))
def test_a_score_stays_in_its_range(words: list[str]) -> None:
    judgement = judged(f"Apple falls {' '.join(words)}", "AAPL")

    assert judgement is not None
    assert -1.0 <= judgement.score <= 1.0


def test_a_hedged_saying_counts_less() -> None:
    plain, hedged = judged("Apple profit falls", "AAPL"), judged("Apple profit may fall", "AAPL")

    assert plain is not None
    assert hedged is not None
    assert hedged.hedged
    assert plain.score < hedged.score < 0


def test_a_mere_price_move_is_known_as_one() -> None:
    moved, reported = judged("Apple shares fall 3%", "AAPL"), judged("Apple profit falls 3%", "AAPL")

    assert moved is not None
    assert reported is not None
    assert moved.about_price
    assert not reported.about_price
