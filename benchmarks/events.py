"""How well the rules tell events: recall and precision by type on FiQA's aspects and 8-K item codes, and their speed.

    python -P benchmarks/events.py --recorded DIR

FiQA gives an opinion one aspect, so a text that tells of two events counts one of them as wrong, and a bid that is only
a rumour is labelled a rumour: precision is a lower bound. Errors were looked at on half of the headlines (a fixed
draw); the other half and all posts are unseen. The table of 8-K codes is the SEC's own, and the recorded 8-Ks were only
looked at for the form of their headings.
"""

import argparse
import csv
import gzip
import json
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from stonks.model.company import Company
from stonks.model.document import DocumentType, Role
from stonks.model.signal import EventType as E
from stonks.stages.extractor.core.clauses import chosen_sentences
from stonks.stages.extractor.core.direction import groups_in, read
from stonks.stages.extractor.core.entities import places_of
from stonks.stages.extractor.core.events import find_events
from stonks.stages.extractor.core.extract import Article, Named, extract
from stonks.stages.extractor.core.filing_items import CODES, headings_of
from stonks.stages.parser.core.reader import packed, read as read_document
from stonks.stages.parser.files import document_in

ASPECTS: dict[str, tuple[str, frozenset[E]]] = {
    "M&A": ("Corporate/M&A", frozenset({E.M_AND_A_TARGET, E.M_AND_A_ACQUIRER, E.DIVESTITURE})),
    "dividends": (
        "Corporate/Dividend Policy|Corporate/Strategy/Share Buyback",
        frozenset({E.DIVIDEND_UP, E.DIVIDEND_CUT, E.DIVIDEND_REGULAR, E.BUYBACK}),
    ),
    "management": ("Corporate/Appointment", frozenset({E.MANAGEMENT_CHANGE})),
    "legal": (
        "Corporate/Legal|Corporate/Regulatory",
        frozenset({E.LITIGATION_REGULATORY, E.ANTITRUST, E.FDA_CLINICAL_NEG, E.FDA_CLINICAL_POS}),
    ),
    "deals": (
        "Corporate/Sales/Deal|Corporate/Sales/Partnership|Corporate/Strategy/Company Agreement",
        frozenset({E.CONTRACT_WIN, E.PARTNERSHIP}),
    ),
    "ratings": ("Stock/Coverage", frozenset({E.RATING_UP, E.RATING_DOWN, E.PRICE_TARGET})),
    "insiders": ("Stock/Insider Activity", frozenset({E.INSIDER})),
    "earnings": (
        "Corporate/Financial/Financial Results|Corporate/Sales/Sales|=Corporate/Sales",
        frozenset({E.EARNINGS_BEAT, E.EARNINGS_MISS, E.EARNINGS_REPORT}),
    ),
    "restructuring": ("Corporate/Strategy/Reorganization", frozenset({E.RESTRUCTURING, E.LAYOFFS})),
    "capital": ("Stock/IPO", frozenset({E.CAPITAL_RAISE})),
    "bankruptcy": ("Corporate/Financial/Bankruptcy", frozenset({E.BANKRUPTCY})),
}
"""A group of event types with the beginnings of the aspects that mean it; after = a whole aspect."""


class Opinion(NamedTuple):
    """A text with one of its targets and all aspects it is labelled with."""

    text: str
    target: str
    aspects: tuple[str, ...]


def main() -> None:
    """Print one line a measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recorded", type=Path, required=True, help="folder of recorded inputs")
    measure(parser.parse_args().recorded)


def measure(recorded: Path) -> None:
    """Print recall and precision on both kinds of labels, and speed."""
    headlines = list(opinions(recorded, "headline"))
    development, unseen = halves(headlines)
    fiqa("headlines looked at", development)
    fiqa("headlines unseen", unseen)
    fiqa("posts unseen", list(opinions(recorded, "post")))
    filings(recorded)
    speed(recorded)


def opinions(recorded: Path, name: str) -> Iterator[Opinion]:
    """Yield FiQA's opinions in their order."""
    entries = json.loads((recorded / f"labelled/fiqa/task1_{name}_ABSA_train.json").read_text())
    for entry in entries.values():
        for info in entry["info"]:
            # Some lists lack a quotation mark.
            aspects = info["aspects"].strip("[]").replace("'", "").split(", ")
            yield Opinion(entry["sentence"], info["target"], tuple(aspects))


def halves(rows: Sequence[Opinion]) -> tuple[list[Opinion], list[Opinion]]:
    """Return a fixed draw of half of the texts, and the others."""
    texts = sorted({row.text for row in rows})
    random.Random(5).shuffle(texts)
    looked_at = set(texts[: len(texts) // 2])
    return [row for row in rows if row.text in looked_at], [row for row in rows if row.text not in looked_at]


def fiqa(name: str, rows: Sequence[Opinion]) -> None:
    """Print for each group how many opinions have it, how many of them it is told of, and how often that is right."""
    found = [(row, told(row.text, [row.target]).get(row.target, frozenset())) for row in rows]
    total: Counter[str] = Counter()
    for group, (labels, types) in ASPECTS.items():
        true = {place for place, (row, _) in enumerate(found) if any(map_to(labels, one) for one in row.aspects)}
        said = {place for place, (_, events) in enumerate(found) if events & types}
        total.update(true=len(true), said=len(said), both=len(true & said))
        print(line(f"FiQA {name}", group, len(true), len(said), len(true & said)))
    print(line(f"FiQA {name}", "all groups", total["true"], total["said"], total["both"]))


def map_to(labels: str, aspect: str) -> bool:
    """Whether an aspect begins like one of these labels."""
    return any(aspect == label[1:] if label[0] == "=" else aspect.startswith(label) for label in labels.split("|"))


def line(name: str, group: str, true: int, said: int, both: int) -> str:
    """Return a measure as text."""
    recall = f"{both / true:.2f}" if true else "  - "
    precision = f"{both / said:.2f}" if said else "  - "
    return f"{name:25} {group:13} {true:4} labelled {said:4} told  recall {recall}  precision {precision}"


def told(text: str, names: Sequence[str]) -> dict[str, frozenset[E]]:
    """Return the events that a headline tells of each name."""
    article = Article(
        text=text,
        body_start=len(text),
        document_type=DocumentType.NEWS,
        cluster_id=UUID(int=0),
        named=tuple(
            Named(ticker=name, role=Role.PRIMARY, spans=spans) for name, spans in places_of(text, names).items()
        ),
    )
    events = extract(article).events
    return {name: frozenset(event.type for event in events if event.ticker == name) for name in names}


def filings(recorded: Path) -> None:
    """Print, for the recorded 8-Ks, how many of their coded items lead to the event the code stands for."""
    true, right, others = Counter[str](), Counter[str](), Counter[E]()
    for text, codes, filer in current_reports(recorded):
        found = {heading.code for heading in headings_of(text)}
        true.update(codes)
        right.update(code for code in codes if code in found)
        wanted = {CODES[code].type for code in codes if code in CODES}
        events = {event.type for event in extract(filer).events}
        others.update(events - wanted)
        for code in codes:
            if code in CODES:
                true[f"{code} {CODES[code].type}"] += 1
                right[f"{code} {CODES[code].type}"] += CODES[code].type in events
    for code in sorted(true):
        print(f"8-K item {code:30} {true[code]:3} filings, found in {right[code]:3}")
    print(f"8-K events beside those of the codes: {dict(others)}")


def current_reports(recorded: Path) -> Iterator[tuple[str, tuple[str, ...], Article]]:
    """Yield the recorded 8-Ks: text, item codes as the parser finds them, and the article that the extractor reads."""
    filed = Company(ticker="FILER", name="The Company", aliases=())
    universe = packed([filed])
    paths = [*sorted((recorded / "filings-html/8-K").glob("*.gz"))]
    paths += sorted((recorded / "sec-edgar-recorded/other").glob("*htm.gz"))
    for path in paths:
        with gzip.open(path) as file:
            data = file.read()
        parsed = read_document(document_in(str(path), data), data, universe).parsed
        if parsed.form and parsed.form.startswith("8-K") and parsed.items:
            article = Article(
                text=parsed.text,
                body_start=parsed.body_start,
                document_type=DocumentType.FILING,
                cluster_id=UUID(int=0),
                named=(Named(ticker="FILER", role=Role.PRIMARY, spans=()),),
            )
            yield parsed.text, tuple(item.item for item in parsed.items), article


def speed(recorded: Path) -> None:
    """Print how many headlines, and texts of full articles' length, one CPU second searches for events."""
    with (recorded / "labelled/sentfin/sentfin_train.csv").open() as file:
        headlines = [row["Title"] for row in csv.DictReader(file)]
    print(f"headlines searched for events: {per_second(headlines, 1):,.0f} a CPU second")
    articles = ["\n".join(headlines[at : at + 40]) for at in range(0, 4000, 40)]
    size = sum(map(len, articles)) / len(articles)
    print(f"texts of 40 sentences ({size:,.0f} characters): {per_second(articles, 40):,.0f} a CPU second")


def per_second(texts: Sequence[str], most: int) -> float:
    """Return how many texts a CPU second searches, all of their sentences, the best of three rounds."""
    prepared = [
        (text, [(read(sentence), groups_in(sentence, {})) for sentence in chosen_sentences(text, len(text), [])][:most])
        for text in texts
    ]
    rates = []
    for _ in range(3):
        started = time.process_time()
        for text, sentences in prepared:
            for reading, groups in sentences:
                find_events(text, reading, groups, ("FILER",))
        rates.append(len(texts) / (time.process_time() - started))
    return max(rates)


if __name__ == "__main__":
    main()
