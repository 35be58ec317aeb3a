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
    from stonks.api.answers.system import UiConfig

_WORDS = {"queue", "reason", "state", "last error"}
_WIDTH = 120  # columns where there is no terminal


def status(*, as_json: AsJson = False, data: Data = None) -> None:
    """Print mode and clock, every queue with its age, documents by status, and sources by freshness."""
    run(_status(as_json=as_json, data=data))


async def _status(*, as_json: bool, data: Data) -> None:
    import msgspec

    from stonks.api.standing import pipeline, ui_config
    from stonks.app import open_ports
    from stonks.settings import read_settings

    async with open_ports(read_settings(data_dir=data)) as ports:
        shell, standing = await ui_config(ports), await pipeline(ports)
    if as_json:
        typer.echo(msgspec.json.encode({"system": shell, "pipeline": standing}))
        return
    from rich.console import Console

    console = Console(highlight=False, width=None if sys.stdout.isatty() else _WIDTH)
    console.print(headline(shell))
    for table in (queues(standing), documents(standing), sources(standing)):
        console.print(table)


def headline(shell: "UiConfig") -> str:
    """Return mode, clock and account in one line."""
    replay = shell.replay
    if replay is None:
        return f"[bold]{shell.mode}[/] account {shell.account}, {shell.now:%Y-%m-%d %H:%M:%S} UTC"
    where = "finished" if replay.finished_at else f"{replay.progress:.0%}, at {replay.stage}"
    return f"[bold]{shell.mode}[/] {replay.tape}: {shell.now:%Y-%m-%d %H:%M:%S} UTC ({where}), account {shell.account}"


def queues(standing: "Pipeline") -> "Table":
    """Return a row a queue in pipeline order; a stage without one stands alone."""
    table = _table("stage", "queue", "waiting", "in flight", "delayed", "dead", "oldest", "done 5m", "done")
    for stage in standing.stages:
        for queue in stage.queues:
            table.add_row(stage.stage, queue.queue, *_figures(queue))
        if not stage.queues:
            turn = f"last turn {stage.last_polled_at:%Y-%m-%d %H:%M}" if stage.last_polled_at else ""
            table.add_row(stage.stage, f"[dim]{turn}[/]")
    return table


def _figures(queue: "QueueState") -> "Iterable[str]":
    age = "" if queue.oldest_age_seconds is None else f"{queue.oldest_age_seconds:.0f} s"
    dead = f"[red]{queue.dead}[/]" if queue.dead else "0"
    counts = (str(queue.waiting), str(queue.in_flight), str(queue.delayed), dead, age)
    return (*counts, str(queue.done_last_5m), str(queue.done_total))


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
        age = "never" if row.age_seconds is None else f"{row.age_seconds / 60:.0f} min"
        table.add_row(row.name, state, age, str(row.runs), str(row.stored), row.last_error or "")
    return table


def _table(first: str, *others: str) -> "Table":
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column(first, no_wrap=True)
    for name in others:
        table.add_column(name, no_wrap=name == "queue", justify="left" if name in _WORDS else "right")
    return table
