"""How well and how fast the parse stage reads articles, beside bare trafilatura in the same run.

    python -P benchmarks/parse.py --recorded DIR [--rounds 3]

Quality: the with/without score (of segments that belong to the article or do not, as labelled by hand), and the F1 of
four-word shingles against another tool's reviewed text. Speed: pages a CPU second, bytes in and everything out. Ours is
the whole stage: guard, text, metadata, mentions among the S&P 500, quality, language and the signature for duplicates.
"""

import argparse
import csv
import gzip
import json
import re
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from stonks.model.company import Company
from stonks.model.document import Action, Document, DocumentType
from stonks.stages.parser.core import Gazetteer, parse
from stonks.stages.parser.core.duplicates import signature_of

Extract = Callable[[bytes], str]
_WORD = re.compile(r"\w+")
_TAG = re.compile(r"<[^>]+>")
_SHINGLE = 4
MET = {True: "reached", False: "missed"}


class Page(NamedTuple):
    """A page with what its article has and has not."""

    raw: bytes
    present: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    expected: str = ""


def main() -> None:
    """Print a table of quality and speed, then the goals."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recorded", type=Path, required=True, help="folder of recorded inputs")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    labelled = list(labelled_pages(arguments.recorded / "articles-trafilatura-en"))
    reviewed = list(reviewed_pages(arguments.recorded / "articles-readability"))
    extractors = {
        "parse stage": stage(arguments.recorded),
        "trafilatura fast": trafilatura(fast=True),
        "trafilatura full": trafilatura(fast=False),
    }
    rates = speeds(extractors, [page.raw for page in labelled + reviewed], arguments.rounds)
    print(
        f"{len(labelled)} labelled and {len(reviewed)} reviewed pages; medians of {arguments.rounds} interleaved rounds"
    )
    print(f"{'':18} {'with/without F1':>15} {'precision':>9} {'recall':>7} {'shingle F1':>10} {'pages/CPU s':>11}")
    scores = {}
    for name, extract in extractors.items():
        precision, recall, scores[name] = segments(extract, labelled)
        f1 = shingles(extract, reviewed)
        print(f"{name:18} {scores[name]:15.3f} {precision:9.3f} {recall:7.3f} {f1:10.3f} {rates[name]:11.1f}")
    ours, full = scores["parse stage"], scores["trafilatura full"]
    ratio = rates["parse stage"] / rates["trafilatura fast"]
    print(f"goal: with/without F1 at least trafilatura full's: {ours:.3f} against {full:.3f}: {MET[ours >= full]}")
    print(f"goal: at least 0.8 of trafilatura fast's speed: {ratio:.2f}: {MET[ratio >= 0.8]}")  # noqa: PLR2004


def labelled_pages(folder: Path) -> Iterator[Page]:
    """Yield pages with segments that belong to the article and segments that do not."""
    for entry in json.loads((folder / "evaldata.json").read_text()).values():
        raw = gzip.decompress((folder / "html" / f"{entry['file']}.gz").read_bytes())
        yield Page(raw, present=tuple(entry["with"]), absent=tuple(entry["without"]))


def reviewed_pages(folder: Path) -> Iterator[Page]:
    """Yield pages with the text that another tool's authors agreed on."""
    for page in sorted(folder.iterdir()):
        if not page.is_dir():
            continue
        expected = gzip.decompress((page / "expected.html.gz").read_bytes()).decode()
        raw = gzip.decompress((page / "source.html.gz").read_bytes())
        yield Page(raw, expected=_TAG.sub(" ", expected))


def trafilatura(*, fast: bool) -> Extract:
    """Return the bare library on bytes."""
    import trafilatura

    def extract(raw: bytes) -> str:
        return trafilatura.extract(raw, fast=fast, include_comments=False) or ""

    return extract


def stage(recorded: Path) -> Extract:
    """Return the whole parse stage's core on bytes."""
    with (recorded / "reference/sp500_constituents.csv").open() as file:
        companies = [Company(ticker=row["Symbol"], name=row["Security"]) for row in csv.DictReader(file)]
    gazetteer = Gazetteer(companies)

    def extract(raw: bytes) -> str:
        parsed = parse(document(), raw, gazetteer)
        signature_of(parsed.text)
        return parsed.text[parsed.body_start :]

    return extract


def document() -> Document:
    """Return the row of a page of which nothing is known but its bytes."""
    return Document(
        id=UUID(int=1),
        source="benchmark",
        external_id="page",
        revision=1,
        action=Action.CREATED,
        document_type=DocumentType.NEWS,
        publisher="",
        url=None,
        title="",
        published_at=None,
        known_at=datetime(2025, 4, 1, tzinfo=UTC),
        content_hash="",
        raw_sha256="",
        content_type="text/html",
    )


def segments(extract: Extract, pages: Sequence[Page]) -> tuple[float, float, float]:
    """Return precision, recall and F1 of labelled segments."""
    found = Counter[str]()
    for page in pages:
        text = one_line(extract(page.raw))
        found["true"] += sum(one_line(segment) in text for segment in page.present)
        found["wanted"] += len(page.present)
        found["false"] += sum(one_line(segment) in text for segment in page.absent)
    precision = found["true"] / (found["true"] + found["false"])
    recall = found["true"] / found["wanted"]
    return precision, recall, 2 * precision * recall / (precision + recall)


def one_line(text: str) -> str:
    """Return a text with one plain blank wherever it has any kind of them: they say nothing of what was extracted."""
    return " ".join(text.split())


def shingles(extract: Extract, pages: Sequence[Page]) -> float:
    """Return the mean F1 of a text's shingles against the reviewed text's."""
    return statistics.fmean(overlap(shingled(extract(page.raw)), shingled(page.expected)) for page in pages)


def shingled(text: str) -> Counter[tuple[str, ...]]:
    """Return how often each run of four words occurs."""
    words = _WORD.findall(text)
    return Counter(tuple(words[at : at + _SHINGLE]) for at in range(max(1, len(words) - _SHINGLE + 1)))


def overlap(one: Counter[tuple[str, ...]], other: Counter[tuple[str, ...]]) -> float:
    """Return the F1 of two bags."""
    return 2 * (one & other).total() / (one.total() + other.total())


def speeds(extractors: dict[str, Extract], pages: Sequence[bytes], rounds: int) -> dict[str, float]:
    """Return pages a CPU second of each extractor, the median of interleaved rounds; a first round warms up."""
    rates: dict[str, list[float]] = {name: [] for name in extractors}
    for _ in range(rounds + 1):
        for name, extract in extractors.items():
            started = time.process_time()
            for raw in pages:
                extract(raw)
            rates[name].append(len(pages) / (time.process_time() - started))
    return {name: statistics.median(measured[1:]) for name, measured in rates.items()}


if __name__ == "__main__":
    main()
