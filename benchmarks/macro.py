"""How well macro events are told, and what one interpolation of many of them over many companies costs.

    python -P benchmarks/macro.py --recorded DIR

Statements of the Federal Reserve say themselves which way rates went: the target after each against the one before. Of
recorded headlines 240 were drawn by chance from those with a word of the economy in them, and labelled by one of us
with type and, where it is plain, direction; the answers to `seen` ones were looked at while rules were changed, those
to `unseen` ones were not. What tells of no event must come out as none or as "other", which alone moves no company.
"""

import argparse
import csv
import gzip
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import numpy as np

from stonks.model.company import Company
from stonks.model.signal import GlobalEvent
from stonks.stages.extractor.core.exposure import Push, expose, impacts_of, read_effects, read_priors
from stonks.stages.extractor.core.macro import Bulletin, classify

REVIEWED = files("stonks.stages.extractor.core")
EFFECTS = read_effects(REVIEWED.joinpath("effects.toml").read_text())
PRIORS = read_priors(REVIEWED.joinpath("exposures.toml").read_text())
MISSED = timedelta(days=75)
"""Between two statements further apart one is missing, and the target may have moved in it."""
NOTHING = frozenset((None, "other"))
EVENTS, COMPANIES, ROUNDS = 1_000, 10_000, 7

_FIGURE = r"(?:\d+(?:\.\d+)?(?:-\d/\d)?|\d/\d)"
_TARGET = re.compile(
    rf"(?P<low>{_FIGURE}) to {_FIGURE} percent target range"
    rf"|(?:target|federal funds)[^.;]{{0,200}}?(?:\bto|\bat|\bof)(?: a range of)? (?P<at>{_FIGURE})(?: to {_FIGURE})?"
    r" ?percent",
    re.IGNORECASE,
)


class Told(NamedTuple):
    """A text with the type and the direction that are right; a direction of None is not asked for."""

    text: str
    body_start: int
    type: str | None
    direction: int | None


def main() -> None:
    """Print one line a measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recorded", type=Path, help="folder of recorded inputs")
    recorded = parser.parse_args().recorded
    if recorded is not None:
        report("FOMC statements", list(statements(recorded / "fomc-statements")))
        for half in ("seen", "unseen"):
            report(f"headlines {half}", list(headlines(recorded / "djia-2025/news_finnhub.jsonl.gz", half)))
    interpolation()


def statements(folder: Path) -> Iterator[Told]:
    """Yield the statements whose target rate, and that of the one before, can be read from their own figures."""
    rows = [(row["date"], row["text"]) for row in csv.DictReader((folder / "fomc_statements_2000_2024.csv").open())]
    rows += [
        (row["date"], row["text"]) for row in json.loads((folder / "fomc_statements_2025_jan_may.json").read_text())
    ]
    title = "Federal Reserve issues FOMC statement"
    known = [(date.fromisoformat(day), text, target_rate(text)) for day, text in sorted(rows)]
    for (last, _, before), (day, text, rate) in pairwise(known):
        if rate is not None and before is not None and day - last < MISSED:
            yield Told(f"{title}\n\n{text}", len(title) + 2, "rates", (rate < before) - (rate > before))


def target_rate(text: str) -> float | None:
    """Return the target rate a statement sets, the lower end of a range; None where its figures cannot be read."""
    plain = text.replace("â\x80\x91", "-").replace("\u2011", "-").replace("\u2010", "-")
    found = _TARGET.search(plain)
    if found is None:
        return None
    whole, _, part = (
        (found["low"] or found["at"]).rpartition("-") if "/" in (found["low"] or found["at"]) else ("", "", "")
    )
    if not part:
        return float(found["low"] or found["at"])
    upper, lower = part.split("/")
    return float(whole or 0) + float(upper) / float(lower)


def headlines(path: Path, half: str) -> Iterator[Told]:
    """Yield the labelled headlines of a half."""
    with gzip.open(path, "rt") as file:
        titles = {str(row["id"]): row["title"] for row in map(json.loads, file)}
    with Path(__file__).with_name("macro_headlines.csv").open() as file:
        for row in csv.DictReader(file):
            if row["half"] == half:
                kind = None if row["type"] == "none" else row["type"]
                title = titles[row["id"]]
                yield Told(title, len(title), kind, int(row["direction"]) if row["direction"] else None)


def report(name: str, rows: list[Told]) -> None:
    """Print how often type and direction are right, and how often nothing is told where nothing is."""
    started = time.process_time()
    found = [event_of(row) for row in rows]
    spent = time.process_time() - started
    pairs = list(zip(rows, found, strict=True))
    real = [(row, event) for row, event in pairs if row.type is not None]
    told = [(row, event) for row, event in pairs if kind_of(event) not in NOTHING]
    right = [(row, event) for row, event in real if kind_of(event) == row.type]
    asked = [(row, event) for row, event in pairs if row.direction is not None and event is not None]
    signs = sum(event.direction == row.direction for row, event in asked)
    against = sum(event.direction * (row.direction or 0) < 0 for row, event in asked)
    print(
        f"{name:18} {len(rows):4} texts  type: recall {share(len(right), len(real))} precision "
        f"{share(len(right), len(told))}  direction: right {share(signs, len(asked))} opposite "
        f"{share(against, len(asked))}  {len(rows) / spent:,.0f} a CPU second"
    )
    wrong = Counter((row.type, kind_of(event)) for row, event in pairs if not same(row.type, kind_of(event)))
    print(
        f"{'':18} taken for another: " + (", ".join(f"{a} as {b} {n}" for (a, b), n in wrong.most_common(8)) or "none")
    )


def same(wanted: str | None, kind: str | None) -> bool:
    """Return whether a type is what was wanted; for no event that is none or "other"."""
    return kind in NOTHING if wanted is None else kind == wanted


def kind_of(event: GlobalEvent | None) -> str | None:
    """Return an event's type, or None where there is no event."""
    return None if event is None else event.type


def share(part: int, whole: int) -> str:
    """Return a share as text."""
    return f"{part / whole:.3f} ({part}/{whole})" if whole else "-"


def event_of(row: Told) -> GlobalEvent | None:
    """Return what the rules make of a text."""
    at = datetime(2025, 4, 2, tzinfo=UTC)
    told = Bulletin(document_id=UUID(int=1), text=row.text, body_start=row.body_start, known_at=at, version="benchmark")
    return classify(told, EFFECTS)


def interpolation() -> None:
    """Print what events x companies cost, as a ratio to the bare product of their matrices."""
    rng = np.random.default_rng(3)
    exposures = expose(list(universe(rng)), PRIORS)
    pushes = [
        Push(weight=0.3, features=dict(zip(exposures.features, rng.normal(size=len(exposures.features)), strict=True)))
        for _ in range(EVENTS)
    ]
    effects = rng.normal(size=(EVENTS, len(exposures.features)))
    whole = fastest(lambda: impacts_of(pushes, exposures))
    bare = fastest(lambda: effects @ exposures.matrix.T)
    print(
        f"interpolation      {EVENTS} events x {COMPANIES} companies x {len(exposures.features)} features: "
        f"{whole:.3f} s, {whole / bare:.1f} times the bare product's {bare:.3f} s"
    )


def universe(rng: np.random.Generator) -> Iterable[Company]:
    """Yield companies of every kind that the figures know."""
    sectors = sorted(EFFECTS["growth"].sectors)
    kinds = sorted({name for effect in EFFECTS.values() for name in effect.industries})[:38]
    for number in range(COMPANIES):
        yield Company(
            ticker=f"T{number}",
            name="T",
            sector=sectors[number % len(sectors)],
            sub_industry=kinds[number % len(kinds)],
            exposures={"size:log_value": float(rng.normal(23, 2))},
        )


def fastest(call: Callable[[], object]) -> float:
    """Return the seconds of the fastest of several calls."""
    spans = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        call()
        spans.append(time.perf_counter() - started)
    return min(spans)


if __name__ == "__main__":
    main()
