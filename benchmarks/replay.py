"""How fast the whole pipeline replays three months of recorded news: documents a second, and where the time goes.

    python -P benchmarks/replay.py --recorded DIR [--runs 3]

Builds the tape once, replays it in a fresh process and data directory each run, and prints the median.
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
from pathlib import Path

STONKS = [sys.executable, "-m", "stonks"]


def main() -> None:
    """Print one line a run and the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recorded", type=Path, required=True, help="folder of recorded inputs")
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        tape = Path(scratch) / "tape"
        subprocess.run([*STONKS, "tape", "build", "--from", str(arguments.recorded), str(tape)], check=True)
        runs = [played(tape, Path(scratch) / f"run-{number}") for number in range(arguments.runs)]
    report(runs)


def played(tape: Path, data: Path) -> dict[str, object]:
    """Replay a tape into an empty directory and return its outcome with the CPU seconds it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.monotonic()
    done = subprocess.run(
        [*STONKS, "replay", "--tape", str(tape), "--data", str(data), "--exit", "--json"],
        check=True,
        stdout=subprocess.PIPE,
        env=os.environ | {"STONKS_LOG_LEVEL": "warning"},
    )
    wall = time.monotonic() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    outcome: dict[str, object] = json.loads(done.stdout) | {"wall": wall, "cpu": cpu}
    documents = sum(outcome["summary"]["documents"].values())
    print(f"{documents} documents  {wall:.1f} s with start and stop  {outcome['seconds']} s playing  {cpu:.1f} s CPU")
    return outcome


def report(runs: list[dict[str, object]]) -> None:
    """Print the medians, and the share of the playing time each stage was open in the median run."""
    middle = sorted(runs, key=lambda run: run["seconds"])[len(runs) // 2]
    documents = sum(middle["summary"]["documents"].values())
    seconds = statistics.median(run["seconds"] for run in runs)
    print(f"median: {documents / seconds:.0f} documents/s, {seconds:.1f} s for {documents}; goal 60 s")
    digests = {run["summary"]["digest"] for run in runs}
    print(f"digests: {'equal' if len(digests) == 1 else 'DIFFERENT'} ({', '.join(sorted(digests))})")
    for stage, spent in sorted(middle["seconds_by_stage"].items(), key=lambda pair: -pair[1]):
        print(f"  {spent / middle['seconds']:6.1%}  {stage}")


if __name__ == "__main__":
    main()
