"""How fast signals become trends, beside polars doing the same, and how near that is to just reading the columns.

    python -P benchmarks/aggregation.py [--sizes 1e6 1e7] [--rounds 3]

Signals of 500 tickers over 90 days, in the order in which they became known: 40 sources, three reports a story on
average, three layers, five half-lives. All contenders start from the same arrays and give the sums of every ticker in
every window: weights at birth, decay, stories folded, sources capped, six sums over stories and those by layer. Ours
and polars are held to one another. Polars runs with one thread, window by window, with what is used twice collected
(one lazy query of it all takes several times as long), and once more without caps and layers, which is less than is
needed. A layout that is kept is what other instants and other weights start from. The floor is reading the columns
once. Seconds are of CPU, each contender in a process of its own, in turn.

The online figure is one recomputation of one ticker, from the store's columns to its five trends.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from stonks.model.signal import HalfLife, Layer
from stonks.model.trend import Window
from stonks.stages.aggregation.core.columns import CodedSignals, SignalColumns
from stonks.stages.aggregation.core.layout import lay_out
from stonks.stages.aggregation.core.table import aggregate
from stonks.stages.aggregation.core.trend import recompute
from stonks.stages.aggregation.core.weights import PRIOR

if TYPE_CHECKING:
    import polars as pl

TICKERS = 500
SOURCES = 40
NOW = datetime(2025, 4, 10, 13, 40, tzinfo=UTC)
SPAN = timedelta(days=90)
REPORTS_A_STORY = 3
ONLINE_ROWS = 1_000
ONLINE_RUNS = 300
LEAST_RATIO = 3
MOST_ONLINE_MS = 1.0
TOLERANCE = 1e-9
MET = {True: "reached", False: "missed"}
SUMS = ("weight", "score", "square", "spread", "positive", "negative")
CONTENDERS = {
    "ours": "ours",
    "kept": "  with the layout kept",
    "polars": "polars",
    "less": "  without caps and layers",
    "read": "reading the columns once",
}


class Run(NamedTuple):
    """What a contender took, and the most memory it had."""

    seconds: float
    megabytes: float


def main() -> None:
    """Print a table a size, the online figure, then the goals."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=float, nargs="+", default=[1e6, 1e7])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--contender", choices=[*CONTENDERS, "online"], help=argparse.SUPPRESS)
    parser.add_argument("--result", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.contender:
        print(json.dumps(contend(arguments.contender, int(arguments.sizes[0]), arguments.result)))
        return
    ratios, differences = [], []
    for size in map(int, arguments.sizes):
        runs, difference = contest(size, arguments.rounds)
        show(size, runs)
        ratios.append(runs["polars"].seconds / runs["ours"].seconds)
        differences.append(difference)
    online = [json.loads(started("online", int(arguments.sizes[0]), None)) for _ in range(arguments.rounds)]
    goals(ratios, differences, online)


def contest(size: int, rounds: int) -> tuple[dict[str, Run], float]:
    """Return how each contender did, and by how much polars and ours differ at most."""
    seconds: dict[str, list[float]] = defaultdict(list)
    memory: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(rounds):
            for name in CONTENDERS:
                said = json.loads(started(name, size, Path(folder) / f"{name}.npy"))
                seconds[name] += said["seconds"]
                memory[name] = said["megabytes"]
        ours, theirs = (np.load(Path(folder) / f"{name}.npy") for name in ("ours", "polars"))
    return {name: Run(statistics.median(seconds[name]), memory[name]) for name in CONTENDERS}, float(
        np.max(np.abs(ours - theirs) / np.maximum(1.0, np.abs(ours)))
    )


def started(name: str, size: int, result: Path | None) -> str:
    """Return what a contender says that runs in a process of its own, with one thread."""
    command = [sys.executable, "-P", __file__, "--contender", name, "--sizes", str(size)]
    command += ["--result", str(result)] if result else []
    one = {"POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    return subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ | one).stdout


def contend(name: str, size: int, result: Path | None) -> dict[str, Any]:
    """Do what a contender does twice after a warm-up, and say what that took."""
    if name == "online":
        return online(size)
    signals = drawn(size)
    work = prepared(name, signals)
    sums = work()
    if result and sums is not None:
        np.save(result, sums)
    seconds = [timed(work) for _ in range(2)]
    return {"seconds": seconds, "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def prepared(name: str, signals: CodedSignals) -> Callable[[], "np.ndarray[Any, Any] | None"]:
    """Return the work of a contender, over arrays that are there already."""
    if name == "read":
        columns = [getattr(signals, column) for column in signals.__dataclass_fields__ if column != "tickers"]
        arrays = [column for column in columns if column is not None]
        return lambda: [array.sum() for array in arrays] and None
    if name == "ours":
        return lambda: flat(aggregate(signals, NOW))
    if name == "kept":
        layout = lay_out(signals)
        return lambda: flat(aggregate(layout, NOW))
    frame = framed(signals)
    return lambda: by_polars(frame, full=name == "polars")


def timed(work: Callable[[], object]) -> float:
    """Return the CPU seconds of a call."""
    before = time.process_time()
    work()
    return time.process_time() - before


def drawn(size: int) -> CodedSignals:
    """Return random signals: every ticker has its own stories, told within two days, most of them by a few sources."""
    chance = np.random.default_rng(7)
    story = chance.integers(0, max(size // REPORTS_A_STORY, 1), size)
    told = chance.random(story.max() + 1)[story] * (SPAN - timedelta(days=2)).total_seconds()
    known = NOW.timestamp() - SPAN.total_seconds() + told + chance.random(size) * timedelta(days=2).total_seconds()
    order = np.argsort(known)
    story, known = story[order], known[order]
    floats = {name: chance.random(size) for name in ("strength", "confidence", "novelty", "quality", "relevance")}
    return CodedSignals(
        tickers=tuple(f"T{number:03}" for number in range(TICKERS)),
        ticker=(story % TICKERS).astype(np.int32),
        story=(story // TICKERS).astype(np.int32),
        source=(chance.random(size) ** 2 * SOURCES).astype(np.int32),
        layer=chance.integers(0, len(Layer), size).astype(np.int8),
        bucket=chance.integers(0, len(HalfLife), size).astype(np.int8),
        direction=chance.random(size) * 2.0 - 1.0,
        credibility=chance.uniform(0.1, 1.5, size),
        known_at=known,
        **floats,
    )


def flat(table: Any) -> "np.ndarray[Any, Any]":  # noqa: ANN401 - a TrendTable
    """Return the sums of a table in the order in which polars' are put."""
    evidence = table.evidence
    by_layer = (evidence.cell_weight.sum(axis=3), evidence.cell_score.sum(axis=3))
    sums = np.stack([getattr(evidence, name) for name in SUMS], axis=2)
    return np.concatenate((sums, *by_layer, evidence.top_share[:, :, None]), axis=2)


# ------------------------------------------------------------------------------------------------ polars


def framed(signals: CodedSignals) -> "pl.DataFrame":
    """Return the same arrays as a frame, without a copy."""
    import polars as pl

    columns = {name: getattr(signals, name) for name in signals.__dataclass_fields__ if name != "tickers"}
    return pl.DataFrame({name: column for name, column in columns.items() if column is not None})


def by_polars(frame: "pl.DataFrame", *, full: bool) -> "np.ndarray[Any, Any] | None":
    """Return the sums of every ticker in every window; without caps and layers where not all is asked for."""
    import polars as pl

    worth = pl.col("strength") * pl.col("confidence") * pl.col("credibility") * pl.col("quality") * pl.col("relevance")
    layers = [PRIOR.company, PRIOR.macro, PRIOR.competitive]
    rates = [1.0 / bucket.span.total_seconds() for bucket in HalfLife]
    novelty = PRIOR.novelty_floor + (1.0 - PRIOR.novelty_floor) * pl.col("novelty")
    query = frame.lazy().select(
        "ticker",
        "source",
        "layer",
        "direction",
        story=pl.col("ticker").cast(pl.Int64) * 2**32 + pl.col("story"),
        age=NOW.timestamp() - pl.col("known_at"),
        rate=replaced("bucket", rates),
        born=worth * replaced("layer", layers) * novelty,
    )
    signals = query.collect()
    every = pl.DataFrame({"ticker": np.arange(TICKERS, dtype=np.int32)})
    found = [one_window(signals, window, full=full) for window in Window]
    tables = [every.join(frame, on="ticker", how="left").fill_null(0.0).drop("ticker").to_numpy() for frame in found]
    return np.stack(tables, axis=1) if full else None


def replaced(column: str, values: list[float]) -> "pl.Expr":
    """Return the value that stands for each code."""
    import polars as pl

    return pl.col(column).replace_strict(list(range(len(values))), values, return_dtype=pl.Float64)


def one_window(signals: "pl.DataFrame", window: Window, *, full: bool) -> "pl.DataFrame":
    """Return one row a ticker for a window."""
    import polars as pl

    halvings = pl.col("age") * (pl.col("rate") + 1.0 / window.half_life.total_seconds())
    weight = pl.col("born") * (halvings * -np.log(2.0)).exp()
    counting = signals.lazy().filter(pl.col("age") <= window.length.total_seconds())
    told = counting.select("ticker", "source", "layer", "direction", "story", w=weight).collect()
    gain = (1.0 + PRIOR.source_gain * pl.col("sources").log()).clip(upper_bound=PRIOR.story_cap)
    said = (pl.col("w") * pl.col("direction")).sum()
    scales = (
        told.lazy()
        .group_by("story")
        .agg(total=pl.col("w").sum(), strongest=pl.col("w").max(), sources=pl.col("source").n_unique(), said=said)
    )
    scales = scales.with_columns(scale=pl.col("strongest") * gain / pl.col("total"))
    if not full:
        return summed(
            scales.select("story", weight=pl.col("scale") * pl.col("total"), score=pl.col("scale") * pl.col("said"))
        )
    scale = scales.select("story", "scale").collect()
    folded = told.join(scale, on="story", how="left").with_columns(w=pl.col("w") * pl.col("scale"))
    return capped(folded)


def capped(folded: "pl.DataFrame") -> "pl.DataFrame":
    """Return one row a ticker: the sums over its stories once sources are capped, those by layer, and the top share."""
    import polars as pl

    shares = folded.group_by("ticker", "source").agg(pl.col("w").sum())
    shares = shares.with_columns(share=pl.col("w") / pl.col("w").sum().over("ticker"))
    factors = shares.select("ticker", "source", factor=(PRIOR.source_cap / pl.col("share")).clip(upper_bound=1.0))
    weight = pl.col("w") * pl.col("factor")
    clipped = folded.join(factors, on=["ticker", "source"], how="left").select(
        "story", "ticker", "layer", weight=weight, score=weight * pl.col("direction")
    )
    sums = [pl.col("weight").sum(), pl.col("score").sum()]
    by_layer = clipped.group_by("ticker", "layer").agg(sums).pivot("layer", index="ticker", sort_columns=True)
    top = shares.group_by("ticker").agg(top_share=pl.col("share").max())
    return summed(clipped.lazy().group_by("story").agg(sums)).join(by_layer, on="ticker").join(top, on="ticker")


def summed(stories: "pl.LazyFrame") -> "pl.DataFrame":
    """Return the six sums over a ticker's stories."""
    import polars as pl

    weight, score = pl.col("weight"), pl.col("score")
    by_ticker = stories.group_by(ticker=(pl.col("story") // 2**32).cast(pl.Int32))
    return by_ticker.agg(
        weight=weight.sum(),
        score=score.sum(),
        square=(weight * weight).sum(),
        spread=(score * score / weight).sum(),
        positive=score.clip(lower_bound=0.0).sum(),
        negative=(-score).clip(lower_bound=0.0).sum(),
    ).collect()


# ------------------------------------------------------------------------------------------------ online


def online(size: int) -> dict[str, Any]:
    """Return the median milliseconds of a recomputation of one ticker, and how far it is from that of all at most."""
    signals = drawn(size)
    table = aggregate(signals, NOW)
    difference = 0.0
    for ticker in range(0, TICKERS, 100):
        own = columns(signals, np.flatnonzero(signals.ticker == ticker))
        for at, trend in enumerate(recompute(signals.tickers[ticker], own, NOW, {}).trends):
            for name in ("score", "confidence", "p_sign", "n_eff", "contradiction"):
                difference = max(difference, abs(getattr(trend, name) - getattr(table, name)[ticker, at]))
    few = columns(signals, np.flatnonzero(signals.ticker == 0)[-ONLINE_ROWS:])
    taken = sorted(timed(lambda: recompute("T000", few, NOW, {})) for _ in range(ONLINE_RUNS))
    wall = sorted(clocked(lambda: recompute("T000", few, NOW, {})) for _ in range(ONLINE_RUNS))
    return {
        "rows": len(few.id),
        "cpu": statistics.median(taken) * 1e3,
        "wall": statistics.median(wall) * 1e3,
        "least": taken[0] * 1e3,
        "difference": difference,
    }


def clocked(work: Callable[[], object]) -> float:
    """Return the seconds of a call."""
    before = time.perf_counter()
    work()
    return time.perf_counter() - before


def columns(signals: CodedSignals, members: "np.ndarray[Any, Any]") -> SignalColumns:
    """Return some of the signals as the store would give them."""
    layers, buckets = tuple(Layer), tuple(HalfLife)
    names = ("direction", "strength", "confidence", "credibility", "novelty", "quality", "relevance", "known_at")
    return SignalColumns(
        id=[f"00000000-0000-0000-0000-{number:012}" for number in members.tolist()],
        layer=[layers[code] for code in signals.layer[members].tolist()],
        half_life=[buckets[code] for code in signals.bucket[members].tolist()],
        source=[f"source {code}" for code in signals.source[members].tolist()],
        cluster_id=[f"00000000-0000-0000-0001-{code:012}" for code in signals.story[members].tolist()],
        event_type=["product"] * members.size,
        **{name: getattr(signals, name)[members].tolist() for name in names},
    )


# ------------------------------------------------------------------------------------------------ what is printed


def show(size: int, runs: dict[str, Run]) -> None:
    """Print how each contender did."""
    floor, peer = runs["read"].seconds, runs["polars"].seconds
    print(f"{size:.0e} signals, {TICKERS} tickers, 5 windows")
    print(f"{'':28}{'CPU s':>9}{'M signals/s':>13}{'x polars':>10}{'x reading':>11}{'MB':>8}")
    for name, run in runs.items():
        rate = size / run.seconds / 1e6
        relative = f"{peer / run.seconds:10.1f}{run.seconds / floor:11.1f}"
        print(f"{CONTENDERS[name]:28}{run.seconds:9.3f}{rate:13.1f}{relative}{run.megabytes:8,.0f}")


def goals(ratios: list[float], differences: list[float], online: list[dict[str, Any]]) -> None:
    """Print what was to be reached."""
    worst, most = min(ratios), max(differences)
    cpu, wall = (statistics.median(run[kind] for run in online) for kind in ("cpu", "wall"))
    least = min(run["least"] for run in online)
    apart = max(run["difference"] for run in online)
    print(f"goal: at least {LEAST_RATIO} x polars at every size: {worst:.1f}: {MET[worst >= LEAST_RATIO]}")
    print(f"goal: polars' figures to {TOLERANCE:.0e}: {most:.1e}: {MET[most <= TOLERANCE]}")
    rows = online[0]["rows"]
    print(
        f"goal: one ticker of {rows:,} rows in under {MOST_ONLINE_MS:g} ms: {cpu:.2f} of CPU "
        f"(least {least:.2f}), {wall:.2f} of time: "
        f"{MET[cpu < MOST_ONLINE_MS]}"
    )
    print(f"goal: one ticker as in the table of all, to {TOLERANCE:.0e}: {apart:.1e}: {MET[apart <= TOLERANCE]}")


if __name__ == "__main__":
    main()
