"""What every program of the comparison does alike: the job, the command line, and what is noted.

    PROGRAM URL enqueue COUNT [--from NUMBER] [--every SECONDS]     put jobs on the queue, one call each
    PROGRAM URL feed                                                the same for each "FIRST COUNT" that it is told
    PROGRAM URL work CONCURRENCY COUNT WARM SERVER                  do jobs that do nothing, note rate and CPU
    PROGRAM URL live CONCURRENCY DIARY                              do jobs of 0.4 s until killed

A program says how its library does either: ``main(enqueue, work)``. Standard library only: it runs in each peer's
environment.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

Job = dict[str, Any]

_WAIT = 0.4  # seconds of a job in the kill test
_ROOT = os.getpid()  # noted before a library forks
_SAID = os.dup(1)  # what is measured goes here; what a library prints goes where errors go
os.dup2(2, 1)
_UNSTAMPED = "00000000-0000-0000"


def make_job(number: int, sent: int = 0) -> Job:
    """Return a job of 391 bytes of JSON: an id that holds when it was sent, and the kind of text that travels along."""
    stamp = f"{sent:016x}"
    return {
        "document_id": f"{stamp[:8]}-{stamp[8:12]}-{stamp[12:]}-0000-{number:012d}",
        "ticker": "AAPL",
        "title": "Apple reports quarterly results: revenue up 6 percent, services at a record, guidance unchanged",
        "url": "https://news.example.com/2025/04/30/apple-reports-results-for-its-second-fiscal-quarter-of-2025/01",
        "source": "example-newswire",
        "published_at": "2025-04-30T20:30:00Z",
        "tags": ["earnings", "guidance", "services"],
    }


def number_of(document_id: str) -> int:
    """Return which job this is."""
    return int(document_id[-12:])


class Meter:
    """The handler that does nothing: notes clocks when it is warm and at the end, and each stamped job's delay."""

    def __init__(self, total: int, warm: int, server: int) -> None:
        """Report after so many jobs, leaving out the first ones; ``server`` is the queue server's process id."""
        self._total, self._warm, self._server = total, warm, server
        self._count = count(1)
        self._delays: list[int] = []
        self._start = (0.0, 0.0, 0.0)

    def __call__(self, document_id: str) -> None:
        """Count one job."""
        if not document_id.startswith(_UNSTAMPED):
            self._delays.append(time.monotonic_ns() - int(document_id[:18].replace("-", ""), 16))
        done = next(self._count)
        if done == self._warm:
            self._start = self._clocks()
            say({"warm": True})
        elif done == self._total:
            self._report()

    async def aio(self, document_id: str) -> None:
        """Count one job, for a library whose handlers are coroutines."""
        self(document_id)

    def _clocks(self) -> tuple[float, float, float]:
        workers = sum(cpu_seconds(pid) for pid in {_ROOT, os.getpid()})
        return time.monotonic(), workers, cpu_seconds(self._server)

    def _report(self) -> None:
        names = ("seconds", "worker", "server")
        spent = {name: end - start for name, end, start in zip(names, self._clocks(), self._start, strict=True)}
        say({**spent, "jobs": self._total - self._warm, "delays": sorted(self._delays)})


class Diary:
    """The handler of the kill test: lines that survive the process, before and after a wait."""

    def __init__(self, path: str) -> None:
        """Append to this file."""
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def __call__(self, document_id: str) -> None:
        """Do one job."""
        self._write("start", document_id)
        time.sleep(_WAIT)
        self._write("done", document_id)

    async def aio(self, document_id: str) -> None:
        """Do one job, for a library whose handlers are coroutines."""
        import asyncio

        self._write("start", document_id)
        await asyncio.sleep(_WAIT)
        self._write("done", document_id)

    def _write(self, what: str, document_id: str) -> None:
        os.write(self._file, f"{what} {number_of(document_id)}\n".encode())


def cpu_seconds(pid: int) -> float:
    """Return the CPU time that a process with all its threads has taken, to the nanosecond."""
    return time.clock_gettime(~pid << 3 | 2)  # how the kernel names another process's CPU clock


def say(what: dict[str, Any]) -> None:
    """Tell whoever measures."""
    os.write(_SAID, json.dumps(what).encode() + b"\n")


Handler = Meter | Diary
Enqueue = Callable[[str, Iterator[Job]], None]
Work = Callable[[str, int, Handler], None]


def main(enqueue: Enqueue, work: Work) -> None:
    """Do what the command line asks for, in a library's way."""
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    errands = parser.add_subparsers(dest="errand", required=True)
    asked = errands.add_parser("enqueue")
    asked.add_argument("count", type=int)
    asked.add_argument("--from", dest="first", type=int, default=0)
    asked.add_argument("--every", type=float, default=0.0)
    errands.add_parser("feed")
    asked = errands.add_parser("work")
    for name in ("concurrency", "count", "warm", "server"):
        asked.add_argument(name, type=int)
    asked = errands.add_parser("live")
    asked.add_argument("concurrency", type=int)
    asked.add_argument("diary")
    told = parser.parse_args()
    match told.errand:
        case "enqueue":
            enqueue(told.url, _jobs(told.first, told.count, told.every))
        case "feed":
            enqueue(told.url, _jobs_as_told())
        case "work":
            work(told.url, told.concurrency, Meter(told.count, told.warm, told.server))
        case "live":
            work(told.url, told.concurrency, Diary(told.diary))


def _jobs_as_told() -> Iterator[Job]:
    """Yield the jobs that lines of the standard input ask for, and say when those of a line are on the queue."""
    for line in sys.stdin:
        first, number = map(int, line.split())
        for at in range(first, first + number):
            yield make_job(at)
        say({"jobs": number})


def _jobs(first: int, number: int, every: float) -> Iterator[Job]:
    """Yield jobs and note what it took from the first to the moment when the last was on the queue."""
    seconds, cpu = time.monotonic(), time.process_time()
    for at in range(first, first + number):
        if every:
            time.sleep(every)
        yield make_job(at, time.monotonic_ns() if every else 0)
    say({"seconds": time.monotonic() - seconds, "cpu": time.process_time() - cpu, "jobs": number})
