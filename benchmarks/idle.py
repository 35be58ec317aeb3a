"""What `stonks up` costs while there is nothing to do: CPU seconds and memory of its whole process tree.

    python -P benchmarks/idle.py [--minutes 5]

Has `stonks up` play the first two days of the bundled tape, waits until no child of the pool is left, and measures. CPU
is user and system time of every process, those that ended included; memory is PSS, which counts a page that several
processes share once. Ends with 1 above 3 % of one core or 500 MB.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

STONKS = [sys.executable, "-m", "stonks"]
END = "2025-04-02T04:00:00Z"
MOST_CPU = 0.03  # of one core
MOST_MEMORY = 500  # MB
TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Usage:
    """What one process has used and holds; its CPU includes that of its children that have ended."""

    name: str
    parent: int
    cpu: float
    pss: float
    rss: float


def main() -> None:
    """Print one line a kind of process, and the total."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5)
    minutes = parser.parse_args().minutes
    with tempfile.TemporaryDirectory() as scratch:
        tape, data = short_tape(Path(scratch) / "tape"), Path(scratch) / "data"
        up = [*STONKS, "up", "--data", str(data), "--port", "0", "--speed", "1000"]
        settings = os.environ | {"STONKS_SOURCES_URL": f"tape://{tape}"}
        with subprocess.Popen(up, stdout=subprocess.PIPE, env=settings, text=True) as process:
            try:
                wait_until_quiet(process)
                before, started = usages(process.pid), time.monotonic()
                time.sleep(minutes * 60)
                after, seconds = usages(process.pid), time.monotonic() - started
            finally:
                process.terminate()
    sys.exit(report(before, after, seconds))


def short_tape(directory: Path) -> Path:
    """Make a tape of the bundled one's first days, and return it."""
    bundled = Path(str(files("stonks.tapes"))) / "april-2025"
    shutil.copytree(bundled, directory)
    manifest = (directory / "manifest.toml").read_text()
    (directory / "manifest.toml").write_text(re.sub(r"(?m)^end = .*", f"end = {END}", manifest))
    return directory


def wait_until_quiet(process: "subprocess.Popen[str]") -> None:
    """Return when the tape is played and everything has had time to settle."""
    for line in process.stdout or ():
        if line.startswith("The tape has come to its end"):
            break
    time.sleep(20)
    while any(usage.name == "pool child" for usage in usages(process.pid).values()):
        time.sleep(1)


def usages(root: int) -> dict[int, Usage]:
    """Return every process of a tree by its id."""
    found = {}
    for pid in tree(root):
        try:
            found[pid] = usage(pid)
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def tree(root: int) -> Iterator[int]:
    """Yield a process and all that descend from it."""
    children = defaultdict(list)
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            children[int(fields(stat)[1])].append(int(stat.parent.name))
        except FileNotFoundError:
            continue
    waiting = [root]
    while waiting:
        yield (pid := waiting.pop())
        waiting.extend(children[pid])


def fields(stat: Path) -> list[str]:
    """Return the fields after the name, which may itself have blanks and brackets."""
    return stat.read_text().rpartition(")")[2].split()


def usage(pid: int) -> Usage:
    """Return what a process has used."""
    folder = Path(f"/proc/{pid}")
    stat = fields(folder / "stat")
    ticks = sum(map(int, stat[11:15]))
    kilobytes = {}
    for line in (folder / "smaps_rollup").read_text().splitlines()[1:]:
        key, amount = line.split()[:2]
        kilobytes[key] = int(amount)
    return Usage(name_of(folder), int(stat[1]), ticks / TICK, kilobytes["Pss:"] / 1024, kilobytes["Rss:"] / 1024)


def name_of(folder: Path) -> str:
    """Return what kind of process it is."""
    words = (folder / "cmdline").read_text().replace("\0", " ").split()
    line = " ".join(words)
    if line.startswith("postgres: "):
        return "postgres: connection" if "[local]" in words else line.rstrip("0123456789 ")
    for mark, name in (("/postgres ", "postgres"), ("valkey", "valkey"), ("pool_program", "pool child")):
        if mark in line:
            return name
    return "stonks" if "stonks" in line else line[:40]


def report(before: dict[int, Usage], after: dict[int, Usage], seconds: float) -> int:
    """Print the table, and return the exit code."""
    spent: dict[str, float] = defaultdict(float)
    held: dict[str, list[Usage]] = defaultdict(list)
    for pid, now in after.items():
        spent[now.name] += now.cpu - (before[pid].cpu if pid in before else 0.0)
        held[now.name].append(now)
    for pid in before.keys() - after.keys():  # its parent has all of its CPU now, also that of before
        spent[after[before[pid].parent].name] -= before[pid].cpu
    print(f"{seconds:.0f} s without work\n{'CPU s':>8} {'PSS MB':>8} {'RSS MB':>8}  processes")
    for name in sorted(held, key=lambda kind: -sum(one.pss for one in held[kind])):
        pss, rss = sum(one.pss for one in held[name]), sum(one.rss for one in held[name])
        print(f"{spent[name]:8.2f} {pss:8.1f} {rss:8.1f}  {len(held[name])} {name}")
    cpu, pss, rss = sum(spent.values()), sum(one.pss for one in after.values()), sum(one.rss for one in after.values())
    print(f"{cpu:8.2f} {pss:8.1f} {rss:8.1f}  {len(after)} in all")
    share = cpu / seconds
    print(f"{share:.2%} of one core (goal {MOST_CPU:.0%}), {pss:.0f} MB (goal {MOST_MEMORY} MB)")
    return int(share > MOST_CPU or pss > MOST_MEMORY)


if __name__ == "__main__":
    main()
