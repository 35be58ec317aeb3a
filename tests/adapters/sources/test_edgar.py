import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

from stonks.adapters.sources.edgar import RATE
from stonks.adapters.sources.submission import parse_index, split_submission
from stonks.model.document import DocumentType
from stonks.model.errors import Malformed, Refused
from tests.fakes.live import NOW, Desk
from tests.fakes.web import Site, open_site, respond

HTML = {"Content-Type": "text/html"}
XML = {"Content-Type": "application/atom+xml"}
NAME = "0000320193-25-000001"
FOLDER = "/Archives/edgar/data/320193/000032019325000001"
INDEX = f"/Archives/edgar/data/320193/{NAME}-index.html"


def row(name: str, kind: str) -> str:
    return f"<tr><td>1</td><td>d</td><td><a href='{FOLDER}/{name}'>{name}</a></td><td>{kind}</td><td>9</td></tr>"


def index(*rows: str, accepted: str = "2025-04-07 16:30:45") -> str:
    return (
        f"<html><div class='infoHead'>Accepted</div><div class='info'>{accepted}</div>"
        "<div class='infoHead'>Items</div><div class='info'>Item 2.02: Results<br/>Item 9.01: Exhibits</div>"
        f"<table class='tableFile'><tr><th>Seq</th></tr>{''.join(rows)}</table></html>"
    )


def atom(*entries: tuple[str, str, str, datetime]) -> str:
    told = "".join(
        f"<entry><title>{form} - X ({cik}) (Filer)</title><updated>{at.isoformat()}</updated>"
        f"<category term='{form}'/><id>urn:tag:sec.gov,2008:accession-number={name}</id></entry>"
        for name, form, cik, at in entries
    )
    return f"<feed xmlns='http://www.w3.org/2005/Atom'>{told}</feed>"


def listed(*filings: tuple[str, str, str]) -> str:
    names, forms, days = ([one[n] for one in filings] for n in range(3))
    return json.dumps({"filings": {"recent": {"accessionNumber": names, "form": forms, "filingDate": days}}})


@pytest_asyncio.fixture
async def site() -> AsyncIterator[Site]:
    async with open_site() as site:
        site.answer("/cgi-bin/browse-edgar", atom(), headers=XML)
        for cik in ("0000320193", "0000012927"):
            site.answer(f"/submissions/CIK{cik}.json", listed(), headers={"Content-Type": "application/json"})
        yield site


def desk(site: Site) -> Desk:
    return Desk(site, edgar_url=site.base, edgar_data_url=site.base)


def filed(site: Site, *rows: str, accepted: str = "2025-04-07 16:30:45") -> None:
    site.answer("/cgi-bin/browse-edgar", atom((NAME, "8-K", "0000320193", NOW - timedelta(minutes=29))), headers=XML)
    site.answer(INDEX, index(*rows, accepted=accepted), headers=HTML)


# ------------------------------------------------------------------------------------------------ who asks


async def test_without_a_contact_the_source_stops_with_a_sentence_and_asks_nobody(site: Site) -> None:
    own = desk(site)
    own.settings = own.settings.model_copy(update={"edgar_contact": None})
    setback = await own.poller("edgar").setback()

    assert isinstance(setback, Refused)
    assert "set STONKS_EDGAR_CONTACT" in str(setback)
    assert site.asked == []


async def test_the_sec_is_told_who_asks_and_asked_at_most_ten_times_a_second(site: Site) -> None:
    own = desk(site)
    await own.poller("edgar").poll()

    assert {request.headers["User-Agent"] for request in site.asked} == {"Stonks Oracle Test test@example.com"}
    assert set(own.budget.taken) == {"edgar"}
    assert RATE.tokens + RATE.burst <= 10
    assert RATE.per == timedelta(seconds=1)


# ------------------------------------------------------------------------------------------------ documents


async def test_a_filing_is_its_document_and_its_telling_exhibits_known_from_its_acceptance_on(site: Site) -> None:
    filed(site, row("main.htm", "8-K"), row("ex991.htm", "EX-99.1"), row("ex10.htm", "EX-10.1"), row("a.xml", "XML"))
    site.answer(f"{FOLDER}/main.htm", "<p>See the exhibit</p>", headers=HTML)
    site.answer(f"{FOLDER}/ex991.htm", "<p>Record quarter</p>", headers=HTML)
    poller = desk(site).poller("edgar")
    await poller.poll()

    report, exhibit = poller.documents
    accepted = datetime(2025, 4, 7, 20, 30, 45, tzinfo=UTC)
    assert (report.external_id, report.title) == (NAME, "Apple Inc. 8-K: items 2.02, 9.01")
    assert (exhibit.external_id, exhibit.title) == (f"{NAME}/ex991.htm", "Apple Inc. 8-K EX-99.1")
    assert [one.raw for one in (report, exhibit)] == [b"<p>See the exhibit</p>", b"<p>Record quarter</p>"]
    assert {(one.known_at, one.published_at) for one in poller.documents} == {(accepted, accepted)}
    assert {one.document_type for one in poller.documents} == {DocumentType.FILING}
    assert {one.feed_tickers for one in poller.documents} == {("AAPL",)}


async def test_in_winter_the_secs_clock_is_five_hours_behind(site: Site) -> None:
    filed(site, row("main.htm", "8-K"), accepted="2025-01-07 16:30:45")
    site.answer(f"{FOLDER}/main.htm", "<p>x</p>", headers=HTML)
    poller = desk(site).poller("edgar")
    await poller.poll()

    assert poller.documents[0].known_at == datetime(2025, 1, 7, 21, 30, 45, tzinfo=UTC)


async def test_a_filing_is_never_known_before_it_was_fetched_from_the_future(site: Site) -> None:
    filed(site, row("main.htm", "8-K"), accepted="2030-01-01 00:00:00")
    site.answer(f"{FOLDER}/main.htm", "<p>x</p>", headers=HTML)
    poller = desk(site).poller("edgar")
    await poller.poll()

    assert poller.documents[0].known_at == NOW


async def test_a_document_that_is_not_there_is_taken_from_the_complete_submission(site: Site) -> None:
    filed(site, row("main.htm", "8-K"), row("ex991.htm", "EX-99.1"))
    site.answer(f"{FOLDER}/main.htm", "<p>from the page</p>", headers=HTML)
    whole = (
        "<SEC-DOCUMENT>x\n<DOCUMENT>\n<TYPE>8-K\n<SEQUENCE>1\n<FILENAME>main.htm\n<TEXT>\n<XBRL>\n<p>main</p>\n</XBRL>\n"
        "</TEXT>\n</DOCUMENT>\n<DOCUMENT>\n<TYPE>EX-99.1\n<FILENAME>ex991.htm\n<TEXT>\n<p>exhibit</p>\n</TEXT>\n</DOCUMENT>\n"
        "<DOCUMENT>\n<TYPE>GRAPHIC\n<FILENAME>a.jpg\n<TEXT>\nbegin 644\n</TEXT>\n</DOCUMENT>\n"
    )
    site.answer(f"{FOLDER}/{NAME}.txt", whole, headers={"Content-Type": "text/plain"})
    poller = desk(site).poller("edgar")
    await poller.poll()

    assert [(one.external_id, one.raw) for one in poller.documents] == [
        (NAME, b"<p>main</p>"),
        (f"{NAME}/ex991.htm", b"<p>exhibit</p>"),
    ]


async def test_a_filing_whose_pages_are_not_there_yet_is_asked_for_again(site: Site) -> None:
    filed(site, row("main.htm", "8-K"))
    site.script(
        INDEX,
        lambda _: respond("<Error><Code>AccessDenied</Code></Error>", 403, {"Content-Type": "application/xml"}),
        site.standing(INDEX),
    )
    site.answer(f"{FOLDER}/main.htm", "<p>x</p>", headers=HTML)
    poller = desk(site).poller("edgar")
    first = await poller.poll()
    assert (first.documents, first.setback) == ((), None)
    assert "there is nothing (403)" in first.troubles[0]

    await poller.later()
    assert poller.ids == [NAME]


async def test_a_filing_whose_pages_never_come_is_given_up_after_five_polls(site: Site) -> None:
    filed(site)
    site.answer(INDEX, "gone", 404)
    poller = desk(site).poller("edgar")
    for _ in range(7):
        await poller.later()

    assert site.paths().count(INDEX) == 5


async def test_a_403_that_is_no_missing_file_stops_the_source(site: Site) -> None:
    filed(site)
    site.answer(INDEX, "<h1>Request Rate Threshold Exceeded</h1>", 403, HTML)

    assert "check STONKS_EDGAR_CONTACT" in str(await desk(site).poller("edgar").setback())


# ------------------------------------------------------------------------------------------------ lists


async def test_the_feed_and_a_companys_list_tell_of_the_same_filing_once(site: Site) -> None:
    filed(site, row("main.htm", "8-K"))
    site.answer(f"{FOLDER}/main.htm", "<p>x</p>", headers=HTML)
    told = listed((NAME, "8-K", "2025-04-07"))
    site.answer("/submissions/CIK0000320193.json", told, headers={"Content-Type": "application/json"})
    poller = desk(site).poller("edgar")
    for _ in range(3):
        await poller.later(timedelta(days=1, minutes=1))

    assert poller.ids == [NAME]
    assert site.paths().count(INDEX) == 1


async def test_other_forms_and_other_companies_are_left_alone(site: Site) -> None:
    entries = [
        (f"0000320193-25-00000{n}", form, cik, NOW)
        for n, (form, cik) in enumerate(
            [("4", "0000320193"), ("8-K", "0000999999"), ("424B5", "0000320193"), ("SC 13G", "0000012927")]
        )
    ]
    site.answer("/cgi-bin/browse-edgar", atom(*entries), headers=XML)
    poller = desk(site).poller("edgar")
    fetched = await poller.poll()

    assert (fetched.documents, fetched.troubles) == ((), ())


async def test_the_live_feed_is_read_back_to_where_it_was_read_before(site: Site) -> None:
    def page(number: int, newest: datetime) -> str:
        return atom(
            *(
                (f"0000000009-25-{number * 100 + n:06d}", "4", "0000999999", newest - timedelta(minutes=n))
                for n in range(100)
            )
        )

    poller = desk(site).poller("edgar")
    site.answer("/cgi-bin/browse-edgar", page(9, NOW), headers=XML)
    await poller.poll()
    before = len(site.asked)
    pages = [page(n, NOW + timedelta(minutes=250 - 100 * n)) for n in range(4)]
    site.script("/cgi-bin/browse-edgar", *(lambda _, body=body: respond(body, 200, XML) for body in pages))
    await poller.later(timedelta(hours=5))

    assert [request.query["start"] for request in site.asked[before:]] == ["0", "100", "200"]


async def test_a_company_without_a_list_holds_up_no_other(site: Site) -> None:
    site.answer("/submissions/CIK0000012927.json", "none", 404)
    told = listed((NAME, "8-K", "2025-04-07"))
    site.answer("/submissions/CIK0000320193.json", told, headers={"Content-Type": "application/json"})
    site.answer(INDEX, index(row("main.htm", "8-K")), headers=HTML)
    site.answer(f"{FOLDER}/main.htm", "<p>x</p>", headers=HTML)
    poller = desk(site).poller("edgar")
    fetched = await poller.poll()

    assert poller.ids == [NAME]
    assert "CIK0000012927" in fetched.troubles[0]


async def test_columns_of_different_lengths_are_malformed(site: Site) -> None:
    broken = '{"filings": {"recent": {"accessionNumber": ["a"], "form": [], "filingDate": []}}}'
    site.answer("/submissions/CIK0000012927.json", broken, headers={"Content-Type": "application/json"})

    setback = await desk(site).poller("edgar").setback()
    assert isinstance(setback, Malformed)


# ------------------------------------------------------------------------------------------------ pages


@pytest.mark.parametrize("href", ["https://evil.example/x.htm", "/etc/passwd", "../../x.htm", f"{FOLDER}/a/b.htm", ""])
def test_an_index_leads_nowhere_but_into_its_archive(href: str) -> None:
    page = index(f"<tr><td>1</td><td>d</td><td><a href='{href}'>x</a></td><td>8-K</td><td>9</td></tr>")

    assert parse_index(page.encode(), "index").parts == ()


def test_a_comment_in_an_index_says_nothing() -> None:
    page = index(row("a.htm", "8-K")).replace("Items</div>", "Items</div><!-- 2 items -->")

    assert parse_index(page.encode(), "index").items == ("2.02", "9.01")


@pytest.mark.parametrize("page", [b"<html>Sign in</html>", b"<html><table class='x'></table></html>"])
def test_a_page_that_is_no_index_is_malformed(page: bytes) -> None:
    with pytest.raises(Malformed, match="no index"):
        parse_index(page, "index")


def test_a_file_that_is_no_submission_is_malformed() -> None:
    with pytest.raises(Malformed, match="no submission"):
        split_submission(b"<html>x</html>", "x.txt")
