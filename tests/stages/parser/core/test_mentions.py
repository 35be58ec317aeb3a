from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from stonks.model.company import Company
from stonks.model.document import Mention, Role
from stonks.stages.parser.core.aliases import spellings, variants
from stonks.stages.parser.core.folding import fold
from stonks.stages.parser.core.mentions import Gazetteer

COMPANIES = [
    Company(ticker="AAPL", name="Apple Inc.", aliases=("iPhone",)),
    Company(ticker="AMZN", name="Amazon"),
    Company(ticker="BA", name="Boeing", aliases=("The Boeing Company", "737 MAX")),
    Company(ticker="CAT", name="Caterpillar Inc."),
    Company(ticker="IBM", name="IBM", aliases=("International Business Machines",)),
    Company(ticker="JPM", name="JPMorgan Chase & Co.", aliases=("J.P. Morgan", "JPMorgan")),
    Company(ticker="MCD", name="McDonald's"),
    Company(ticker="PG", name="Procter & Gamble", aliases=("P&G",)),
    Company(ticker="SHW", name="Sherwin-Williams"),
    Company(ticker="TRV", name="Travelers Companies"),
    Company(ticker="V", name="Visa Inc."),
]
GAZETTEER = Gazetteer(COMPANIES)


def find(text: str) -> tuple[Mention, ...]:
    return GAZETTEER.find(text, text.find("\n\n") + 2 if "\n\n" in text else len(text))


def named(text: str) -> dict[str, list[str]]:
    return {found.ticker: [text[span.start : span.end] for span in found.spans] for found in find(text)}


# ------------------------------------------------------------------------------------------------ names


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Boeing wins an order", {"BA": ["Boeing"]}),
        ("An order for the Boeing Company", {"BA": ["Boeing Company"]}),
        ("THE BOEING COMPANY ANNOUNCES", {"BA": ["BOEING COMPANY"]}),
        ("boeing in lower case", {}),
        ("Boeings and eBoeing", {}),
        ("see www.example.com/Boeing and @Boeing", {}),
        ("McDonald’s and McDonald's", {"MCD": ["McDonald’s", "McDonald's"]}),
        ("JP Morgan, J.P. Morgan and JPMorgan Chase", {"JPM": ["JP Morgan", "J.P. Morgan", "JPMorgan Chase"]}),
        ("Procter and Gamble, also P&G", {"PG": ["Procter and Gamble", "P&G"]}),
        ("Sherwin Williams paints", {"SHW": ["Sherwin Williams"]}),
        ("Ibm is not written so, IBM is", {"IBM": ["IBM"]}),
        ("The iPhone sells", {"AAPL": ["iPhone"]}),
        ("Stuck Between Amazon And A Hard Place", {"AMZN": ["Amazon"]}),
        ("B\u043eeing with a Cyrillic o", {"BA": ["B\u043eeing"]}),
        ("\u0412\u043eeing with Cyrillic Bo", {"BA": ["\u0412\u043eeing"]}),
        ("\uff22\uff2f\uff25\uff29\uff2e\uff27 is wide", {"BA": ["\uff22\uff2f\uff25\uff29\uff2e\uff27"]}),
        ("İstanbul: Boeing lands", {"BA": ["Boeing"]}),
        ("McDONALD'S RAISES ITS DIVIDEND", {"MCD": ["McDONALD'S"]}),
        ("Visa Incorporated", {"V": ["Visa"]}),
    ],
)
def test_a_company_is_found_by_its_names_and_no_others(text: str, expected: dict[str, list[str]]) -> None:
    assert named(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Apple unveils a phone",
        "Apple's margins",
        "Apple: time to sell",
        "Apple, Nvidia and others fall",
        "Shares of Apple and Nike fell",
        "a deal that Apple had wanted",
        "Analysts raise Apple targets",
        "The maker of the iPhone: Apple",
        "Tech Giants Nvidia, Apple Lose Ground",
    ],
)
def test_an_ordinary_word_is_a_company_where_the_text_speaks_of_one(text: str) -> None:
    assert "AAPL" in named(text)


@pytest.mark.parametrize(
    ("text", "ticker"),
    [
        ("Apple pie recipes to try", "AAPL"),
        ("An Apple A Day", "AAPL"),
        ("the apple of investors' eyes", "AAPL"),
        ("Visa applicants wait for months", "V"),
        ("Visa rules change for students", "V"),
        ("Travelers face long lines as shares of airlines fall", "TRV"),
        ("Travelers to Italy need patience", "TRV"),
        ("The visa is free", "V"),
        ("Fires in the Amazon spread", "AMZN"),
        ("Amazon rainforest shrinks", "AMZN"),
    ],
)
def test_an_ordinary_word_is_no_company_elsewhere(text: str, ticker: str) -> None:
    assert ticker not in named(text)


def test_a_word_has_one_sense_in_a_document() -> None:
    text = "A Visa Story\n\nThe network named Visa (NYSE: V) grew. Visa Everywhere."

    assert named(text)["V"] == ["Visa", "Visa", "V", "Visa"]


# ------------------------------------------------------------------------------------------------ tickers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Up: (NYSE:BA)", {"BA": ["BA"]}),
        ("Up: NASDAQ: AAPL today", {"AAPL": ["AAPL"]}),
        ("Buy $CAT now", {"CAT": ["CAT"]}),
        ("Reuters <TRV.N> said", {"TRV": ["TRV"]}),
        ("A Company (V) rises", {"V": ["V"]}),
        ("Why TRV rose", {"TRV": ["TRV"]}),
        ("THE TRV AND OTHERS", {}),
        ("My CAT sleeps", {}),
        ("Plan V and BA degrees", {}),
        ("Costs $V.5", {}),
        ("Not tracked: (NYSE:XOM)", {}),
        ("AT&T and V-shaped", {}),
    ],
)
def test_a_ticker_names_its_company_where_it_is_meant_as_one(text: str, expected: dict[str, list[str]]) -> None:
    assert named(text) == expected


def test_a_short_ticker_counts_once_the_company_is_named() -> None:
    assert named("Visa Inc. grows\n\nV's network is large.")["V"] == ["Visa Inc.", "V"]


# ------------------------------------------------------------------------------------------------ roles

FILLER = "Nothing else of note was said by anyone on the day in question, as far as is known to us. " * 12


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("Boeing wins\n\nAn order came.", Role.PRIMARY),
        ("An order\n\nIt went to Boeing on Monday. More follows.", Role.PRIMARY),
        (f"Planes\n\nOrders rose. IBM helped. IBM gained. IBM sold. {FILLER}", Role.SECONDARY),
        (f"Planes\n\n{FILLER}Boeing was named. IBM and IBM again, IBM.", Role.PASSING),
        ("Dow up\n\nBoeing, IBM, McDonald's and Sherwin-Williams rose.", Role.PASSING),
        ("Airbus wins\n\nOrders rose. Airbus beat peers such as Boeing. IBM and IBM and IBM", Role.PASSING),
    ],
)
def test_a_role_says_how_much_a_text_is_about_a_company(text: str, role: Role) -> None:
    if role is Role.SECONDARY:
        text = text.replace("IBM helped.", "IBM helped. Boeing gained.")
    assert {found.ticker: found.role for found in find(text)}["BA"] is role


# ------------------------------------------------------------------------------------------------ laws

WORDS = st.sampled_from(
    [
        "Boeing",
        "Visa",
        "(NYSE:V)",
        "Apple",
        "İ",
        "’s",
        "P&G",
        "the",
        "rose",
        ".",
        "\n\n",
        "\u0412\u043e",
        "iPhone",
        "$BA",
        "J.P. Morgan",
    ]
)


@given(st.lists(WORDS, max_size=30).map(" ".join))
def test_every_span_lies_in_the_text_in_order_and_apart_and_names_its_company(text: str) -> None:
    names = {
        company.ticker: {fold(spelling) for name in variants(company) for spelling in spellings(name)}
        | {company.ticker.encode()}
        for company in COMPANIES
    }
    spans = []
    for found in find(text):
        assert found.spans
        for span in found.spans:
            assert fold(text[span.start : span.end]) in names[found.ticker], text
            spans.append((span.start, span.end))

    ordered = sorted(spans)
    assert all(first[1] <= second[0] for first, second in pairwise(ordered))


def test_of_a_text_that_does_little_but_name_companies_the_beginning_is_searched_and_that_is_said() -> None:
    found = GAZETTEER.search("Boeing flies. " * 21_000, 0)

    assert (len(found.mentions[0].spans), found.whole) == (20_000, False)
    assert GAZETTEER.search("Boeing flies. " * 19_000, 0).whole
