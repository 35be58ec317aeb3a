import sys
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar, TypeVarTuple
from uuid import UUID

import msgspec
import pytest
import pytest_asyncio

from stonks.adapters.objects import open_objects
from stonks.model.document import Parsed
from stonks.model.errors import Crashed
from stonks.model.identity import content_hash, object_key
from stonks.model.job import ExtractionJob, ParsingJob
from stonks.ports.pool import Pool
from stonks.ports.store import Store
from stonks.stages.parser.core.reader import read_twice
from stonks.stages.parser.worker import Parser
from tests.fakes.pool import InlinePool
from tests.fakes.ports import some_ports
from tests.fakes.rows import Database, open_database
from tests.fakes.work import FakeWork

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

NOW = datetime(2025, 4, 28, 15, tzinfo=UTC)
SALES = "Boeing delivered more jets to airlines than in the quarter before."
ORDERS = "The company has won an order for two hundred jets from one airline."
STRIKE = "A strike has stopped the assembly of jets in Seattle."
RISK = "Suppliers of engines may deliver them late or not at all."
FILLER = "<p>These notes speak of leases, of pensions and of all that is taxed in any state.</p>"


def report(discussion: str, risks: str = RISK, form: str = "10-Q") -> str:
    """A quarterly report of 30,000 characters of which only some are news."""
    notes = FILLER.replace(".", " {}.")
    statements = "".join(notes.format(number) for number in range(350))
    return (
        f"<html><body><p>FORM {form}</p><p>THE BOEING COMPANY</p><p>PART I</p><p>Item 1. Financial Statements</p>"
        f"{statements}<p>Item 2. Management's Discussion and Analysis</p><p>{discussion}</p>"
        f"<p>PART II</p><p>Item 1A. Risk Factors</p><p>{risks}</p><p>SIGNATURES</p></body></html>"
    )


class Desk:
    """Stores filings as ingestion would, and has them parsed."""

    def __init__(self, store: Store, folder: Path, database: Database) -> None:
        self.store, self.objects, self.database = store, open_objects(f"file://{folder}"), database
        self.parser = self.worker(InlinePool())

    def worker(self, pool: Pool) -> Parser:
        return Parser(some_ports(store=self.store, objects=self.objects, pool=pool))

    async def filed(self, number: int, markup: str, title: str = "Boeing 10-Q", **columns: object) -> None:
        """Store a filing of the given day."""
        raw = markup.encode()
        await self.objects.put(object_key("raw", content_hash(raw)), raw)
        given: dict[str, Any] = {
            "document_type": "filing",
            "publisher": "SEC EDGAR",
            "content_type": "text/html",
            "raw_sha256": content_hash(raw),
            "status": "stored",
            "title": title,
            "feed_tickers": ["BA"],
        }
        given |= columns
        await self.database.document(UUID(int=number), NOW + timedelta(days=number), **given)

    async def parse(self, *numbers: int, parser: Parser | None = None) -> None:
        for number in numbers:
            work = FakeWork(self.store, ParsingJob(document_id=UUID(int=number)), NOW + timedelta(days=30))
            await (parser or self.parser)(work)
            assert work.followed == [ExtractionJob(document_id=UUID(int=number))]

    async def parsed(self, number: int) -> Parsed:
        return msgspec.json.decode(await self.objects.get(f"parsed/{UUID(int=number)}.json"), type=Parsed)

    async def fresh(self, number: int) -> list[str]:
        """Return what goes on of a filing."""
        (row,) = await self.database.rows("SELECT fresh FROM filings WHERE document_id = $1", UUID(int=number))
        text = (await self.parsed(number)).text
        return [text[span["start"] : span["end"]] for span in row["fresh"]]

    async def flags(self, number: int) -> set[str]:
        return set(await self.database.value("SELECT flags FROM documents WHERE id = $1", UUID(int=number)))


@pytest_asyncio.fixture
async def desk(store: Store, tmp_path: Path, database_url: str) -> AsyncIterator[Desk]:
    async with open_database(database_url) as database:
        await database.insert("companies", {"ticker": "BA", "name": "Boeing", "cik": "0000012927"})
        yield Desk(store, tmp_path, database)


@pytest.fixture
def edgartools(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Our stand-in for edgartools is installed."""
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "fakes" / "edgartools"))
    yield
    for name in [name for name in sys.modules if name.partition(".")[0] == "edgar"]:
        del sys.modules[name]


# ------------------------------------------------------------------------------------------------ items


async def test_a_filings_items_are_stored_with_their_places_in_its_whole_text(desk: Desk) -> None:
    await desk.filed(1, report(SALES))
    await desk.parse(1)

    parsed = await desk.parsed(1)
    assert parsed.form == "10-Q"
    assert [(one.item, one.title) for one in parsed.items] == [
        ("I-1", "Financial Statements"),
        ("I-2", "Management's Discussion and Analysis"),
        ("II-1A", "Risk Factors"),
    ]
    _, discussion, _ = parsed.items
    assert SALES in parsed.text[discussion.start : discussion.end]
    assert parsed.text.count("These notes") == 350


async def test_only_the_items_that_carry_news_go_on_from_the_first_filing(desk: Desk) -> None:
    await desk.filed(1, report(SALES))
    await desk.parse(1)

    assert await desk.fresh(1) == [SALES, RISK]


async def test_a_current_reports_codes_are_among_its_flags(desk: Desk) -> None:
    markup = f"<html><p>FORM 8-K</p><p>BOEING</p><p>Item 2.02 Results of Operations</p><p>{SALES} {ORDERS}</p></html>"
    await desk.filed(1, markup, "Boeing 8-K: items 2.02, 9.01")
    await desk.parse(1)

    assert {"form_8-K", "item_2.02", "item_9.01"} <= await desk.flags(1)


# ------------------------------------------------------------------------------------------------ what is new


async def test_of_the_next_filing_only_what_is_new_goes_on(desk: Desk) -> None:
    await desk.filed(1, report(SALES))
    await desk.filed(2, report(f"{SALES} {ORDERS}"))
    await desk.parse(1, 2)

    assert await desk.fresh(2) == [ORDERS]
    assert SALES in (await desk.parsed(2)).text


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 2, 1), (2, 3, 1), (3, 1, 2)])
async def test_filings_are_compared_in_the_order_in_which_they_were_known(desk: Desk, order: tuple[int, ...]) -> None:
    await desk.filed(1, report(SALES))
    await desk.filed(2, report(f"{SALES} {ORDERS}"))
    await desk.filed(3, report(f"{ORDERS} {STRIKE}"))
    await desk.parse(*order)

    assert [await desk.fresh(number) for number in (1, 2, 3)] == [[SALES, RISK], [ORDERS], [STRIKE]]


async def test_a_filing_is_compared_with_those_of_its_own_company_and_form_only(desk: Desk) -> None:
    await desk.database.insert("companies", {"ticker": "AIR", "name": "Airbus"})
    await desk.filed(1, report(f"{SALES} Airbus has none."), feed_tickers=["AIR"])
    await desk.filed(2, report(SALES, form="10-K").replace("Item 2. ", "Item 7. "), title="Boeing 10-K")
    await desk.filed(3, report(SALES))
    await desk.parse(1, 2, 3)

    assert await desk.fresh(3) == [SALES, RISK]


async def test_a_company_is_the_same_under_all_of_its_tickers(desk: Desk) -> None:
    await desk.database.insert("companies", {"ticker": "BA-PRA", "name": "Boeing Preferred", "cik": "12927"})
    await desk.filed(1, report(SALES))
    await desk.filed(2, report(f"{SALES} {ORDERS}"), feed_tickers=["BA-PRA"])
    await desk.parse(1, 2)

    assert await desk.fresh(2) == [ORDERS]


async def test_an_amendment_is_compared_with_what_it_amends(desk: Desk) -> None:
    await desk.filed(1, report(SALES))
    await desk.filed(2, report(f"{SALES} {STRIKE}"), title="Boeing 10-Q/A")
    await desk.filed(3, report(f"{SALES} {STRIKE} {ORDERS}"))
    await desk.parse(1, 2, 3)

    assert [await desk.fresh(2), await desk.fresh(3)] == [[STRIKE], [ORDERS]]


async def test_what_a_withdrawn_filing_said_is_new_again(desk: Desk) -> None:
    await desk.filed(1, report(SALES))
    await desk.parse(1)
    await desk.database.rows("UPDATE documents SET status = 'withdrawn'")
    await desk.filed(2, report(SALES))
    await desk.parse(2)

    assert await desk.fresh(2) == [SALES, RISK]


# ------------------------------------------------------------------------------------------------ the second opinion

BARE = f"<p>FORM 10-Q</p><p>BOEING</p>*** part_i_item_2 <p>{SALES} {ORDERS}</p>*** part_ii_item_1a <p>{RISK}</p>"
ODD = f"<html><body>{BARE}{FILLER * 300}</body></html>"
"""A report that heads none of its items."""


async def test_without_edgartools_a_report_without_items_goes_on_whole_and_is_flagged(desk: Desk) -> None:
    await desk.filed(1, ODD)
    await desk.parse(1)

    assert {"no_items", "no_second_opinion"} <= await desk.flags(1)
    assert (await desk.parsed(1)).items == ()
    assert await desk.database.value("SELECT fresh FROM filings") is None


@pytest.mark.usefixtures("edgartools")
async def test_edgartools_is_asked_for_the_items_that_we_do_not_find(desk: Desk) -> None:
    await desk.filed(1, ODD)
    await desk.parse(1)

    parsed = await desk.parsed(1)
    assert "second_opinion" in parsed.flags
    assert "no_items" not in parsed.flags
    assert [one.item for one in parsed.items] == ["I-2", "II-1A"]
    assert (await desk.fresh(1))[0].startswith(SALES)


@pytest.mark.usefixtures("edgartools")
async def test_edgartools_failure_leaves_what_we_have_read_ourselves(desk: Desk) -> None:
    await desk.filed(1, ODD.replace("BOEING", "BOEING breaks edgartools"))
    await desk.parse(1)

    assert {"no_items"} <= await desk.flags(1)


class Fragile(InlinePool):
    """A pool in which edgartools kills its child."""

    async def run(self, function: Callable[[*Ts], T], /, *arguments: *Ts) -> T:
        called: object = function
        if called is read_twice:
            raise Crashed("killed by SIGSEGV")
        return await super().run(function, *arguments)


@pytest.mark.usefixtures("edgartools")
async def test_edgartools_death_leaves_what_we_have_read_ourselves(desk: Desk) -> None:
    await desk.filed(1, ODD)
    await desk.parse(1, parser=desk.worker(Fragile()))

    assert {"no_items", "second_opinion_failed"} <= await desk.flags(1)


@pytest.mark.usefixtures("edgartools")
async def test_items_incorporated_by_reference_need_no_second_opinion(desk: Desk) -> None:
    told = "Refer to pages 6 through 42 of the Annual Report, which are incorporated herein by reference."
    await desk.filed(1, report(told).replace("Item 1. Financial Statements", "Notes"))
    await desk.parse(1)

    flags = await desk.flags(1)
    assert "by_reference" in flags
    assert not {"no_items", "second_opinion"} & flags
    assert {one.item: one.by_reference for one in (await desk.parsed(1)).items} == {"I-2": True, "II-1A": False}


# ------------------------------------------------------------------------------------------------ neighbours

RIVALS = "<p>Our competitors include Airbus, and in space Lockheed Martin is one of them.</p>"
ONE_RIVAL = "<p>Our competitors include Airbus, who builds aeroplanes as we do.</p>"


def annual(business: str) -> str:
    filler = "<p>These notes are part of the statements and say what stands behind every figure of them.</p>" * 350
    return (
        f"<html><body><p>FORM 10-K</p><p>Item 1. Business</p>{business}"
        "<p>Item 1A. Risk Factors</p><p>Fuel may cost more.</p>"
        "<p>Item 7. Management's Discussion and Analysis</p><p>Sales rose.</p>"
        f"<p>Item 8. Financial Statements and Supplementary Data</p>{filler}</body></html>"
    )


async def test_what_an_annual_report_says_of_others_stands_until_the_next_says_otherwise(desk: Desk) -> None:
    for ticker, name in (("AIR", "Airbus"), ("LMT", "Lockheed Martin")):
        await desk.database.insert("companies", {"ticker": ticker, "name": name})
    await desk.filed(1, annual(RIVALS), title="10-K")
    await desk.filed(2, annual(ONE_RIVAL), title="10-K")

    for number in (1, 2):
        work = FakeWork(desk.store, ParsingJob(document_id=UUID(int=number)), NOW + timedelta(days=number))
        await desk.worker(InlinePool())(work)

    edges = await desk.database.rows("SELECT * FROM company_edges ORDER BY src, dst")
    first, second = NOW + timedelta(days=1), NOW + timedelta(days=2)
    assert [(edge["src"], edge["dst"], edge["valid_from"], edge["valid_to"]) for edge in edges] == [
        ("AIR", "BA", first, None),
        ("BA", "AIR", first, None),
        ("BA", "LMT", first, second),
        ("LMT", "BA", first, second),
    ]
    assert {(edge["relation"], edge["source"], edge["known_at"]) for edge in edges} == {
        ("competitor", "10-K of BA", first)
    }
    text = (await desk.parsed(1)).text
    for quote in (quote for edge in edges for quote in edge["evidence"]):
        assert text[quote["start"] : quote["end"]] == quote["quote"]
