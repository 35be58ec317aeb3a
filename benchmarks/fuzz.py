"""Mutated pages, feeds, filings and answers given to everything that reads them, until the time is up.

    python -m benchmarks.fuzz [--minutes 10] [--first 1000] [--children 1]

Each input is made from a number, so that it can be made again: ``python -m benchmarks.fuzz --number 4711``. Inputs are
read in children of the pool, a hundred a call; a child that dies, or needs more than 20 s of CPU for a hundred, is a
finding, and its inputs are given to children of their own to find which it was. Errors of ours (Malformed and the like)
and end states are right; anything else is a crash. Prints outcomes, the slowest input and every finding, and ends with
1 where there is one.
"""

import argparse
import asyncio
import sys
import time
from collections import Counter
from datetime import timedelta

from stonks.model.errors import Crashed
from stonks.runtime.pool import ChildPool
from stonks.runtime.pool_child import Limits
from tests.fuzz.mutation import mutated
from tests.fuzz.seeds import SEEDS
from tests.fuzz.targets import Ran, run

BATCH = 100
LIMITS = Limits(cpu=timedelta(seconds=20))
SHOWN = 20


def main() -> None:
    """Run until the time is up and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--first", type=int, default=1000, help="number of the first input")
    parser.add_argument("--children", type=int, default=1)
    parser.add_argument("--number", type=int, help="print this one input and what becomes of it")
    arguments = parser.parse_args()
    if arguments.number is not None:
        print(*mutated(arguments.number), run(arguments.number, 1), sep="\n")
        return
    size = sum(map(len, SEEDS.values()))
    print(
        f"{len(SEEDS)} seeds of {size:,} bytes; {arguments.minutes:g} minutes from number {arguments.first}", flush=True
    )
    runs = asyncio.run(fuzz(arguments.first, time.monotonic() + 60 * arguments.minutes, arguments.children))
    sys.exit(report(runs))


async def fuzz(first: int, until: float, children: int) -> list[Ran]:
    """Return what became of every batch begun until an instant of the monotonic clock."""
    runs: list[Ran] = []
    async with ChildPool.opened(slots=children, limits=LIMITS) as pool:
        while time.monotonic() < until:
            starts = [first + BATCH * at for at in range(children)]
            runs += await asyncio.gather(*(batch(pool, start) for start in starts))
            first += BATCH * children
    return runs


async def batch(pool: ChildPool, first: int) -> Ran:
    """Return what became of a batch; of one that its child died of, which inputs it was."""
    try:
        return await pool.run(run, first, BATCH)
    except Crashed as together:
        deaths = []
        for number in range(first, first + BATCH):
            try:
                await pool.run(run, number, 1)
            except Crashed as crash:
                deaths.append((number, "?", str(crash)[:200]))
        return Ran(Counter(), (0.0, first, ""), tuple(deaths or [(first, "?", f"only together: {together}"[:200])]))


def report(runs: list[Ran]) -> int:
    """Print the figures and return the exit code."""
    outcomes = sum((ran.outcomes for ran in runs), Counter[str]())
    crashes = [crash for ran in runs for crash in ran.crashes]
    seconds, number, target = max(ran.slowest for ran in runs)
    by_target = Counter[str]()
    for name, count in outcomes.items():
        by_target[name.partition(":")[0]] += count
    for name, count in sorted(by_target.items()):
        kinds = sorted(one.partition(": ")[2] for one in outcomes if one.startswith(f"{name}:"))
        print(f"{name:12} {count:9,}  {', '.join(kinds)[:150]}")
    print(f"{outcomes.total():,} executions, {len(outcomes)} distinct outcomes, {len(crashes)} crashes or hangs")
    print(f"slowest: {seconds:.2f} s CPU, number {number} by {target}")
    for crash in crashes[:SHOWN]:
        print("  ", *crash)
    return 1 if crashes else 0


if __name__ == "__main__":
    main()
