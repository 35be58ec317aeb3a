"""Whether a long run keeps its memory: a replay in one process, its memory at every virtual hour.

    python -P benchmarks/memory.py [--days 2] [--tape DIR]

Plays the bundled tape's first days and prints the series: RSS and PSS of the process that runs every stage, and PSS of
its pool's children. Ends with 1 when RSS was ever more than 10 % above its value after the first hour.
"""

import argparse
import asyncio
import sys
import tempfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import uvloop

from stonks.app import App, log_to_file, open_app, open_servers, tape_of
from stonks.cli.playing import play
from stonks.replay.instants import Instant
from stonks.runtime.pool import ChildPool
from stonks.settings import Settings, read_settings

MOST_GROWTH = 0.10
HOUR = timedelta(hours=1)


@dataclass
class Series:
    """Memory in MB at the first instant of each virtual hour."""

    app: App
    start: datetime
    samples: list[float] = field(default_factory=list)

    def note(self, instant: Instant) -> None:
        """Take a sample where an hour has passed since the last."""
        if instant.at < self.start + HOUR * (len(self.samples) + 1):
            return
        resident, proportional = memory_of("self")
        pool = self.app.ports.pool
        pids = pool.pids if isinstance(pool, ChildPool) else ()
        children = sum(memory_of(str(pid))[1] for pid in pids)
        print(
            f"{instant.at:%m-%d %H:%M} {resident:8.1f} {proportional:8.1f} {children:8.1f} of {len(pids)}", flush=True
        )
        self.samples += [resident] * (int((instant.at - self.start) / HOUR) - len(self.samples))


def main() -> None:
    """Print the series and what it grew by."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=float, default=2)
    parser.add_argument("--tape", type=Path, help="directory of the tape; the bundled one unless given")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        tape = arguments.tape and f"tape://{arguments.tape.absolute()}"
        settings = read_settings(data_dir=Path(scratch), sources_url=tape, log_level="warning")
        samples = uvloop.run(played(settings, timedelta(days=arguments.days)))
    first, most = samples[0], max(samples)
    print(
        f"after the first hour {first:.1f} MB, at most {most:.1f} MB: {most / first - 1:+.1%} (goal {MOST_GROWTH:+.0%})"
    )
    sys.exit(most > first * (1 + MOST_GROWTH))


async def played(settings: Settings, span: timedelta) -> list[float]:
    """Play the tape's first days and return the samples."""
    log_to_file(settings)
    start = tape_of(settings).manifest.span.start
    async with (
        open_servers(settings, durable=False) as servers,
        open_app(settings, servers, starts_at=start, ends_at=start + span) as app,
    ):
        print("virtual        RSS      PSS   pool PSS")
        series = Series(app, start)
        await play(app, asyncio.Event(), progress=series.note)
    return series.samples


def memory_of(pid: str) -> tuple[float, float]:
    """Return RSS and PSS of a process in MB; nothing of one that has just ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    except (FileNotFoundError, ProcessLookupError):
        return 0.0, 0.0
    kilobytes = {line.split()[0]: int(line.split()[1]) for line in lines}
    return kilobytes["Rss:"] / 1024, kilobytes["Pss:"] / 1024


if __name__ == "__main__":
    main()
