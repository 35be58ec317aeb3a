import pytest
from hypothesis import given, strategies as st

from stonks.model.document import Mention, Role, Section, Span
from stonks.stages.parser.core.filings.neighbours import Neighbour, neighbours

NAMES = {"LMT": "Lockheed Martin", "RTX": "RTX Corporation", "AMZN": "Amazon", "AMD": "AMD"}


def told(text: str, *, form: str = "10-K", item: str = "1", by_reference: bool = False) -> tuple[Neighbour, ...]:
    mentions = [
        Mention(ticker=ticker, role=Role.SECONDARY, spans=(Span(start=at, end=at + len(name)),))
        for ticker, name in NAMES.items()
        if (at := text.find(name)) >= 0
    ]
    section = Section(item=item, title="Business", start=0, end=len(text), by_reference=by_reference)
    return neighbours(text, form, [section], mentions)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("We face strong competition primarily from Lockheed Martin.", [("LMT", "competitor")]),
        ("Our largest customer is Amazon, which we serve everywhere.", [("AMZN", "customer")]),
        ("Engines come from suppliers such as RTX Corporation.", [("RTX", "supplier")]),
        ("Our strategic partners include Amazon and others.", [("AMZN", "partner")]),
        (
            "Suppliers include RTX Corporation; among our many competitors in space is Lockheed Martin.",
            [("LMT", "competitor"), ("RTX", "supplier")],
        ),
        ("We do not compete with Lockheed Martin.", []),
        ("The board met Lockheed Martin.", []),
        ("Our competitors are many.\nLockheed Martin built a plant.", []),
        ("Competitors " + "and so on " * 5 + "Lockheed Martin", []),
        ("Amazon was asked by the Competition Commission.", []),
        ("Competitors use AMD for short.", []),
    ],
)
def test_the_nearest_telling_word_says_what_a_company_is(text: str, found: list[tuple[str, str]]) -> None:
    assert [(one.ticker, one.relation) for one in told(text)] == found


def test_a_tenth_of_sales_makes_a_customer_of_that_weight() -> None:
    (large,) = told("Sales to Amazon accounted for 24% of our net revenue.")
    small = told("Sales to Amazon accounted for 4% of our net revenue.")

    assert (large.relation.value, large.confidence) == ("customer", 0.9)
    assert large.weight == pytest.approx(0.74)
    assert small == ()


def test_more_places_make_a_relation_surer() -> None:
    text = "Our competitors include Amazon.\nAgain: competitors include Amazon."
    spans = tuple(Span(start=at, end=at + 6) for at in (24, text.rfind("Amazon")))
    section = Section(item="1A", title="Risk Factors", start=0, end=len(text))

    (twice,) = neighbours(text, "10-K", [section], [Mention(ticker="AMZN", role=Role.SECONDARY, spans=spans)])

    assert twice.confidence == pytest.approx(0.9 * 0.75)
    assert told("Our competitors include Amazon.")[0].confidence == pytest.approx(0.9 * 0.5)
    assert len(twice.evidence) == 2


@pytest.mark.parametrize(
    ("form", "item", "elsewhere"), [("10-Q", "1", False), ("10-K", "8", False), ("10-K", "1", True)]
)
def test_only_the_business_and_the_risks_of_an_annual_report_tell(form: str, item: str, elsewhere: bool) -> None:  # noqa: FBT001
    assert told("Our competitors include Amazon.", form=form, item=item, by_reference=elsewhere) == ()


WORDS = (
    "we competitors customers suppliers include Amazon Lockheed Martin 24% of sales to not . \n accounted for".split(
        " "
    )
)


@given(st.lists(st.sampled_from(WORDS), max_size=40))
def test_every_relation_quotes_its_text_around_the_name(words: list[str]) -> None:
    text = " ".join(words)

    for one in told(text):
        assert 0.0 < one.confidence <= 0.9
        assert 0.5 <= one.weight <= 1.0
        assert all(text[quote.start : quote.end] == quote.quote for quote in one.evidence)
        assert all(NAMES[one.ticker] in quote.quote and "\n" not in quote.quote for quote in one.evidence)
