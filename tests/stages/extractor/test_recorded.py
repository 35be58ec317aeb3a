import ast
import csv
import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from uuid import UUID

import pytest

from stonks.model.document import DocumentType, Span
from stonks.stages.extractor.core.clauses import chosen_sentences
from stonks.stages.extractor.core.direction import groups_in, judge, read
from stonks.stages.extractor.core.exposure import read_effects
from stonks.stages.extractor.core.extract import extract
from stonks.stages.extractor.core.macro import Bulletin, classify
from stonks.stages.parser.core.reader import packed, read as read_document
from stonks.stages.parser.files import document_in
from tests.fakes.articles import make_article

pytestmark = pytest.mark.recorded

LEAST = 0.1
"""A score nearer to nothing counts as neutral."""


def labelled(folder: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the headlines of SEntFiN with what people judged of each entity, but those whose labels cannot be read."""
    with (folder / "labelled/sentfin/sentfin_train.csv").open() as file:
        for row in csv.DictReader(file):
            try:
                yield row["Title"], ast.literal_eval(row["Decisions"])
            except SyntaxError:
                continue


def judged(title: str, entities: dict[str, str]) -> dict[str, str]:
    places = {name: title.find(name) for name in entities}
    spans = {name: [Span(start=at, end=at + len(name))] for name, at in places.items() if at >= 0}
    scores = dict.fromkeys(entities, 0.0)
    for sentence in chosen_sentences(title, len(title), []):
        reading, groups = read(sentence), groups_in(sentence, spans)
        for name in spans:
            judgement = judge(reading, groups, name) if any(name in group.tickers for group in groups) else None
            scores[name] += judgement.score if judgement else 0.0
    return {
        name: "positive" if one > LEAST else "negative" if one < -LEAST else "neutral" for name, one in scores.items()
    }


@pytest.mark.parametrize(("alone", "floor"), [(True, 0.74), (False, 0.69)])
def test_headlines_are_judged_as_people_judge_them(recorded: Path, alone: bool, floor: float) -> None:  # noqa: FBT001
    rows = [(title, entities) for title, entities in labelled(recorded) if (len(entities) == 1) is alone]
    right = [judged(title, entities)[name] == label for title, entities in rows for name, label in entities.items()]

    assert len(right) > 5000
    assert sum(right) / len(right) > floor


def fomc(title: str, text: str, effects_toml: str) -> tuple[str, int]:
    told = Bulletin(
        document_id=UUID(int=1),
        text=f"{title}\n\n{text}",
        body_start=len(title) + 2,
        known_at=datetime(2025, 1, 29, 19, tzinfo=UTC),
        version="rules-1",
    )
    event = classify(told, read_effects(effects_toml))
    assert event is not None
    assert all(told.text[quote.start : quote.end] == quote.quote for quote in event.evidence)
    return event.type, event.direction


@pytest.fixture(scope="module")
def effects_toml() -> str:
    return files("stonks.stages.extractor.core").joinpath("effects.toml").read_text()


def test_the_statements_of_2025_leave_rates_as_they_are(recorded: Path, effects_toml: str) -> None:
    statements = json.loads((recorded / "fomc-statements/fomc_statements_2025_jan_may.json").read_text())

    assert [fomc(one["title"], one["text"], effects_toml) for one in statements] == [("rates", 0)] * 3


def test_the_decisions_of_twenty_five_years_have_their_direction(recorded: Path, effects_toml: str) -> None:
    with (recorded / "fomc-statements/fomc_statements_2000_2024.csv").open() as file:
        found = {row["date"]: fomc("FOMC statement", row["text"], effects_toml) for row in csv.DictReader(file)}

    raised = {day for day, (_, direction) in found.items() if direction < 0}
    lowered = {day for day, (_, direction) in found.items() if direction > 0}
    assert {kind for kind, _ in found.values()} == {"rates"}
    assert {"2000-05-16", "2004-06-30", "2015-12-16", "2018-12-19", "2022-06-15", "2023-07-26"} <= raised
    assert {"2001-01-03", "2019-07-31", "2020-03-15", "2024-09-18"} <= lowered
    assert not {day for day in raised if day.startswith(("2003", "2008", "2020", "2021", "2024"))}
    assert not {day for day in lowered if day.startswith(("2005", "2006", "2017", "2018", "2022", "2023"))}


def test_every_quote_from_three_months_of_news_is_verbatim(recorded: Path) -> None:
    with gzip.open(recorded / "djia-2025/news_finnhub.jsonl.gz", "rt") as file:
        items = [json.loads(line) for line in file]
    articles = [make_article(item["title"].strip(), item["description"].strip()) for item in items]

    quotes = [(one.text, quote) for one in articles for impact in extract(one).impacts for quote in impact.evidence]

    assert len(quotes) > 500
    assert all(text[quote.start : quote.end] == quote.quote for text, quote in quotes)


def test_the_items_of_recorded_current_reports_are_events_whose_headings_are_quoted(recorded: Path) -> None:
    reports = sorted((recorded / "filings-html/8-K").glob("*8-K.html.gz")) + sorted(
        (recorded / "sec-edgar-recorded/other").glob("*8k.htm.gz")
    )
    found: dict[str, set[str]] = {}
    for path in reports:
        with gzip.open(path) as file:
            data = file.read()
        parsed = read_document(document_in(str(path), data), data, packed([])).parsed
        article = make_article("Boeing 8-K", parsed.text, kind=DocumentType.FILING)
        events = extract(article).events
        assert all(article.text[one.evidence.start : one.evidence.end] == one.evidence.quote for one in events)
        found[path.name] = {one.type for one in events if one.evidence.quote.lower().startswith("item")}

    assert len(found) >= 4
    assert found["BuckleInc.8-K.html.gz"] == {"earnings_report"}
    assert found["www.sec.gov_Archives_edgar_data_1364742_000119312523048785_d435686d8k.htm.gz"] == {
        "management_change"
    }
