import pytest

from stonks.model.company import Company
from stonks.model.errors import Refused
from stonks.stages.scheduler.listing import checked, read_edges, read_listing, sp500
from tests.fakes.signals import NOW


def test_a_file_needs_tickers_and_names_and_may_know_more() -> None:
    text = "name,ticker,cik,gics_sector,aliases,pages\nBoeing,ba,12927,Industrials,BCA| BCA |BDS,https://example.com\nX,Y\n"

    assert read_listing(text, "mine.csv") == (
        Company(
            ticker="BA",
            name="Boeing",
            cik="0000012927",
            sector="Industrials",
            aliases=("BCA", "BDS"),
            pages=("https://example.com",),
        ),
        Company(ticker="Y", name="X"),
    )


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ("symbol,name\nBA,Boeing", "mine.csv has no column ticker"),
        ("ticker,name,price\nBA,Boeing,1", "mine.csv has a column price"),
        ("ticker,name\nBA,Boeing\nBoeing Co,x", "mine.csv, line 3: 'Boeing Co' is no ticker"),
        ("ticker,name\nBA,", "mine.csv, line 2: BA has no name"),
        ("ticker,name\nBA,Boeing\nBA,Boeing", "mine.csv, line 3: BA stands there twice"),
        ("ticker,name,cik\nBA,Boeing,X1", "mine.csv, line 2: BA: 'X1' is no CIK"),
        ("ticker,name,gics_sector\nBA,Boeing,Planes", "mine.csv, line 2: BA: 'Planes' is no GICS sector"),
        ("ticker,name,pages\nBA,Boeing,boeing.com", "mine.csv, line 2: BA: 'boeing.com' is no address of a page"),
        ("ticker,name,exposures\nBA,Boeing,US=1", "mine.csv, line 2: 'US=1' is no exposure"),
        ("ticker,name,exposures\nBA,Boeing,geo:US=2", "mine.csv, line 2: BA: an exposure such as geo:US lies between"),
    ],
)
def test_a_file_that_is_wrong_is_refused_with_its_line(lines: str, sentence: str) -> None:
    with pytest.raises(Refused) as refused:
        read_listing(lines, "mine.csv")

    assert sentence in str(refused.value)


def test_a_file_may_say_what_a_company_lies_open_to() -> None:
    (company,) = read_listing("ticker,name,exposures\nBA,Boeing,geo:US=0.6|fx:USD=-0.3|size:log_value=25.5", "mine.csv")

    assert company.exposures == {"geo:US": 0.6, "fx:USD": -0.3, "size:log_value": 25.5}


def test_the_sp500_has_its_facts_and_names_that_texts_use() -> None:
    companies = {company.ticker: company for company in sp500()}

    assert len(companies) == 503
    assert all(checked(company) == company for company in companies.values())
    assert all(company.cik and company.sector != "Unknown" for company in companies.values())
    assert sum(bool(company.aliases) for company in companies.values()) >= 200
    assert "Google" in companies["GOOGL"].aliases
    assert companies["GOOG"].aliases == ()


def test_a_file_of_relations_is_read_as_both_companies_see_it() -> None:
    lines = "src,dst,relation,weight,valid_from\nAMZN,UPS,customer,0.3,2024-01-01T00:00:00Z\nBA,AIR,competitor,,"

    edges = read_edges(lines, "mine.csv", NOW)

    assert [(edge.src, edge.dst, edge.relation, edge.weight) for edge in edges] == [
        ("AMZN", "UPS", "customer", 0.3),
        ("UPS", "AMZN", "supplier", 0.3),
        ("BA", "AIR", "competitor", 0.5),
        ("AIR", "BA", "competitor", 0.5),
    ]
    assert [edge.valid_from.year for edge in edges] == [2024, 2024, NOW.year, NOW.year]
    assert {(edge.known_at, edge.source, edge.confidence) for edge in edges} == {(NOW, "user", 0.8)}


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ("src,dst\nA,B", "mine.csv: column relation is missing"),
        ("src,dst,relation,why\nA,B,customer,x", "mine.csv: column why is missing or unknown"),
        ("src,dst,relation\nA,B,friend", "mine.csv, line 2: 'friend' is not a valid Related"),
        ("src,dst,relation,weight\nA,B,customer,2", "mine.csv, line 2: Expected `float` <= 1.0"),
        ("src,dst,relation\nA,A,customer", "mine.csv, line 2: two companies"),
        (
            "src,dst,relation,valid_from\nA,B,customer,2024-01-01T00:00:00",
            "mine.csv, line 2: two companies and instants",
        ),
    ],
)
def test_a_file_of_relations_that_is_wrong_is_refused_with_its_line(lines: str, sentence: str) -> None:
    with pytest.raises(Refused) as refused:
        read_edges(lines, "mine.csv", NOW)

    assert sentence in str(refused.value)
