import pytest

from stonks.model.document import Mention, Role
from stonks.model.line import CompanyRead, LineAsked, LineRead, Verdict
from stonks.stages.extractor.core.extract import extract
from stonks.stages.extractor.core.lines import UNSURE, answer_of, question_of, verdict_of
from tests.fakes.articles import spans_of


def finder(text: str, body_start: int) -> tuple[Mention, ...]:
    """Return the companies of the fakes, primary in the title."""
    return tuple(
        Mention(
            ticker=ticker,
            role=Role.PRIMARY if spans[0].start < body_start else Role.SECONDARY,
            spans=tuple(spans),
        )
        for ticker, spans in sorted(spans_of(text).items())
    )


def answered(asked: LineAsked) -> LineRead:
    question = question_of(asked, finder)
    return answer_of(asked, question, extract(question.article))


def companies(answer: LineRead) -> dict[str, CompanyRead]:
    return {str(company.entity or company.ticker): company for company in answer.companies}


def test_who_is_asked_for_and_named_gets_a_class_also_where_nothing_is_said() -> None:
    answer = answered(
        LineAsked(id=1, text="Boeing soars, Visa is in Boston", entities=("Visa", "Boeing", "Visa", "IBM"))
    )

    assert [company.entity for company in answer.companies] == ["Visa", "Boeing"]
    assert answer.absent == ("IBM",)
    visa, boeing = answer.companies
    assert (visa.verdict, visa.score, visa.confidence, visa.quotes) == (Verdict.NEUTRAL, 0.0, UNSURE, ())
    assert boeing.verdict is Verdict.POSITIVE
    assert boeing.confidence > UNSURE


def test_with_no_names_given_it_is_the_companies_that_are_found() -> None:
    answer = answered(LineAsked(title="Boeing soars", text="Its profit rose. Visa fell 3%."))

    assert sorted(companies(answer)) == ["BA", "V"]
    assert answer.absent == ()


def test_tickers_are_found_by_the_names_of_their_companies_or_as_they_stand() -> None:
    answer = answered(LineAsked(text="Boeing and Visa soar, SHOP slumps", tickers=("SHOP", "BA", "IBM")))

    assert [(company.ticker, company.verdict) for company in answer.companies] == [
        ("SHOP", Verdict.NEGATIVE),
        ("BA", Verdict.POSITIVE),
    ]
    assert answer.absent == ("IBM",)


@pytest.mark.parametrize(
    ("asked", "text", "start"),
    [
        (LineAsked(title="A title", text="A body"), "A title\n\nA body", 9),
        (LineAsked(title="A title"), "A title", 7),
        (LineAsked(text="A headline"), "A headline", 10),
        (LineAsked(text="A first line\n\nand a body"), "A first line\n\nand a body", 14),
        (LineAsked(text="word " * 100), "word " * 100, 0),
        (LineAsked(), "", 0),
    ],
)
def test_a_text_is_title_and_body_or_one_of_them(asked: LineAsked, text: str, start: int) -> None:
    article = question_of(asked, finder).article

    assert (article.text, article.body_start) == (text, start)


def test_who_is_named_in_title_or_first_sentence_is_who_it_is_about() -> None:
    asked = LineAsked(title="A title", text="Boeing spoke. Then Visa spoke.", entities=("Boeing", "Visa"))

    roles = {named.ticker: named.role for named in question_of(asked, finder).article.named}

    assert roles == {"Boeing": Role.PRIMARY, "Visa": Role.SECONDARY}


def test_the_words_of_a_deal_and_both_its_sides_are_told() -> None:
    answer = answered(LineAsked(text="Microsoft may buy Visa", entities=("Microsoft", "Visa")))

    (event,) = companies(answer)["Microsoft"].events
    assert (event.quote, event.hedged) == ("may buy", True)
    assert event.roles == {"acquirer": ("Microsoft",), "target": ("Visa",)}


@pytest.mark.parametrize(
    ("score", "verdict"),
    [(0.5, Verdict.POSITIVE), (0.1, Verdict.NEUTRAL), (-0.1, Verdict.NEUTRAL), (-0.2, Verdict.NEGATIVE)],
)
def test_a_score_near_nothing_is_neutral(score: float, verdict: Verdict) -> None:
    assert verdict_of(score) is verdict
