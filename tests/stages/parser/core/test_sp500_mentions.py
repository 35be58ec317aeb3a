"""What the names of the S&P 500 are taken for, many of which are words, surnames or places."""

import pytest

from stonks.stages.parser.core.mentions import Gazetteer
from stonks.stages.scheduler.listing import sp500

GAZETTEER = Gazetteer(sp500())


def named(text: str) -> dict[str, list[str]]:
    return {
        found.ticker: [text[span.start : span.end] for span in found.spans] for found in GAZETTEER.find(text, len(text))
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Google and Facebook face Coke and BofA", {"GOOGL", "META", "KO", "BAC"}),
        ("Lilly shares rise as Eli Lilly and Company reports", {"LLY"}),
        ("Target beats estimates, Block misses", {"TGT", "XYZ"}),
        ("Best Buy cuts its outlook", {"BBY"}),
        ("Shares of Hartford fell after the quarter", {"HIG"}),
        ("Ford recalls trucks, and GM's sales rise", {"F", "GM"}),
        ("Est\u00e9e Lauder and Estee Lauder are one", {"EL"}),
        ("O\u2019Reilly Automotive and O'Reilly Automotive", {"ORLY"}),
        ("T-Mobile, AT&T and Verizon", {"TMUS", "T", "VZ"}),
        ("Berkshire Hathaway (NYSE: BRK.B), also BRK-B", {"BRK.B"}),
        ("Dow Inc. makes plastics", {"DOW"}),
        ("Nasdaq Inc. runs an exchange", {"NDAQ"}),
        ("A maker of chips (NasdaqGS: AMD) and another (NYSE American: XOM)", {"AMD", "XOM"}),
        ("Reuters <ORCL.N>, $MSFT and Citigroup (C)", {"ORCL", "MSFT", "C"}),
    ],
)
def test_companies_are_known_by_brands_and_short_names(text: str, expected: set[str]) -> None:
    assert named(text).keys() == expected


@pytest.mark.parametrize(
    "text",
    [
        "The Dow rose 300 points and the Nasdaq fell",
        "Dow Jones futures edge up (NASDAQ: XXXX)",
        "The MSCI World Index returned 3%",
        "A trip to Hartford, Dover and Devon",
        "Lilly Collins and Harrison Ford Foundation",
        "Bill Williams met Tony Abbott in the Southern Alps",
        "Crash in Southwest Miami near Waters Edge",
        "Stocks to Target This Week as an Analyst Lifts Price Target",
        "Owens Corning makes insulation",
        "The gap, the target, the oracle, the visa and the key",
        "It costs $3M, or 3M in all",
        "Section (A) and (C) of the Act, Class (C), Schedule (F)",
        "IT IS ALL NOW ON THE TABLE",
        "Plug a USB key into the API, and see the URI FAST",
        "News of American, United and General matters",
        "Mr. A. said so, and V. too",
    ],
)
def test_words_places_people_and_indices_are_no_companies(text: str) -> None:
    assert named(text) == {}


def test_a_surname_is_the_company_once_a_text_is_about_it() -> None:
    assert named("Jacobs Solutions won. A contract for Jacobs in London.")["J"] == ["Jacobs Solutions", "Jacobs"]


def test_tickers_that_are_everyday_words_do_not_count_even_where_their_company_is_named() -> None:
    assert named("Gartner sees growth in IT. ServiceNow is here NOW.") == {"IT": ["Gartner"], "NOW": ["ServiceNow"]}


def test_the_longest_name_that_stands_alone_is_taken() -> None:
    assert named("Applied Materials Incorporated and JPMorgan Chases' plans") == {
        "AMAT": ["Applied Materials"],
        "JPM": ["JPMorgan"],
    }
