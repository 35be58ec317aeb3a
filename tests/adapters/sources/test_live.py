from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest_asyncio

from stonks.adapters.sources.live import MOST_BYTES, MOST_DOCUMENTS, LiveSources
from stonks.adapters.sources.stored import StoredUniverse
from stonks.adapters.sources.web.client import OutOfTime, Web
from stonks.model.document import Action, DocumentType, FetchedDocument, Source
from stonks.model.errors import Unreachable
from stonks.ports.sources import Fetched, Listing
from stonks.ports.store import Store
from tests.fakes.rows import Database, open_database
from tests.fakes.web import NOW, some_outlets

HOUR = timedelta(hours=1)
SOURCE = Source(name="steps", adapter="steps", cadence=HOUR, freshness_slo=HOUR)


def document(name: str, known_at: datetime = NOW) -> FetchedDocument:
    return FetchedDocument(
        external_id=name,
        revision=1,
        action=Action.CREATED,
        document_type=DocumentType.NEWS,
        publisher="P",
        published_at=None,
        known_at=known_at,
        content_type="text/plain",
        raw=b"x",
    )


class Steps:
    """Yields these steps, or raises the error among them."""

    kind = "steps"

    def __init__(self, *steps: Fetched | Exception) -> None:
        self._steps = steps

    def sources(self) -> Sequence[Source]:
        return [SOURCE]

    async def read(self, source: Source, web: Web) -> AsyncGenerator[Fetched, None]:
        assert source.name == "steps"
        assert web.now == NOW
        for step in self._steps:
            if isinstance(step, Exception):
                raise step
            yield step


async def fetched(*steps: Fetched | Exception, cursor: str | None = None) -> Fetched:
    sources = LiveSources([Steps(*steps)], some_outlets())
    return await sources.fetch(msgspec.structs.replace(SOURCE, cursor=cursor), NOW)


async def test_the_steps_of_a_poll_are_one_answer_oldest_first_with_the_last_cursor() -> None:
    one = await fetched(
        Fetched(documents=(document("b", NOW),), cursor="1", troubles=("x",)),
        Fetched(documents=(document("a", NOW - HOUR),), cursor="2", next_at=NOW + HOUR),
    )

    assert [each.external_id for each in one.documents] == ["a", "b"]
    assert (one.cursor, one.next_at, one.troubles, one.setback) == ("2", NOW + HOUR, ("x",), None)


async def test_an_error_ends_the_poll_behind_its_last_whole_step() -> None:
    one = await fetched(Fetched(documents=(document("a"),), cursor="1"), Unreachable("gone"), cursor="0")
    none = await fetched(Unreachable("gone"), cursor="0")

    assert ([each.external_id for each in one.documents], one.cursor, str(one.setback)) == (["a"], "1", "gone")
    assert (none.documents, none.cursor) == ((), "0")


async def test_a_spent_budget_is_no_failure_and_says_when_to_go_on() -> None:
    one = await fetched(Fetched(cursor="1"), OutOfTime("spent", HOUR))

    assert (one.setback, one.next_at, one.cursor) == (None, NOW + HOUR, "1")


async def test_a_poll_brings_only_so_much_and_the_next_is_due_at_once() -> None:
    half = tuple(document(str(n)) for n in range(MOST_DOCUMENTS // 2))
    one = await fetched(*(Fetched(documents=half, cursor=str(n)) for n in range(5)))

    assert (len(one.documents), one.cursor, one.next_at) == (MOST_DOCUMENTS, "1", NOW)
    long = msgspec.structs.replace(document("a"), raw=b"x" * (MOST_BYTES // 2))
    one = await fetched(*(Fetched(documents=(long,), cursor=str(n)) for n in range(5)))
    assert (len(one.documents), one.cursor, one.next_at) == (2, "1", NOW)


async def test_a_name_that_no_database_takes_is_made_one() -> None:
    one = await fetched(Fetched(documents=(document("a\x00b"),)))

    assert [each.external_id for each in one.documents] == ["ab"]


# ------------------------------------------------------------------------------------------------ the stored universe


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with open_database(database_url) as database:
        yield database


async def test_sources_are_asked_about_the_companies_of_the_store(store: Store, database: Database) -> None:
    await database.insert("companies", {"ticker": "MSFT", "name": "Microsoft"})
    await database.insert(
        "companies", {"ticker": "BA", "name": "Boeing", "cik": "12927", "pages": ["https://b.example/"]}
    )

    assert await StoredUniverse(store).listings() == [
        Listing(ticker="BA", name="Boeing", cik="12927", pages=("https://b.example/",)),
        Listing(ticker="MSFT", name="Microsoft"),
    ]


async def test_sessions_are_those_of_the_store(store: Store, database: Database) -> None:
    opens = datetime(2025, 4, 7, 13, 30, tzinfo=UTC)
    await database.insert("market_sessions", {"day": opens.date(), "opens_at": opens, "closes_at": opens + 6 * HOUR})

    (session,) = await StoredUniverse(store).sessions(date(2025, 4, 1), date(2025, 4, 30))
    assert (session.opens_at, session.closes_at) == (opens, opens + 6 * HOUR)
