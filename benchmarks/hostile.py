"""What documents that are built to exhaust a parser cost it: CPU seconds and memory of the child that reads them.

    python -m benchmarks.hostile [--only WORDS] [--share 1.0]

Every attack gets a child of its own, which has read two ordinary documents before, so that loading packages is not
counted. CPU is user and system time of the child over the whole parse stage: decoding, guard, text, metadata, mentions
among the S&P 500, language, quality, items and the signature for duplicates. Memory is the peak of its resident set,
and how much that is above what it held before. Then the same child has to read an ordinary document. Ends with 1 where
an attack needs more than 2 s or 600 MB, ends in another state than it should, or takes the child down.
"""

import argparse
import asyncio
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from stonks.model.errors import Crashed
from stonks.runtime.pool import ChildPool
from stonks.stages.parser.core.reader import packed, read
from stonks.stages.scheduler.listing import sp500
from tests.fakes.attacks import SENTENCE, Attack, attacks
from tests.fakes.extractions import make_document

MOST_CPU, MOST_MEMORY = 2.0, 600  # seconds, MB
TICK = os.sysconf("SC_CLK_TCK")
KB_A_MB = 1024
PLAIN = SENTENCE * 4
FOREIGN = "Boeing hat im März mehr Flugzeuge ausgeliefert, als die Fachleute an der Börse erwartet hatten. " * 4


@dataclass(frozen=True)
class Cost:
    """What one attack came to."""

    end: str
    flags: str
    cpu: float
    peak: float
    grown: float
    alive: bool


def main() -> None:
    """Print one line an attack, then whether all keep to the limits."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="attacks whose name has these words")
    parser.add_argument("--share", type=float, default=1.0, help="of each attack's size")
    arguments = parser.parse_args()
    print(f"{'attack':34} {'bytes':>10} {'CPU s':>6} {'peak MB':>7} {'grown':>6} {'next':>5}  end state")
    good = total = 0
    for attack in attacks(arguments.share):
        if arguments.only not in attack.name:
            continue
        cost = asyncio.run(cost_of(attack))
        kept = cost.cpu <= MOST_CPU and cost.peak <= MOST_MEMORY and cost.alive and cost.end in attack.ends
        good, total = good + kept, total + 1
        print(
            f"{attack.name:34} {len(attack.raw):10,} {cost.cpu:6.2f} {cost.peak:7.0f} {cost.grown:6.0f} "
            f"{'read' if cost.alive else 'DEAD':>5}  {cost.end}{cost.flags}{'' if kept else '   <-- missed'}",
            flush=True,
        )
    print(f"goal: at most {MOST_CPU:.0f} s and {MOST_MEMORY} MB, in a named state, child alive: {good} of {total}")
    sys.exit(good < total)


async def cost_of(attack: Attack) -> Cost:
    """Return what a child of the real pool needs for one attack."""
    universe = packed(list(sp500()))
    async with ChildPool.opened(slots=1) as pool:
        for content_type, text in (("text/html", f"<html><body><p>{PLAIN}"), ("text/plain", FOREIGN)):
            await pool.run(read, make_document(content_type=content_type), text.encode(), universe)
        (child,) = pool.pids
        (proc(child) / "clear_refs").write_text("5")
        held, before = memory(child, "VmRSS"), cpu(child)
        try:
            found = await pool.run(read, attack.document, attack.raw, universe)
        except Crashed as crash:
            return Cost(str(crash)[:100], "", float("nan"), float("nan"), float("nan"), alive=False)
        used, peak = cpu(child) - before, memory(child, "VmHWM")
        ordinary = await pool.run(read, make_document(content_type="text/plain"), PLAIN.encode(), universe)
    end = found.parsed.status + (f": {found.parsed.status_reason}" if found.parsed.status_reason else "")
    flags = f" ({', '.join(found.parsed.flags)})" if found.parsed.flags else ""
    return Cost(end, flags, used, peak, peak - held, alive=ordinary.parsed.status == "parsed")


def proc(pid: int) -> Path:
    """Return where the kernel tells of a process."""
    return Path("/proc") / str(pid)


def cpu(pid: int) -> float:
    """Return seconds of user and system time."""
    fields = (proc(pid) / "stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def memory(pid: int, name: str) -> float:
    """Return one of the kernel's figures on a process's memory, in MB."""
    lines = (proc(pid) / "status").read_text().splitlines()
    return next(int(line.split()[1]) / KB_A_MB for line in lines if line.startswith(f"{name}:"))


if __name__ == "__main__":
    main()
