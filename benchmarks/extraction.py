"""How well the rules read: agreement with people's labels on SEntFiN and FiQA, and documents a CPU second.

    python -P benchmarks/extraction.py --recorded DIR

The rules were written from knowledge of the genre. Errors were looked at on the development half of SEntFiN (a fixed
draw of headlines) and on half of FiQA: only the other half of SEntFiN is unseen text. No label fits anything.
"""

import argparse
import ast
import csv
import gzip
import json
import random
import re
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from stonks.model.document import DocumentType, Role, Span
from stonks.stages.extractor.core.clauses import chosen_sentences
from stonks.stages.extractor.core.direction import groups_in, judge, read
from stonks.stages.extractor.core.extract import Article, Named, extract

LEAST = 0.1
"""A score nearer to nothing counts as neutral."""
CLASSES = ("positive", "neutral", "negative")
SUFFIX = re.compile(r",? (?:Inc\.?|Corporation|Company|Group|Companies|Holdings|\(The\)|Co\.?)$| \(.*\)$")


class Headline(NamedTuple):
    """A labelled text: its entities with their labels."""

    text: str
    entities: dict[str, str]


def main() -> None:
    """Print one line a measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recorded", type=Path, required=True, help="folder of recorded inputs")
    recorded = parser.parse_args().recorded
    sentfin(list(read_sentfin(recorded / "labelled/sentfin/sentfin_train.csv")))
    for name in ("headline", "post"):
        fiqa(name, recorded / f"labelled/fiqa/task1_{name}_ABSA_train.json")
    speed(recorded)


def read_sentfin(path: Path) -> Iterator[Headline]:
    """Yield the labelled headlines; labels that are no Python dict are read by their quotes."""
    with path.open() as file:
        for row in csv.DictReader(file):
            try:
                yield Headline(row["Title"], ast.literal_eval(row["Decisions"]))
            except SyntaxError:
                found = re.findall(r"""['"](.+?)['"]: ['"](\w+)['"]""", row["Decisions"])
                yield Headline(row["Title"], dict(found))


def sentfin(headlines: list[Headline]) -> None:
    """Print accuracy and macro-F1 of three classes, by half and by how many entities a headline has."""
    order = list(range(len(headlines)))
    random.Random(20).shuffle(order)
    half = len(order) // 2
    for name, places in (("development", order[:half]), ("unseen", order[half:])):
        rows = [headlines[place] for place in places]
        for kind, chosen in (
            ("single", [row for row in rows if len(row.entities) == 1]),
            ("multi", [row for row in rows if len(row.entities) > 1]),
            ("all", rows),
        ):
            pairs = Counter(
                (label, classed(scored(row)[entity])) for row in chosen for entity, label in row.entities.items()
            )
            count, accuracy, f1 = agreement(pairs)
            print(f"SEntFiN {name:11} {kind:6} {count:6} entities  accuracy {accuracy:.3f}  macro-F1 {f1:.3f}")


def scored(headline: Headline) -> dict[str, float]:
    """Return how the rules judge each entity of a headline, the others masked."""
    text = headline.text
    places = {name: text.casefold().find(name.casefold()) for name in headline.entities}
    spans = {name: [Span(start=at, end=at + len(name))] for name, at in places.items() if at >= 0}
    scores = dict.fromkeys(headline.entities, 0.0)
    for sentence in chosen_sentences(text, len(text), []):
        reading, groups = read(sentence), groups_in(sentence, spans)
        for name in scores:
            if name not in spans or any(name in group.tickers for group in groups):
                judgement = judge(reading, groups, name)
                scores[name] += judgement.score if judgement else 0.0
    return scores


def classed(score: float) -> str:
    """Return the class of a score."""
    return "positive" if score > LEAST else "negative" if score < -LEAST else "neutral"


def agreement(pairs: Counter[tuple[str, str]]) -> tuple[int, float, float]:
    """Return how many pairs of label and answer there are, the share that agree, and the mean F1 of the classes."""
    count = sum(pairs.values())
    f1 = []
    for one in CLASSES:
        told = sum(pairs[other, one] for other in CLASSES)
        true = sum(pairs[one, other] for other in CLASSES)
        f1.append(2 * pairs[one, one] / (told + true))
    return count, sum(pairs[one, one] for one in CLASSES) / count, sum(f1) / len(f1)


def fiqa(name: str, path: Path) -> None:
    """Print the share of signs that are right: of all opinions, and of those on which the extraction says something."""
    spoken, right, count = 0, 0, 0
    for entry in json.loads(path.read_text()).values():
        opinions = {info["target"]: float(info["sentiment_score"]) for info in entry["info"]}
        told = {impact.ticker: impact.direction for impact in extract(article(entry["sentence"], opinions)).impacts}
        for target, opinion in opinions.items():
            count += bool(opinion)
            if opinion and told.get(target):
                spoken += 1
                right += (told[target] > 0) == (opinion > 0)
    print(
        f"FiQA {name:8} {count:4} opinions  sign right {right / count:.3f} of all, "
        f"{right / spoken:.3f} of the {spoken / count:.0%} it speaks on"
    )


def article(text: str, targets: Iterable[str]) -> Article:
    """Return a text without a body that is about these targets."""
    places = {target: text.casefold().find(target.casefold()) for target in targets}
    return Article(
        text=text,
        body_start=len(text),
        document_type=DocumentType.NEWS,
        cluster_id=UUID(int=0),
        named=tuple(
            Named(ticker=target, role=Role.PRIMARY, spans=(Span(start=at, end=at + len(target)),) if at >= 0 else ())
            for target, at in places.items()
        ),
    )


def speed(recorded: Path) -> None:
    """Print how many headlines and how many news items with their text one CPU second reads."""
    headlines = list(read_sentfin(recorded / "labelled/sentfin/sentfin_train.csv"))
    print(f"headlines judged: {per_second(headlines, scored):,.0f} a CPU second")
    news = list(articles(recorded))
    print(f"news items extracted whole (title and about 150 characters): {per_second(news, extract):,.0f} a CPU second")


def per_second(items: Sequence[object], work: object) -> float:
    """Return how many items are worked on in one CPU second, the best of three rounds."""
    rates = []
    for _ in range(3):
        started = time.process_time()
        for item in items:
            work(item)  # type: ignore[operator]
        rates.append(len(items) / (time.process_time() - started))
    return max(rates)


def articles(recorded: Path) -> Iterator[Article]:
    """Yield three months of news about twenty companies, these found by their names."""
    with (recorded / "reference/sp500_constituents.csv").open() as file:
        names = {row["Symbol"]: SUFFIX.sub("", SUFFIX.sub("", row["Security"])) for row in csv.DictReader(file)}
    with gzip.open(recorded / "djia-2025/news_finnhub.jsonl.gz", "rt") as file:
        items = [json.loads(line) for line in file]
    followed = {symbol: names[symbol] for item in items for symbol in item["symbols"] if symbol in names}
    for item in items:
        text = f"{item['title']}\n\n{item['description']}"
        yield Article(
            text=text,
            body_start=len(item["title"]) + 2,
            document_type=DocumentType.NEWS,
            cluster_id=UUID(int=item["id"]),
            named=tuple(named_in(text, len(item["title"]), followed.items())),
        )


def named_in(text: str, title_end: int, names: Iterable[tuple[str, str]]) -> Iterator[Named]:
    """Yield the companies whose name stands in a text."""
    for ticker, name in names:
        if name in text:
            found = re.finditer(re.escape(name), text)
            spans = tuple(Span(start=match.start(), end=match.end()) for match in found)
            role = Role.PRIMARY if spans[0].start < title_end else Role.SECONDARY
            yield Named(ticker=ticker, role=role, spans=spans, name=name)


if __name__ == "__main__":
    main()
