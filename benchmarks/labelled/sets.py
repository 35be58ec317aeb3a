"""The recorded labelled sets, each as texts with whom they speak of and how."""

import ast
import csv
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from stonks.model.document import DocumentType, Role, Span
from stonks.stages.extractor.core.entities import places_of
from stonks.stages.extractor.core.extract import Article, Named

CLASSES = ("positive", "neutral", "negative")
_SWAPPED = (("neutral", "hold"), ("neutral", "Hold"), ("negative", "sell"), ("negative", "Sell"), ("positive", "buy"))
"""SEntFiN's labels replaced these words in the names of a dozen entities too: Alibaba Group neutraling Inc."""


class Headline(NamedTuple):
    """A labelled text: its entities with their labels."""

    text: str
    entities: dict[str, str]


class Statement(NamedTuple):
    """A sentence about the economy with its label."""

    text: str
    label: str


def sentfin_path(recorded: Path) -> Path:
    """Return where SEntFiN lies."""
    return recorded / "labelled/sentfin/sentfin_train.csv"


def read_sentfin(recorded: Path) -> list[Headline]:
    """Return the labelled headlines; labels that are no Python dict are read by their quotes."""
    with sentfin_path(recorded).open() as file:
        return [Headline(row["Title"], dict(_decided(row["Title"], row["Decisions"]))) for row in csv.DictReader(file)]


def _decided(title: str, decisions: str) -> Iterator[tuple[str, str]]:
    try:
        labels = ast.literal_eval(decisions)
    except SyntaxError:
        labels = dict(re.findall(r"""['"](.+?)['"]: ['"](\w+)['"]""", decisions))
    for name, label in labels.items():
        spellings = (name, *(name.replace(*swap) for swap in _SWAPPED))
        yield next((one for one in spellings if one.casefold() in title.casefold()), name), label


def folds(headlines: Sequence[Headline], count: int) -> list[int]:
    """Return the fold of each headline: those of one text share one, by the order in which texts come."""
    order: dict[str, int] = {}
    return [order.setdefault(one.text.casefold(), len(order)) % count for one in headlines]


def read_fiqa(recorded: Path, name: str) -> Iterator[tuple[str, dict[str, float]]]:
    """Yield texts with each target's sentiment, from -1 to 1."""
    path = recorded / f"labelled/fiqa/task1_{name}_ABSA_train.json"
    for entry in json.loads(path.read_text()).values():
        yield entry["sentence"], {info["target"]: float(info["sentiment_score"]) for info in entry["info"]}


def read_fomc(recorded: Path) -> list[Statement]:
    """Return sentences of the Federal Reserve, each hawkish, dovish or neutral."""
    names = {"0": "dovish", "1": "hawkish", "2": "neutral"}
    with (recorded / "labelled/fomc-hawkish-dovish/train.csv").open() as file:
        return [Statement(row["sentence"], names[row["label"]]) for row in csv.DictReader(file)]


def article_of(text: str, names: Sequence[str]) -> Article:
    """Return a text without a body in which these are named; of one that does not stand there no place is known."""
    places = places_of(text, names)
    spans = {name: places.get(name, ()) or _anywhere(text, name) for name in names}
    return Article(
        text=text,
        body_start=len(text),
        document_type=DocumentType.NEWS,
        cluster_id=UUID(int=0),
        named=tuple(Named(ticker=name, role=Role.PRIMARY, spans=found) for name, found in spans.items()),
    )


def _anywhere(text: str, name: str) -> tuple[Span, ...]:
    """Return where a name stands within a word: the labels call a steelmaker steel."""
    at = text.casefold().find(name.casefold())
    return (Span(start=at, end=at + len(name)),) if at >= 0 else ()
