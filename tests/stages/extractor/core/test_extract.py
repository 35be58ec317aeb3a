from itertools import permutations

import msgspec
import pytest
from hypothesis import given, settings, strategies as st

from stonks.model.document import DocumentType, Role
from stonks.model.signal import EventType, Extraction, Impact
from stonks.stages.extractor.core.extract import EXTRACTOR_VERSION, body_start, extract
from stonks.stages.extractor.core.impacts import LONGEST_QUOTE, MOST_QUOTES
from stonks.stages.extractor.core.summary import LONGEST
from tests.fakes.articles import make_article

WORDS = (
    "Apple Boeing Visa profit loss rises falls beats misses estimates guidance cut raised may not fraud probe wins "
    "contract "
    "$4.5 billion 12% EPS of $1.10 versus $1.00 . ; , on after as but the tariffs recall – “ş² \n"
).split(" ")
PROSE = st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join)


def impact_on(ticker: str, extraction: Extraction) -> Impact:
    return next(impact for impact in extraction.impacts if impact.ticker == ticker)


def quotes_of(extraction: Extraction) -> list[tuple[str, int, int]]:
    quotes = [quote for impact in extraction.impacts for quote in impact.evidence]
    quotes += [number.evidence for number in extraction.numbers]
    return [(quote.quote, quote.start, quote.end) for quote in quotes]


@given(PROSE, PROSE)
@settings(max_examples=300)
def test_every_quote_is_a_verbatim_piece_of_the_text(title: str, body: str) -> None:
    article = make_article(title.replace("\n", " ").strip(), body.strip())

    for quote, start, end in quotes_of(extract(article)):
        assert article.text[start:end] == quote
        assert quote


@given(PROSE, PROSE)
@settings(max_examples=300)
def test_every_impact_is_within_its_bounds_and_has_evidence(title: str, body: str) -> None:
    for impact in extract(make_article(title.replace("\n", " ").strip(), body.strip())).impacts:
        assert msgspec.convert(msgspec.to_builtins(impact), Impact) == impact
        assert 1 <= len(impact.evidence) <= MOST_QUOTES
        assert all(len(quote.quote) <= LONGEST_QUOTE for quote in impact.evidence)


@given(PROSE, PROSE)
def test_the_summary_is_sentences_of_the_text(title: str, body: str) -> None:
    article = make_article(title.replace("\n", " ").strip(), body.strip())

    summary = extract(article).summary

    assert len(summary) <= LONGEST
    assert all(word in article.text for word in summary.split())


def test_it_says_of_each_company_what_the_text_says_of_it() -> None:
    article = make_article(
        "Boeing beats estimates while Caterpillar cuts its outlook",
        "Boeing delivered more jets than planned and its loss narrowed. Caterpillar blamed weak demand.",
    )

    extraction = extract(article)

    boeing, caterpillar = impact_on("BA", extraction), impact_on("CAT", extraction)
    assert boeing.direction > 0.3 > -0.3 > caterpillar.direction
    assert boeing.event_types[0] is EventType.EARNINGS_BEAT
    assert caterpillar.event_types[0] is EventType.GUIDANCE_CUT
    assert boeing.horizon == caterpillar.horizon == "1m"


def test_of_a_company_that_is_only_named_nothing_is_said() -> None:
    extraction = extract(make_article("Boeing falls on a wider loss", "Visa is another member of the Dow."))

    assert [impact.ticker for impact in extraction.impacts] == ["BA"]
    assert extraction.summary


def test_a_document_that_says_nothing_still_has_a_summary() -> None:
    extraction = extract(
        make_article("Visa to present at a conference", "The talk of Visa takes place on Tuesday in Boston.")
    )

    assert extraction.impacts == ()
    assert extraction.summary == "The talk of Visa takes place on Tuesday in Boston."
    assert extraction.extractor_version == EXTRACTOR_VERSION


def test_an_earnings_surprise_becomes_an_event() -> None:
    told = "Caterpillar posted earnings of $4.25 a share versus the consensus of $5.00."

    impact = impact_on("CAT", extract(make_article("Caterpillar publishes its figures", told)))

    assert impact.event_types[0] is EventType.EARNINGS_MISS
    assert impact.direction < -0.5


def test_a_price_move_is_news_for_the_session_and_as_strong_as_it_is_big() -> None:
    small = impact_on("AAPL", extract(make_article("Apple shares fall 0.4%")))
    big = impact_on("AAPL", extract(make_article("Apple shares fall 7%")))

    assert small.horizon == big.horizon == "intraday"
    assert big.strength == 0.5
    assert big.direction < 0


def test_sentences_without_a_name_speak_of_the_one_company_the_text_is_about() -> None:
    body = "The company won a contract. Its profit rose sharply and it raised its guidance."

    impact = impact_on("BA", extract(make_article("Boeing meets the press", body)))

    assert impact.direction > 0
    assert EventType.GUIDANCE_RAISE in impact.event_types


def test_a_sentence_about_somebody_else_says_nothing_of_the_company() -> None:
    body = "General Motors (GM) fell sharply after it cut its outlook. Other carmakers slumped on weak demand."

    assert extract(make_article("Boeing meets the press", body)).impacts == ()


def test_where_a_text_is_about_several_companies_such_sentences_speak_of_none() -> None:
    body = "The company won a contract. Its profit rose sharply and it raised its guidance."

    assert extract(make_article("Boeing and Visa meet the press", body)).impacts == ()


def test_a_fact_in_the_title_is_surer_than_one_in_the_text() -> None:
    title = impact_on("BA", extract(make_article("Boeing profit rises", "It said so on Monday morning in a note.")))
    body = impact_on("BA", extract(make_article("Boeing meets the press", "On Monday Boeing said its profit rose.")))

    assert title.confidence > body.confidence > 0


def test_an_opinion_is_trusted_less_than_a_report() -> None:
    report = impact_on("AAPL", extract(make_article("Apple profit soars")))
    opinion = impact_on("AAPL", extract(make_article("Should you buy shares as Apple profit soars?")))

    assert opinion.confidence < report.confidence


def test_contradictory_news_is_less_sure_than_one_sided_news() -> None:
    mixed = impact_on("BA", extract(make_article("Boeing beats estimates but cuts guidance")))
    plain = impact_on("BA", extract(make_article("Boeing beats estimates and raises guidance")))

    assert mixed.confidence < plain.confidence
    assert abs(mixed.direction) < plain.direction


def test_the_title_told_again_in_the_body_counts_once() -> None:
    once = extract(make_article("Boeing shares fall 3%")).impacts
    again = extract(make_article("Boeing shares fall 3%", "Boeing shares fall 3%")).impacts

    assert again == once


def test_the_order_of_the_mentions_does_not_matter() -> None:
    article = make_article("Boeing, Apple and Visa fall", "Apple said its profit rose. Visa won a contract.")
    results = {
        msgspec.json.encode(extract(msgspec.structs.replace(article, named=named)))
        for named in permutations(article.named)
    }

    assert len(results) == 1


def test_a_long_filing_is_read_where_it_speaks_of_the_company() -> None:
    filler = "This paragraph describes how the notes to the statements are prepared.\n" * 3000
    article = make_article(
        "Annual report", f"{filler}Boeing lost market share and its loss widened.\n{filler}", kind=DocumentType.FILING
    )

    extraction = extract(article)

    assert extraction.kind == "filing"
    assert impact_on("BA", extraction).direction < 0


def test_risks_that_a_filing_lists_are_no_news() -> None:
    body = "Boeing could lose customers if its deliveries fall. Its profit may decline."

    assert extract(make_article("Boeing files its annual report", body, kind=DocumentType.FILING)).impacts == ()
    assert extract(make_article("Boeing speaks", body)).impacts != ()


@pytest.mark.parametrize(("role", "relevance"), [(Role.PRIMARY, 1.0), (Role.SECONDARY, 0.5), (Role.PASSING, 0.1)])
def test_relevance_is_that_of_the_mention(role: Role, relevance: float) -> None:
    extraction = extract(make_article("Boeing profit rises", roles={"BA": role}))

    assert impact_on("BA", extraction).relevance == relevance


@pytest.mark.parametrize(
    ("text", "title", "start"),
    [
        ("A title\n\nA body", "A title", 9),
        ("A title", "A title", 7),
        ("A body", "", 0),
        ("Another title\n\nA body", "What the feed said", 15),
        ("First line\nof a body\n\nwithout a title", "", 0),
        (f"{'long ' * 100}\n\nA body", "", 0),
    ],
)
def test_the_body_begins_after_the_title(text: str, title: str, start: int) -> None:
    assert body_start(text, title) == start
