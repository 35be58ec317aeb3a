from typing import Any

import msgspec
import pytest
from hypothesis import given, strategies as st

from stonks.model.document import DocumentType
from stonks.stages.extractor.core.reading.shapes import CompaniesRead
from tests.fakes.articles import make_article
from tests.fakes.readings import ARTICLE, BODY, TITLE, answer, company, failed, number, reading_of, task_of

TEXT = ARTICLE.text


@pytest.mark.parametrize(
    ("change", "check"),
    [
        ({"mention_id": 0}, "candidate"),
        ({"mention_id": 3}, "candidate"),
        ({"mention_id": -1}, "candidate"),
        ({"quote": "its quarterly revenue rose 13%"}, "quote"),
        ({"quote": "its quarterly revenue rose a lot"}, "quote"),
        ({"quote": "quarterly revenue 12% rose its"}, "quote"),
        ({"quote": ""}, "quote"),
        ({"quote": "12%"}, "quote"),
        ({"mention_id": 2, "quote": "its quarterly revenue rose 12%"}, "ticker"),
        ({"direction": "negative"}, "consistency"),
        ({"sentiment": 0}, "consistency"),
        ({"sentiment": 2, "direction": "mixed"}, "consistency"),
    ],
)
def test_a_claim_that_does_not_hold_is_left_out_and_named(change: dict[str, Any], check: str) -> None:
    good, bad = company(quote="Boeing said its quarterly revenue rose 12%"), company(**change)

    assert failed(answer(companies=[good, bad])) == [check]
    (kept,) = reading_of(answer(companies=[good, bad])).companies
    assert kept.quote.quote == good["quote"]


def test_an_answer_of_which_no_claim_about_a_company_holds_is_worth_nothing() -> None:
    judged = task_of().judge(answer(companies=[company(mention_id=9)], key_numbers=[number()]))

    assert judged.value is None


@pytest.mark.parametrize(
    "quote",
    [
        "BOEING said  its\nquarterly revenue",
        "The company's backlog is a record",
        "“its quarterly revenue rose 12%”".strip("“”"),
    ],
)
def test_a_quote_is_found_whatever_its_case_blanks_and_quotation_marks(quote: str) -> None:
    (kept,) = reading_of(answer(companies=[company(quote=quote)])).companies

    assert TEXT[kept.quote.start : kept.quote.end] == kept.quote.quote


def test_a_sentence_beside_one_that_names_the_company_speaks_of_it_and_no_further_one() -> None:
    beside = company(quote="backlog is a record")
    apart = company(quote="Nobody had expected so much from this maker of planes")

    assert failed(answer(companies=[beside])) == []
    assert failed(answer(companies=[apart])) == ["ticker"]


def test_in_its_own_words_a_company_need_not_name_itself() -> None:
    filing = make_article(TITLE, BODY.replace("Visa", "It"), kind=DocumentType.PRESS_RELEASE)
    apart = company(quote="Nobody had expected so much from this maker of planes")

    assert failed(answer(companies=[apart]), filing) == []


def test_an_event_that_speaks_against_the_direction_costs_confidence() -> None:
    for event, confidence in (("earnings_beat", 0.75), ("earnings_miss", 0.6), ("other", 0.75)):
        (kept,) = reading_of(answer(companies=[company(event_types=[event])])).companies
        assert kept.confidence == confidence


def test_a_model_that_contradicts_sure_rules_is_not_believed_but_looked_at() -> None:
    opposite = company(sentiment=-2, direction="negative", event_types=["other"])

    judged = task_of().judge(answer(companies=[opposite]))

    assert task_of().candidates[0].score > 0.6
    assert judged.value is not None
    assert judged.value.companies[0].confidence == 0.0
    assert "review" in [verdict.check for verdict in judged.verdicts if not verdict.passed]


@pytest.mark.parametrize(
    ("change", "value"),
    [
        ({}, 20.5e9),
        ({"value_text": "$20.5 billion"}, 20.5e9),
        ({"value_text": "20,500", "scale": "million"}, 20.5e9),
        ({"value_text": "12", "unit": "pct", "scale": "one"}, 12.0),
        ({"value_text": "12%", "unit": "pct", "scale": "one"}, 12.0),
    ],
)
def test_a_figure_that_its_quote_states_is_kept_as_a_number(change: dict[str, Any], value: float) -> None:
    (kept,) = reading_of(answer(key_numbers=[number(**change)])).numbers

    assert kept.value == pytest.approx(value)
    assert (kept.period, kept.evidence.quote) == ("quarterly", "revenue rose 12% to $20.5 billion")


@pytest.mark.parametrize(
    ("change", "check"),
    [
        ({"value_text": "$20.6"}, "number"),
        ({"scale": "million"}, "number"),
        ({"scale": "one"}, "number"),
        ({"value_text": "12", "unit": "count", "scale": "one"}, "number"),
        ({"value_text": "12% to $20.5"}, "number"),
        ({"value_text": "a lot"}, "number"),
        ({"quote": "revenue rose 12% to $21.5 billion"}, "quote"),
        ({"quote": "Visa is a member of the same index"}, "number"),
    ],
)
def test_a_figure_that_its_quote_does_not_state_is_left_out(change: dict[str, Any], check: str) -> None:
    assert failed(answer(key_numbers=[number(**change)])) == [check]
    assert reading_of(answer(key_numbers=[number(**change)])).numbers == ()


def test_a_period_that_the_text_does_not_have_is_not_kept() -> None:
    (kept,) = reading_of(answer(key_numbers=[number(period="Q3 2031")])).numbers

    assert kept.period == ""


@pytest.mark.parametrize(
    ("summary", "kept"),
    [
        ("Revenue rose 12% to $20.5 billion.", "Revenue rose 12% to $20.5 billion."),
        ("Revenue rose 12% to $20,500 million.", "Revenue rose 12% to $20,500 million."),
        ("Revenue rose 12%\x00 to\n more.", "Revenue rose 12% to more."),
        ("Revenue rose 15%.", ""),
        ("Revenue rose to $20.5 million.", ""),
    ],
)
def test_a_summary_states_no_figure_of_its_own(summary: str, kept: str) -> None:
    assert reading_of(answer(summary=summary)).summary == kept


def test_the_share_of_claims_that_held_is_counted() -> None:
    given = answer(
        companies=[company(), company(mention_id=7)],
        key_numbers=[number(), number(value_text="$9")],
        risks=[{"text": "It may rain on 31 days.", "quote": "The company's backlog is a record"}],
        guidance=[
            {"metric": "revenue", "direction": "raised", "period": "", "quote": "The company's backlog is a record"}
        ],
    )

    reading = reading_of(given)

    assert (reading.claimed, reading.kept) == (7, 4)
    assert len(reading.guidance) == 1
    assert reading.risks == ()


def test_the_least_that_is_of_use_is_judged_alike() -> None:
    least = msgspec.convert({"doc_check": "", "companies": [company(), company(mention_id=7)]}, CompaniesRead)

    reading = reading_of(least)

    assert (reading.claimed, reading.kept, reading.summary) == (2, 1, "")


_PIECE = st.tuples(st.integers(0, len(TEXT)), st.integers(0, 120)).map(lambda at: TEXT[at[0] : at[0] + at[1]])
_WORDS = st.lists(_PIECE | st.text(max_size=20), max_size=3).map(lambda parts: "".join(parts)[:240])


@given(
    companies=st.lists(
        st.builds(
            lambda mention, quote, sign: company(
                mention_id=mention, quote=quote, sentiment=sign, direction={1: "positive", -1: "negative"}[sign]
            ),
            st.integers(-1, 4),
            _WORDS,
            st.sampled_from([1, -1]),
        ),
        max_size=4,
    ),
    numbers=st.lists(
        st.builds(lambda value, quote: number(value_text=value[:60], quote=quote), _WORDS, _WORDS), max_size=3
    ),
    summary=_WORDS,
)
def test_whatever_a_model_says_every_quote_that_is_kept_stands_in_the_text_at_its_place(
    companies: list[dict[str, Any]], numbers: list[dict[str, Any]], summary: str
) -> None:
    judged = task_of().judge(answer(companies=companies, key_numbers=numbers, summary=summary))
    if judged.value is None:
        return

    reading = judged.value
    quotes = [one.quote for one in reading.companies] + [one.evidence for one in reading.numbers]
    assert all(TEXT[quote.start : quote.end] == quote.quote and len(quote.quote) >= 12 for quote in quotes)
    assert reading.kept <= reading.claimed
    assert reading.summary.isprintable()
