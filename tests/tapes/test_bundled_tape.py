"""What the tape that ships with the project promises: its form, size and figures, and that its words are our own."""

import csv
import gzip
import html
import json
import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import stonks.tapes
from stonks.stages.aggregation.core.relations import RELATIONS

TAPE = Path(next(iter(stonks.tapes.__path__))) / "april-2025"
HALF_HOLE = {date(2025, 2, day) for day in (11, 12, 13, 14, 18, 19)}
WITHOUT_HOLE = {"GS", "HD", "MSFT", "V"}
RUN = 8

Record = dict[str, Any]


def json_lines(name: str) -> list[Record]:
    return [json.loads(line) for line in (TAPE / name).read_text("utf-8").splitlines()]


def table(name: str) -> list[dict[str, str]]:
    with (TAPE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def instant(text: str) -> datetime:
    assert text.endswith("Z")
    return datetime.fromisoformat(text)


@pytest.fixture(scope="module")
def manifest() -> Record:
    return tomllib.loads((TAPE / "manifest.toml").read_text("utf-8"))


@pytest.fixture(scope="module")
def documents() -> list[Record]:
    return json_lines("documents.jsonl")


@pytest.fixture(scope="module")
def universe(manifest: Record) -> set[str]:
    return set(manifest["universe"])


# ------------------------------------------------------------------------------------------------ documents


def test_every_document_has_exactly_the_fields_of_the_format(documents: list[Record]) -> None:
    fields = (
        "source external_id revision action kind publisher url published_at known_at content_type language title body"
    )
    assert {tuple(document) for document in documents} == {(*fields.split(), "tickers")}
    assert {document["kind"] for document in documents} == {"news", "press_release", "macro_event", "filing"}
    assert {document["content_type"] for document in documents} == {"text/plain", "text/html"}


def test_documents_are_sorted_by_the_moment_they_are_known(documents: list[Record]) -> None:
    keys = [(instant(document["known_at"]), document["external_id"]) for document in documents]
    assert keys == sorted(keys)


def test_no_two_documents_share_an_id_and_revision(documents: list[Record]) -> None:
    counts = Counter((document["source"], document["external_id"], document["revision"]) for document in documents)
    assert [key for key, count in counts.items() if count > 1] == []


def test_ids_are_slugs_that_begin_with_the_day_of_publication(documents: list[Record]) -> None:
    for document in documents:
        assert re.fullmatch(r"2025-\d\d-\d\d(-[a-z0-9]+)+", document["external_id"])
        if document["revision"] == 1:
            assert document["external_id"].startswith(document["published_at"][:10])


def test_a_later_revision_updates_an_earlier_one(documents: list[Record]) -> None:
    first = {document["external_id"]: document for document in documents if document["revision"] == 1}
    updates = [document for document in documents if document["revision"] > 1]
    assert {document["action"] for document in first.values()} == {"created"}
    assert updates
    for update in updates:
        assert update["action"] == "updated"
        assert instant(update["known_at"]) > instant(first[update["external_id"]]["known_at"])
        assert update["body"] != first[update["external_id"]]["body"]


def test_a_document_is_known_one_to_six_minutes_after_publication(documents: list[Record]) -> None:
    for document in documents:
        delay = instant(document["known_at"]) - instant(document["published_at"])
        assert timedelta(minutes=1) <= delay <= timedelta(minutes=6), document["external_id"]


def test_the_month_has_enough_documents_of_each_kind(documents: list[Record], manifest: Record) -> None:
    span = manifest["span"]
    inside = [document for document in documents if span["start"] <= instant(document["published_at"]) < span["end"]]
    assert len(inside) == len(documents) >= 150
    kinds = Counter(document["kind"] for document in inside)
    assert kinds["macro_event"] >= 14
    assert kinds["filing"] >= 5
    assert sum(document["content_type"] == "text/html" for document in inside) >= 6


def test_documents_are_tagged_only_with_the_universe_and_macro_items_not_at_all(
    documents: list[Record], universe: set[str]
) -> None:
    for document in documents:
        assert set(document["tickers"]) <= universe, document["external_id"]
        assert (document["kind"] == "macro_event") == (document["tickers"] == []), document["external_id"]
        assert (document["kind"] == "macro_event") == (document["source"] == "macro_news")
    assert {ticker for document in documents for ticker in document["tickers"]} == universe


def test_every_source_of_the_documents_stands_in_the_manifest(documents: list[Record], manifest: Record) -> None:
    assert {document["source"] for document in documents} == {source["name"] for source in manifest["sources"]}


def test_a_plain_document_has_a_title_and_two_to_six_sentences(documents: list[Record]) -> None:
    for document in documents:
        assert document["title"].strip()
        assert document["body"].strip()
        if document["content_type"] == "text/plain":
            ends = re.findall(r"[.!?][\"')]*(?=\s+[\"'(]?[A-Z0-9]|\s*$)", document["body"])
            assert 2 <= len(ends) <= 6, document["external_id"]


def test_an_html_document_is_a_page_with_its_article_inside(documents: list[Record]) -> None:
    for document in documents:
        if document["content_type"] == "text/html":
            for tag in ("<title>", "<nav>", "<article>", "<footer>", "</html>"):
                assert tag in document["body"], document["external_id"]
            assert html.escape(document["title"], quote=False) in document["body"]


def test_some_stories_reach_the_feed_twice(documents: list[Record]) -> None:
    bodies = Counter(document["body"] for document in documents)
    assert sum(count > 1 for count in bodies.values()) >= 2


# ------------------------------------------------------------------------------------------------ facts


def test_bars_are_consistent_and_positive(universe: set[str]) -> None:
    bars = table("bars.csv")
    assert {bar["ticker"] for bar in bars} == universe
    assert len({(bar["ticker"], bar["date"]) for bar in bars}) == len(bars)
    for bar in bars:
        opened, high, low, close = (Decimal(bar[name]) for name in ("open", "high", "low", "close"))
        assert 0 < low <= min(opened, close) <= max(opened, close) <= high, bar
        assert int(bar["volume"]) > 0


def test_bars_run_from_december_to_may_with_the_hole_the_manifest_names(universe: set[str]) -> None:
    days: dict[str, list[date]] = {ticker: [] for ticker in universe}
    for bar in table("bars.csv"):
        days[bar["ticker"]].append(date.fromisoformat(bar["date"]))
    every_day = set(days["GS"])
    assert (min(every_day), max(every_day), len(every_day)) == (date(2024, 12, 13), date(2025, 5, 30), 112)
    for ticker, held in days.items():
        assert held == sorted(held)
        assert every_day - set(held) == (set() if ticker in WITHOUT_HOLE else HALF_HOLE)


def test_unitedhealth_falls_by_a_fifth_on_17_april() -> None:
    closes = [Decimal(bar["close"]) for bar in table("bars.csv") if bar["ticker"] == "UNH"]
    worst = min(after / before - 1 for before, after in pairwise(closes))
    assert Decimal("-0.225") < worst < Decimal("-0.22")


def test_the_calendar_has_two_rounds_of_results_and_is_known_in_time(universe: set[str]) -> None:
    events = json_lines("calendar.jsonl")
    assert {event["type"] for event in events} == {"earnings", "dividend", "fomc"}
    results = Counter(event["ticker"] for event in events if event["type"] == "earnings")
    assert results == dict.fromkeys(universe, 2)
    for event in events:
        day = date.fromisoformat(event["ex_date"] if event["type"] == "dividend" else event["date"])
        assert instant(event["known_at"]) < datetime(day.year, day.month, day.day, tzinfo=UTC)
        if event["type"] == "earnings":
            assert event["when"] in {"bmo", "amc"}
        if event["type"] == "dividend":
            assert Decimal(event["cash"]) > 0
    assert {"2025-03-19", "2025-05-07"} <= {event["date"] for event in events if event["type"] == "fomc"}


def test_every_company_has_its_sector_key_and_aliases(universe: set[str]) -> None:
    companies = table("companies.csv")
    assert {company["ticker"] for company in companies} == universe
    for company in companies:
        assert re.fullmatch(r"\d{10}", company["cik"])
        assert all(company[name].strip() for name in ("name", "gics_sector", "gics_sub_industry"))
        assert all(alias.strip() == alias != "" for alias in company["aliases"].split("|"))


def test_relations_are_between_companies_of_the_tape_and_of_kinds_that_news_passes_along(universe: set[str]) -> None:
    edges = table("edges.csv")
    assert {edge["src"] for edge in edges} | {edge["dst"] for edge in edges} <= universe
    assert {edge["relation"] for edge in edges} <= RELATIONS.keys()
    assert all(edge["src"] != edge["dst"] and 0 < float(edge["weight"]) <= 1 for edge in edges)
    assert len({(edge["src"], edge["dst"], edge["relation"]) for edge in edges}) == len(edges) >= 20


def test_the_tape_is_smaller_than_a_megabyte() -> None:
    assert sum(file.stat().st_size for file in TAPE.iterdir()) < 1_000_000


# ------------------------------------------------------------------------------------------------ our own words


def runs(text: str) -> set[tuple[str, ...]]:
    """All runs of eight words, with punctuation removed and, a second time, with punctuation as a space."""
    plain = unicodedata.normalize("NFKC", html.unescape(re.sub(r"<[^>]*>", " ", text))).casefold()
    readings = re.sub(r"[^\w\s]", "", plain).split(), re.findall(r"\w+", re.sub("['\u2019]", "", plain))
    return {tuple(words[at : at + RUN]) for words in readings for at in range(len(words) - RUN + 1)}


def texts(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for item in value.values():
                yield from texts(item)
        case list():
            for item in value:
                yield from texts(item)


def recorded_texts(folder: Path) -> Iterator[str]:
    for name in ("news_finnhub.jsonl.gz", "news_polygon.jsonl.gz"):
        with gzip.open(folder / name, "rt", encoding="utf-8") as file:
            for line in file:
                yield from texts(json.loads(line))
    for sample in sorted((folder / "raw_samples").glob("*.json")):
        yield from texts(json.loads(sample.read_text("utf-8")))


@pytest.mark.recorded
def test_no_eight_words_in_a_row_stand_in_the_recorded_news(recorded: Path, documents: list[Record]) -> None:
    ours: dict[tuple[str, ...], str] = {}
    for document in documents:
        for text in (document["title"], document["body"]):
            ours |= {run: str(document["external_id"]) for run in runs(text)}
    seen = 0
    taken = set()
    for text in recorded_texts(recorded / "djia-2025"):
        seen += 1
        taken |= {(ours[run], " ".join(run)) for run in runs(text) & ours.keys()}
    assert seen > 10_000
    assert taken == set()
