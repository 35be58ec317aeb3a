"""How a replay shows where it is, and what it came to."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec

from stonks.app import App
from stonks.replay.instants import Instant
from stonks.replay.summary import Summary


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """A summary with how long it took, in wall seconds, and where the time went."""

    summary: Summary
    seconds: float
    seconds_by_stage: dict[str, float]


@contextmanager
def bar(app: App) -> Iterator[Callable[[Instant], None]]:
    """Show a bar of virtual days on a terminal's standard error, and nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("replay", total=(app.replay.ends_at - app.replay.starts_at).total_seconds())

        def show(instant: Instant) -> None:
            done = (instant.at - app.replay.starts_at).total_seconds()
            progress.update(task, completed=done, description=f"{instant.at:%Y-%m-%d}")

        yield show


def as_json(outcome: Outcome) -> str:
    """Return an outcome as one line of JSON."""
    return msgspec.json.encode(outcome).decode()


def as_text(outcome: Outcome) -> str:
    """Return an outcome as a few aligned lines."""
    summary = outcome.summary
    groups = {
        "documents": summary.documents,
        "signals": summary.signals,
        "trends": summary.trends,
        "recommendations": summary.recommendations,
        "held back by": summary.suppressions,
        "decisions": summary.decisions,
        "orders": summary.orders,
    }
    lines = [f"{summary.tape}  {summary.starts_at:%Y-%m-%d} to {summary.ends_at:%Y-%m-%d}  in {outcome.seconds} s"]
    for title, counts in groups.items():
        lines.append(f"{title}  {sum(counts.values()) if title != 'held back by' else ''}".rstrip())
        lines += [f"  {count:>7}  {name}" for name, count in sorted(counts.items(), key=lambda pair: -pair[1])]
    lines.append(f"fills  {summary.fills}")
    lines.append(f"equity  {'unknown' if summary.equity is None else f'{summary.equity:,.2f} USD'}")
    lines.append(f"dead letters  {summary.dead_letters}")
    lines.append(f"digest  {summary.digest}")
    return "\n".join(lines)
