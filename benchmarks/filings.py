"""How well and how fast filings are split into their items, beside edgartools in the same run.

    python -P benchmarks/filings.py --recorded DIR [--edgartools HOME] [--rounds 2] [--only WORD]

Recall: the sections that were expected by hand (2023); for 2024 and 2025, where nobody has, each is held to what the
other finds. Agreement: four-word shingles of the items that both find. Time: CPU seconds from bytes to items with their
texts, interleaved, each in a process of its own that has everything loaded; where we would ask edgartools too, its time
is added to ours. Memory: what a fresh process grows by at its peak, as a multiple of the file; 4 MB of that are the
parser's own, whatever the file. edgartools has an environment of its own under HOME, which is made once.
"""

import argparse
import json
import re
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence, Set as AbstractSet
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

sys.path.append(str(Path(__file__).parent))  # behind the standard library, one of whose modules is called as one here

from peers.environments import HOME, Peer, pins, prepare

EDGARTOOLS = Peer("edgartools", "edgartools", 1.0, "edgartools")
CORE = {"10-K": ("1", "1A", "7", "8"), "10-Q": ("I-1", "I-2", "II-1A"), "20-F": ("3", "4", "5"), "8-K": ()}
LEAST_RATIO, MOST_MEMORY = 20, 10
SAME = 0.95  # of the shingles: the same text but for how a table is written
MET = {True: "reached", False: "missed"}
_WORD = re.compile(r"\w+")
_SHINGLE = 4
_LARGE = 12  # times that the middle of the largest filing comes in the synthetic one


class Filing(NamedTuple):
    """A recorded filing, and the items that are expected of it where somebody has listed them."""

    file: Path
    form: str
    expected: frozenset[str] = frozenset()


class Took(NamedTuple):
    """What one of both made of a filing: items with their texts, and the CPU seconds of each round."""

    items: dict[str, str]
    seconds: list[float]


class Program:
    """One of both in a process of its own."""

    def __init__(self, tool: str, python: Path) -> None:
        """Start it and wait until it is ready."""
        program = Path(__file__).parent / "peers" / "programs" / "split_filings.py"
        home = {"HOME": str(python.parent), "EDGAR_LOCAL_DATA_DIR": str(python.parent)}
        self._process = subprocess.Popen(
            [str(python), "-B", str(program), tool],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=home if tool == "edgartools" else None,
        )
        self.resident: int = self._answer()["resident"]

    def ask(self, filing: Filing, times: int = 1) -> dict[str, Any]:
        """Return what it says of a filing."""
        print(
            json.dumps({"file": str(filing.file), "form": filing.form, "times": times}),
            file=self._process.stdin,
            flush=True,
        )
        return self._answer()

    def end(self) -> None:
        """Let it end."""
        self._process.communicate()

    def _answer(self) -> dict[str, Any]:
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line:
            raise SystemExit("a program ended without an answer")
        answer: dict[str, Any] = json.loads(line)
        return answer


def main() -> None:
    """Print recall, agreement, time and memory, then the goals."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recorded", type=Path, required=True, help="folder of recorded inputs")
    parser.add_argument("--edgartools", type=Path, default=HOME, metavar="HOME", help="where its environment is kept")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--only", default="", metavar="WORD", help="the filings that have this in their path")
    arguments = parser.parse_args()
    pythons = {"ours": Path(sys.executable), "edgartools": prepare(EDGARTOOLS, arguments.edgartools)}
    found = [one for one in filings(arguments.recorded / "filings-html") if arguments.only in str(one.file)]
    took = measured(found, pythons, arguments.rounds)
    print(f"{len(found)} filings, {arguments.rounds} rounds; edgartools {pins(EDGARTOOLS) or 'of its lock'}")
    recalls = print_recall(found, took)
    ratio = print_times(found, took)
    most = print_memory(found, pythons["ours"])
    ours, theirs = recalls
    print(f"goal: recall of expected sections at least edgartools' {theirs:.3f}: {ours:.3f}: {MET[ours >= theirs]}")
    print(f"goal: at least {LEAST_RATIO} times as fast in the median: {ratio:.1f}: {MET[ratio >= LEAST_RATIO]}")
    print(f"goal: memory under {MOST_MEMORY} times the file: {most:.1f}: {MET[most < MOST_MEMORY]}")


def filings(folder: Path) -> Iterator[Filing]:
    """Yield the recorded filings: those with expected sections, the large ones, and those of other forms and eras."""
    for file in sorted(folder.glob("2023-with-sections/*/*/*/primary-document.html.gz")):
        form = file.parts[-4]
        listed = json.loads((file.parent / "expected-top-level-sections.json").read_text())
        # One of no characters is expected to be absent.
        expected = frozenset(_code(one["identifier"]) for one in listed if one["character_count"])
        yield Filing(file, form, expected)
    for file in sorted(folder.glob("2024-2025/*.html.gz")):
        yield Filing(file, "10-Q" if "-10-q-" in file.name else "10-K")
    for file in sorted(folder.glob("parity/*/*.html.gz")):
        yield Filing(file, file.parts[-2])
    for file in sorted(folder.glob("8-K/*.html.gz")):
        yield Filing(file, "8-K")


def _code(identifier: str) -> str:
    """Return ``II-1A`` for ``part2item1a``."""
    found = re.fullmatch(r"part([12])item(\w+)", identifier)
    return f"{'I' * int(found.group(1))}-{found.group(2).upper()}" if found else identifier


def measured(found: Sequence[Filing], pythons: dict[str, Path], rounds: int) -> dict[str, list[Took]]:
    """Return what both make of every filing, one after the other."""
    took: dict[str, list[Took]] = {tool: [Took({}, []) for _ in found] for tool in pythons}
    with ExitStack() as stack:
        programs = {tool: stack.enter_context(running(tool, python)) for tool, python in pythons.items()}
        for _ in range(rounds):
            for index, filing in enumerate(found):
                for tool, program in programs.items():
                    answer = program.ask(filing)
                    took[tool][index].items.update(answer["items"])
                    took[tool][index].seconds.append(answer["seconds"])
    return took


@contextmanager
def running(tool: str, python: Path) -> Iterator[Program]:
    """Have a program while inside."""
    program = Program(tool, python)
    try:
        yield program
    finally:
        program.end()


def print_recall(found: Sequence[Filing], took: dict[str, list[Took]]) -> tuple[float, float]:
    """Print who finds what, and return both recalls of the sections that were expected."""
    labelled = [index for index, filing in enumerate(found) if filing.expected]
    expected = sum(len(found[index].expected) for index in labelled) or 1
    hits = {tool: sum(len(found[at].expected & took[tool][at].items.keys()) for at in labelled) for tool in took}
    said = f"ours {hits['ours']}, edgartools {hits['edgartools']}"
    print(f"\nof {expected} expected sections of {len(labelled)} filings: {said}")
    for name, folder in (("10-K and 10-Q of 2024 and 2025", "2024-2025"), ("8-K", "8-K"), ("three eras", "parity")):
        chosen = [at for at, one in enumerate(found) if at not in labelled and folder in one.file.parts[-3:-1]]
        print_proxy(
            name, [(took["ours"][at].items.keys() - {""}, took["edgartools"][at].items.keys()) for at in chosen]
        )
    wanted = [(at, item) for at, one in enumerate(found) for item in CORE[one.form]]
    core = {tool: sum(item in took[tool][at].items for at, item in wanted) for tool in took}
    print(f"core items: ours {core['ours']}, edgartools {core['edgartools']} of {len(wanted)}")
    alike = [
        likeness(ours.items[item], theirs.items[item])
        for ours, theirs in zip(took["ours"], took["edgartools"], strict=True)
        for item in ours.items.keys() & theirs.items.keys()
    ]
    close = sum(one > SAME for one in alike) / len(alike)
    middle = statistics.median(alike)
    print(f"texts of {len(alike)} items that both find: {middle:.3f} alike in the median, over {SAME} in {close:.0%}")
    return hits["ours"] / expected, hits["edgartools"] / expected


def print_proxy(name: str, both: Sequence[tuple[AbstractSet[str], AbstractSet[str]]]) -> None:
    """Print how much each finds of what the other finds."""
    ours, theirs = sum(len(one) for one, _ in both), sum(len(other) for _, other in both)
    common = sum(len(one & other) for one, other in both)
    print(f"{name}: of edgartools' {theirs} items we find {common}, of our {ours} it finds {common}")


def likeness(one: str, other: str) -> float:
    """Return the share of four-word shingles that two texts have in common."""
    sets = []
    for text in (one, other):
        words = _WORD.findall(text.lower())
        sets.append({tuple(words[at : at + _SHINGLE]) for at in range(max(1, len(words) - _SHINGLE + 1))})
    return len(sets[0] & sets[1]) / len(sets[0] | sets[1])


def print_times(found: Sequence[Filing], took: dict[str, list[Took]]) -> float:
    """Print seconds a filing of annual and quarterly reports, and return how much faster ours is in the median."""
    rows, asked = [], 0
    for index, filing in enumerate(found):
        ours, theirs = (statistics.median(took[tool][index].seconds) for tool in ("ours", "edgartools"))
        falls_back = "" in took["ours"][index].items
        asked += falls_back
        if filing.form in {"10-K", "10-Q"}:
            rows.append((ours + theirs * falls_back, theirs))
    ours, theirs = (statistics.median(column) for column in zip(*rows, strict=True))
    means = [statistics.fmean(column) for column in zip(*rows, strict=True)]
    ratios = sorted(theirs / ours for ours, theirs in rows)
    print(f"\nCPU seconds of {len(rows)} annual and quarterly reports")
    print(f"  median: ours {ours:.3f}, edgartools {theirs:.3f}; mean: ours {means[0]:.3f}, edgartools {means[1]:.3f}")
    print(f"  ratio a report: {ratios[0]:.1f} to {ratios[-1]:.1f}, median {statistics.median(ratios):.1f}")
    print(f"  we would ask edgartools about {asked} of all {len(found)} filings")
    return theirs / ours


def print_memory(found: Sequence[Filing], python: Path) -> float:
    """Print by how much a fresh process grows, and return the most as a multiple of a file of our days."""
    reports = [filing for filing in found if filing.form in {"10-K", "10-Q"}]
    grown = {True: list[float](), False: list[float]()}
    for filing in reports:
        with running("ours", python) as program:
            answer = program.ask(filing)
        grown["parity" not in filing.file.parts].append(answer["grown"] / answer["bytes"])
    with running("ours", python) as program:
        answer = program.ask(max(reports, key=lambda filing: filing.file.stat().st_size), _LARGE)
        resident = program.resident
    size, peak, last = answer["bytes"] / 1e6, answer["peak"] / 1e6, answer["grown"] / answer["bytes"]
    print("\nmemory by which a fresh process grows, times the file")
    print(f"  {len(grown[True])} reports with inline XBRL: median {statistics.median(grown[True]):.1f}, "
          f"most {max(grown[True]):.1f}")  # fmt: skip
    print(
        f"  a synthetic one of {size:.1f} MB: {last:.1f}; peak {peak:.0f} MB, {resident / 1e6:.0f} MB before it began"
    )
    print(f"  {len(grown[False])} older ones: {', '.join(f'{one:.1f}' for one in grown[False])}\n")
    return max(*grown[True], last)


if __name__ == "__main__":
    main()
