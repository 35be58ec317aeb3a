"""What becomes of every document of the recorded tape: ingestion and parser alone, then the same tape once more.

    python -P benchmarks/reading.py --recorded DIR

Prints the documents by end state and reason, the duplicates and stories, how many news items name the company that
their feed was asked for, and what a second ingestion adds whose sources have forgotten how far they were: nothing.
Ends with 1 when it adds anything.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import asyncpg
import uvloop

from stonks.app import App, Servers, log_to_file, open_app, open_servers
from stonks.cli.playing import working
from stonks.replay.build import build_djia
from stonks.replay.driver import Driver
from stonks.replay.instants import instants
from stonks.settings import Settings, read_settings

FIRST, LAST = date(2024, 12, 12), date(2025, 5, 31)
"""The days the recorded news covers, and one on either side for what a time zone moves."""
STAGES = ("scheduler", "ingestion", "parser")

BY_END = """
SELECT source, status, coalesce(status_reason, '') AS reason, count(*) AS documents
FROM documents GROUP BY source, status, reason ORDER BY source, documents DESC
"""
STORIES = """
SELECT count(*) AS parsed, count(DISTINCT story_cluster_id) AS stories,
       count(*) - count(DISTINCT story_cluster_id) AS told_again,
       count(*) FILTER (WHERE status = 'duplicate') AS exact_duplicates
FROM documents WHERE story_cluster_id IS NOT NULL
"""
NAMED = """
WITH asked AS (
    SELECT source, id, asked.ticker, mentions.ticker IS NOT NULL AS named
    FROM documents CROSS JOIN unnest(feed_tickers) AS asked (ticker)
    LEFT JOIN mentions ON document_id = id AND mentions.ticker = asked.ticker
    WHERE document_type = 'news'
), items AS (SELECT source, id, bool_or(named) AS named FROM asked GROUP BY source, id)
SELECT source, count(*) AS items, count(*) FILTER (WHERE named) AS named,
       round(100.0 * count(*) FILTER (WHERE named) / count(*)) AS percent,
       (SELECT count(*) FROM asked WHERE asked.source = items.source) AS tags,
       (SELECT count(*) FROM asked WHERE asked.source = items.source AND named) AS named_tags
FROM items GROUP BY source ORDER BY source
"""
HELD = """
SELECT (SELECT count(*) FROM documents) AS documents, (SELECT count(*) FROM mentions) AS mentions,
       (SELECT count(*) FROM document_signatures) AS signatures, (SELECT count(*) FROM bar_versions) AS bars,
       (SELECT count(*) FROM calendar_events) AS events, (SELECT count(*) FROM filings) AS filings
"""
FORGET = """
UPDATE sources SET cursor = NULL, next_run_at = NULL, asked_at = NULL, last_success_at = NULL;
UPDATE replay_clock SET now = starts_at, stage = 'waiting', finished_at = NULL;
DELETE FROM poll_turns; DELETE FROM jobs;
"""


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recorded", type=Path, required=True, help="folder of recorded inputs")
    recorded = parser.parse_args().recorded
    with tempfile.TemporaryDirectory() as scratch:
        tape = Path(scratch) / "tape"
        build_djia(recorded, tape, FIRST, LAST)
        settings = read_settings(data_dir=Path(scratch) / "data", sources_url=f"tape://{tape}", log_level="warning")
        added = uvloop.run(read_twice(settings))
    sys.exit(any(added.values()))


async def read_twice(settings: Settings) -> dict[str, int]:
    """Print what the first reading came to and what the second added; return the latter, rows by table."""
    log_to_file(settings)
    async with open_servers(settings, durable=False) as servers:
        database = await asyncpg.connect(servers.database_url)
        await read(settings, servers, "first")
        show("documents by end state", await database.fetch(BY_END))
        show("stories", await database.fetch(STORIES))
        show("news items that name the company their feed was asked for", await database.fetch(NAMED))
        (before,) = await database.fetch(HELD)
        await database.execute(FORGET)
        await read(settings, servers, "second")
        (after,) = await database.fetch(HELD)
        added = {name: after[name] - held for name, held in before.items()}
        print("\nadded by the second: ", ", ".join(f"{name} {count}" for name, count in added.items()))
        await database.close()
    return added


async def read(settings: Settings, servers: Servers, name: str) -> None:
    """Play the tape through the stages that read, and print how long it took."""
    started = time.monotonic()
    async with open_app(settings, servers) as opened:
        print(f"\n{len(opened.tape.documents)} documents on the tape")
        app = replace(opened, stages=tuple(stage for stage in opened.stages if stage.name in STAGES))
        await drive(app)
    print(f"{name} reading done after {time.monotonic() - started:.0f} s")


async def drive(app: App) -> None:
    """Move the clock through every instant of the tape."""
    driver = Driver(app.clock, app.ports.store, app.ports.queue, app.stages)
    async with working(app, barrier=app.clock):
        moments = list(instants(app.tape, app.replay.starts_at, app.replay.ends_at))
        await driver.play(moments, days_per_second=None, progress=lambda _: None)


def show(title: str, rows: Sequence[asyncpg.Record]) -> None:
    """Print rows as a table under a title."""
    print(f"\n{title}")
    lines = [list(rows[0].keys()), *(list(map(str, row.values())) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        print("  ", "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


if __name__ == "__main__":
    main()
