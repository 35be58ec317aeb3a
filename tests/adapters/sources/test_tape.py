import asyncio
import gzip
import json
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, strategies as st

from stonks.adapters.sources import open_sources, tape_directory
from stonks.adapters.sources.tape import TapeSources, open_tape, read_tape
from stonks.model.document import DocumentType, FetchedDocument, Source
from stonks.model.errors import Malformed, Refused, SettingError
from stonks.model.tape import TapeDocument, poll_time
from tests.fakes.tape import write_tape

START = datetime(2025, 4, 7, 12, tzinfo=UTC)


def document(name: str, known_at: datetime | None, source: str = "newswire", **fields: object) -> TapeDocument:
    given = TapeDocument(
        source=source,
        external_id=name,
        kind=DocumentType.NEWS,
        publisher="Reuters",
        known_at=known_at,
        title=f"Title of {name}",
        body="Boeing delivers.",
    )
    return msgspec.structs.replace(given, **fields)


def named(sources: TapeSources, name: str) -> Source:
    return next(source for source in sources.sources() if source.name == name)


# ------------------------------------------------------------------------------------------------ time

MINUTES = st.integers(0, 600)


@given(known=st.lists(MINUTES, max_size=20), polls=st.lists(MINUTES, min_size=1, max_size=8).map(sorted))
def test_polls_bring_every_document_once_and_none_before_it_is_known(known: list[int], polls: list[int]) -> None:
    documents = [document(str(n), START + timedelta(minutes=at)) for n, at in enumerate(known)]
    with tempfile.TemporaryDirectory() as directory:
        sources = open_tape(write_tape(Path(directory), documents))

    seen: list[FetchedDocument] = []
    source = named(sources, "newswire")
    for minute in polls:
        now = START + timedelta(minutes=minute)
        fetched = asyncio.run(sources.fetch(source, now))
        assert all(one.known_at <= now for one in fetched.documents)
        seen += fetched.documents
        source = msgspec.structs.replace(source, cursor=fetched.cursor)

    assert sorted(one.external_id for one in seen) == sorted(str(n) for n, at in enumerate(known) if at <= polls[-1])
    assert [one.known_at for one in seen] == sorted(one.known_at for one in seen)


async def test_the_next_poll_is_when_the_next_document_is_there(tmp_path: Path) -> None:
    known = START + timedelta(minutes=61, seconds=3)
    sources = open_tape(write_tape(tmp_path, [document("a", START), document("b", known)]))

    fetched = await sources.fetch(named(sources, "newswire"), START)

    assert fetched.next_at == poll_time(known) == START + timedelta(minutes=75)
    assert sources.tape.due_times(START, START + timedelta(days=1)) == [fetched.next_at]


async def test_undated_documents_are_kept_and_never_served(tmp_path: Path) -> None:
    sources = open_tape(write_tape(tmp_path, [document("a", None), document("b", START)]))

    fetched = await sources.fetch(named(sources, "newswire"), datetime(2030, 1, 1, tzinfo=UTC))

    assert sources.tape.undated == 1
    assert [one.external_id for one in fetched.documents] == ["b"]


async def test_a_tape_played_from_later_on_leaves_out_what_was_known_before_but_not_its_prices(tmp_path: Path) -> None:
    write_tape(tmp_path, [document("a", START), document("b", START + timedelta(days=2))])
    sources = open_tape(tmp_path, after=START + timedelta(days=1))

    end = START + timedelta(days=3)
    news = await sources.fetch(named(sources, "newswire"), end)
    bars = await sources.fetch(named(sources, "bars"), end)

    assert [one.external_id for one in news.documents] == ["b"]
    assert [(bar.ticker, bar.known_at.day) for bar in bars.bars] == [("BA", 7), ("V", 7), ("BA", 8)]


async def test_a_bar_is_not_there_a_second_before_the_close(tmp_path: Path) -> None:
    sources = open_tape(write_tape(tmp_path, []))
    close = datetime(2025, 4, 7, 20, tzinfo=UTC)

    early = await sources.fetch(named(sources, "bars"), close - timedelta(seconds=1))
    at_close = await sources.fetch(msgspec.structs.replace(named(sources, "bars"), cursor=early.cursor), close)

    assert (early.bars, early.next_at) == ((), close)
    assert [bar.ticker for bar in at_close.bars] == ["BA", "V"]


async def test_calendar_events_come_with_when_they_were_known(tmp_path: Path) -> None:
    sources = open_tape(write_tape(tmp_path, []))

    fetched = await sources.fetch(named(sources, "calendar"), START)

    assert [(event.type, event.ticker) for event in fetched.events] == [("earnings", "BA")]


# ------------------------------------------------------------------------------------------------ bytes


async def test_a_text_arrives_as_the_json_of_a_news_api(tmp_path: Path) -> None:
    sources = open_tape(write_tape(tmp_path, [document("a", START, tickers=("BA",))]))

    (one,) = (await sources.fetch(named(sources, "newswire"), START)).documents

    assert one.content_type == "application/json"
    assert json.loads(one.raw) == {
        "id": "a",
        "title": "Title of a",
        "body": "Boeing delivers.",
        "publisher": "Reuters",
        "published_at": None,
        "url": None,
        "language": None,
        "tickers": ["BA"],
    }


async def test_a_page_and_a_body_file_arrive_as_their_own_bytes(tmp_path: Path) -> None:
    page = document("a", START, content_type="text/html", body="<p>Héllo</p>")
    filing = document("b", START, content_type="text/html", body=None, body_file="filings/b.html.gz")
    write_tape(tmp_path, [page, filing])
    (tmp_path / "filings").mkdir()
    (tmp_path / "filings/b.html.gz").write_bytes(gzip.compress(b"<html>10-K</html>"))
    sources = open_tape(tmp_path)

    first, second = (await sources.fetch(named(sources, "newswire"), START)).documents

    assert (first.content_type, first.raw) == ("text/html", "<p>Héllo</p>".encode())
    assert (second.content_type, second.raw) == ("text/html", b"<html>10-K</html>")


async def test_a_body_file_outside_the_tape_is_malformed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    sources = open_tape(write_tape(tmp_path / "tape", [document("a", START, body_file="../secret")]))

    with pytest.raises(Malformed, match="outside the tape"):
        await sources.fetch(named(sources, "newswire"), START)


# ------------------------------------------------------------------------------------------------ opening


def test_no_url_means_the_tape_that_ships_with_the_package() -> None:
    tape = read_tape(tape_directory(None))

    assert (tape.manifest.name, len(tape.companies)) == ("april-2025", 20)


def test_documents_may_be_packed(tmp_path: Path) -> None:
    plain = write_tape(tmp_path, [document("a", START)]) / "documents.jsonl"
    (tmp_path / "documents.jsonl.gz").write_bytes(gzip.compress(plain.read_bytes()))
    plain.unlink()

    assert [one.external_id for one in read_tape(tmp_path).documents] == ["a"]


def test_a_document_of_no_known_source_is_malformed(tmp_path: Path) -> None:
    with pytest.raises(Malformed, match="gossip"):
        open_tape(write_tape(tmp_path, [document("a", START, source="gossip")]))


def test_a_place_without_a_tape_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no tape is there"):
        open_sources(f"tape://{tmp_path}")


def test_a_url_of_another_kind_is_a_setting_error() -> None:
    with pytest.raises(SettingError, match="STONKS_SOURCES_URL"):
        open_sources("polygon://key")


async def test_a_source_that_is_not_on_the_tape_is_refused(tmp_path: Path) -> None:
    sources = open_tape(write_tape(tmp_path, []))

    with pytest.raises(Refused, match="edgar"):
        await sources.fetch(msgspec.structs.replace(named(sources, "bars"), name="edgar"), START)
