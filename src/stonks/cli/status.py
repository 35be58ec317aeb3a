"""``stonks status``: where the pipeline stands, once."""

import sys
from typing import TYPE_CHECKING

import typer

from stonks.cli.options import AsJson, Data
from stonks.cli.session import run

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.table import Table

    from stonks.api.answers.pipeline import Pipeline, QueueState
    from stonks.api.answers.system import Health, UiConfig

_WORDS = {"queue", "reason", "state", "last error"}
_WIDTH = 100  # columns where there is no terminal


def status(*, as_json: AsJson = False, data: Data = None) -> None:
    """Print mode, health, every queue with its age and counters, documents by status, and sources by freshness."""
    run(_status(as_json=as_json, data=data))


async def _status(*, as_json: bool, data: Data) -> None:
    import msgspec

    from stonks.api.health import Readiness
    from stonks.api.standing import pipeline, ui_config
    from stonks.app import open_ports
    from stonks.settings import read_settings

    async with open_ports(read_settings(data_dir=data)) as ports:
        health, shell, standing = await Readiness(ports, {}).health(), await ui_config(ports), await pipeline(ports)
    if as_json:
        typer.echo(msgspec.json.encode({"system": shell, "health": health, "pipeline": standing}))
        return
    from rich.console import Console

    console = Console(highlight=False, width=None if sys.stdout.isatty() else _WIDTH)
    console.print(headline(shell))
    console.print(soundness(health, standing))
    for table in (queues(standing), counters(standing), documents(standing), sources(standing)):
        console.print(table)


def headline(shell: "UiConfig") -> str:
    """Return mode, clock and account in one line."""
    replay = shell.replay
    if replay is None:
        return f"[bold]{shell.mode}[/] account {shell.account}, {shell.now:%Y-%m-%d %H:%M:%S} UTC"
    where = "finished" if replay.finished_at else f"{replay.progress:.0%}, at {replay.stage}"
    return f"[bold]{shell.mode}[/] {replay.tape}: {shell.now:%Y-%m-%d %H:%M:%S} UTC ({where}), account {shell.account}"


def soundness(health: "Health", standing: "Pipeline") -> str:
    """Return whether each server answers and somebody reconciles, in one line."""
    told = []
    for check in health.checks:
        how = f"{check.milliseconds:.0f} ms" if check.ok else f"[red]{check.detail}[/]"
        told.append(f"{check.name} {how}")
    look = standing.reconciler
    if look is None:
        told.append("nobody has reconciled yet")
    else:
        ago = f"{_span(look.age_seconds)} ago"
        told.append(f"reconciled {ago}" if look.holds else f"[yellow]reconciled {ago}: no stage runs[/]")
    return ", ".join(told)


def queues(standing: "Pipeline") -> "Table":
    """Return a row a queue in pipeline order; a stage without one stands alone."""
    table = _table("stage", "queue", "waiting", "held", "delayed", "dead", "oldest", "in 5 m", "done")
    for stage in standing.stages:
        for queue in stage.queues:
            table.add_row(stage.stage, queue.queue, *_figures(queue))
        if not stage.queues:
            turn = f"last turn {stage.last_polled_at:%Y-%m-%d %H:%M}" if stage.last_polled_at else ""
            table.add_row(stage.stage, f"[dim]{turn}[/]")
    return table


def _figures(queue: "QueueState") -> "Iterable[str]":
    age = "" if queue.oldest_age_seconds is None else _span(queue.oldest_age_seconds)
    dead = f"[red]{queue.dead}[/]" if queue.dead else "0"
    counts = (str(queue.waiting), str(queue.in_flight), str(queue.delayed), dead, age)
    return (*counts, str(queue.done_last_5m), str(queue.done_total))


def counters(standing: "Pipeline") -> "Table":
    """Return what happened to the jobs of each queue since its server's memory began, and how long jobs take."""
    table = _table("queue", "delivered", "retried", "reclaimed", "lost", "died", "lease left", "took p50", "p95")
    for queue in (queue for stage in standing.stages for queue in stage.queues):
        counts = (queue.delivered, queue.retried, queue.reclaimed, queue.lost, queue.died)
        spans = (queue.lease_left_seconds, queue.took_p50_seconds, queue.took_p95_seconds)
        table.add_row(queue.queue, *map(str, counts), *("" if span is None else _span(span) for span in spans))
    return table


def _span(seconds: float) -> str:
    """Return a span as people say it: 4 ms, 12 s, 3 min, 5 h."""
    size = abs(seconds)
    if size < 1:
        return f"{seconds * 1000:.0f} ms"
    for limit, unit, name in ((120, 1, "s"), (7200, 60, "min"), (172_800, 3600, "h")):
        if size < limit:
            return f"{seconds / unit:.0f} {name}"
    return f"{seconds / 86_400:.0f} d"


def documents(standing: "Pipeline") -> "Table":
    """Return how many documents stand where."""
    table = _table("documents", "reason", "count")
    for row in standing.documents:
        table.add_row(row.status, row.reason or "", str(row.documents))
    return table


def sources(standing: "Pipeline") -> "Table":
    """Return a row a source, late ones marked; a recorded one has no cadence to keep."""
    table = _table("source", "state", "age", "runs a day", "stored", "last error")
    fresh = "fresh" if standing.replay is None else "replayed"
    for row in standing.sources:
        state = "paused" if row.paused else "[red]late[/]" if row.late else fresh
        age = "never" if row.age_seconds is None else _span(row.age_seconds)
        table.add_row(row.name, state, age, str(row.runs), str(row.stored), row.last_error or "")
    return table


def _table(first: str, *others: str) -> "Table":
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column(first, no_wrap=True)
    for name in others:
        table.add_column(name, no_wrap=name == "queue", justify="left" if name in _WORDS else "right")
    return table
