"""How well and how fast texts that are alike are found, beside datasketch in the same run.

    python -P benchmarks/duplicates.py --recorded DIR [--rounds 3] [--peers DIR]

Texts are recorded news and articles, and of each article copies with 2 to 20 % of their words changed. What is alike is
known exactly: the Jaccard similarity of every two texts' three-word shingles. Found is what shares a band and whose
signatures agree by half; datasketch is shown as it is, and with the same check of signatures. Speed is texts a CPU
second from text to answer, shingling, signature, bands and comparison, each contender in a process of its own, in turn.
"""

import argparse
import gzip
import json
import random
import re
import statistics
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

sys.path.append(str(Path(__file__).parent))  # behind the standard library, one of whose modules is called as one here

from peers.environments import HOME, Peer, pins, prepare

from stonks.model.errors import Malformed
from stonks.stages.parser.core.page import read_page

PROGRAM = Path(__file__).parent / "peers" / "programs" / "near_duplicates.py"
DATASKETCH = Peer("datasketch", "datasketch", 1.0, "datasketch")
CONTENDERS = {
    "ours": "ours",
    "datasketch": "datasketch MinHashLSH",
    "verified": "  with signatures compared",
}
CHANGED = (0.02, 0.05, 0.1, 0.2)
WORD = re.compile(r"\w+")
LEVELS = (0.5, 0.7)
LEAST_RATIO = 4
MET = {True: "reached", False: "missed"}

Pair = tuple[int, int]


class Score(NamedTuple):
    """How a contender did; recall for each level, precision for the lowest."""

    recall: dict[float, float]
    precision: float
    rate: float


def main() -> None:
    """Print a table, then the goals."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recorded", type=Path, required=True, help="folder of recorded inputs")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peers", type=Path, default=HOME, metavar="DIR", help="where peers' environments are kept")
    arguments = parser.parse_args()
    texts = [*news(arguments.recorded), *copied(list(articles(arguments.recorded)))]
    random.Random(7).shuffle(texts)
    truth = alike(texts)
    python = prepare(DATASKETCH, arguments.peers)
    pythons = {name: Path(sys.executable) if name == "ours" else python for name in CONTENDERS}
    scores = contest(pythons, texts, truth, arguments.rounds)
    counts = ", ".join(f"{sum(j >= level for j in truth.values())} pairs of J >= {level}" for level in LEVELS)
    print(f"{len(texts)} texts, {sum(map(len, texts)) / 1e6:.1f} M characters; {counts}; {pins(DATASKETCH)}")
    print(f"{'':28}{'recall J>=.5':>13}{'recall J>=.7':>13}{'precision':>11}{'texts/CPU s':>13}")
    for name, score in scores.items():
        low, high = score.recall.values()
        print(f"{CONTENDERS[name]:28}{low:13.3f}{high:13.3f}{score.precision:11.3f}{score.rate:13,.0f}")
    goals(scores)


def goals(scores: dict[str, Score]) -> None:
    """Print what was to be reached against datasketch as it is."""
    ours, theirs = scores["ours"], scores["datasketch"]
    ratio = ours.rate / theirs.rate
    no_lower = all(ours.recall[level] >= theirs.recall[level] for level in LEVELS)
    print(f"goal: at least {LEAST_RATIO} x datasketch: {ratio:.1f}: {MET[ratio >= LEAST_RATIO]}")
    print(f"goal: no lower recall: {MET[no_lower]}")
    print(f"goal: no lower precision: {MET[ours.precision >= theirs.precision]}")


def news(recorded: Path) -> Iterator[str]:
    """Yield headlines with their summaries."""
    with gzip.open(recorded / "djia-2025/news_finnhub.jsonl.gz", "rt") as lines:
        for item in map(json.loads, lines):
            yield f"{item['title']}\n\n{item['description'] or ''}"


def articles(recorded: Path) -> Iterator[str]:
    """Yield the texts of pages that have some."""
    files = [
        *recorded.glob("articles-trafilatura-en/html/*.gz"),
        *recorded.glob("articles-readability/*/source.html.gz"),
    ]
    for file in sorted(files):
        try:
            body = read_page(gzip.decompress(file.read_bytes()), "").body
        except Malformed:
            continue
        if body:
            yield body


def copied(originals: Sequence[str]) -> Iterator[str]:
    """Yield each text, and copies of it in which some words are another text's."""
    chance = random.Random(42)
    words = [word for text in originals for word in text.split()]
    for text in originals:
        yield text
        for share in CHANGED:
            yield " ".join(chance.choice(words) if chance.random() < share else word for word in text.split())


def alike(texts: Sequence[str]) -> dict[Pair, float]:
    """Return the exact similarity of every two texts that reach the lowest level."""
    shingled = [shingles(text) for text in texts]
    having: dict[str, list[int]] = defaultdict(list)
    common: Counter[Pair] = Counter()
    for number, own in enumerate(shingled):
        for shingle in own:
            common.update((other, number) for other in having[shingle])
            having[shingle].append(number)
    similarities = {
        pair: both / (len(shingled[pair[0]]) + len(shingled[pair[1]]) - both) for pair, both in common.items()
    }
    return {pair: similarity for pair, similarity in similarities.items() if similarity >= LEVELS[0]}


def shingles(text: str) -> set[str]:
    """Return each run of three words."""
    words = WORD.findall(text.lower())
    return {" ".join(words[at : at + 3]) for at in range(max(1, len(words) - 2))}


def contest(pythons: dict[str, Path], texts: Sequence[str], truth: dict[Pair, float], rounds: int) -> dict[str, Score]:
    """Return how each contender did, its rate the median over rounds in which they take turns."""
    seconds: dict[str, list[float]] = defaultdict(list)
    found: dict[str, set[Pair]] = {}
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
        file.writelines(json.dumps(text) + "\n" for text in texts)
        file.flush()
        for _ in range(rounds):
            for name, python in pythons.items():
                command = [str(python), "-P", str(PROGRAM), name, file.name]
                answer = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
                seconds[name] += answer["seconds"]
                found[name] = {(one, other) for one, other in answer["pairs"]}
    return {name: scored(found[name], truth, len(texts) / statistics.median(seconds[name])) for name in pythons}


def scored(found: set[Pair], truth: dict[Pair, float], rate: float) -> Score:
    """Return how much of the truth was found, and how much of what was found is true."""
    recall = {}
    for level in LEVELS:
        wanted = {pair for pair, similarity in truth.items() if similarity >= level}
        recall[level] = len(found & wanted) / len(wanted)
    return Score(recall, len(found & truth.keys()) / len(found), rate)


if __name__ == "__main__":
    main()
