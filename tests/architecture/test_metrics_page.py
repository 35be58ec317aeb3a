"""Every metric stands in docs/reference/metrics.md as the code has it, and nothing else does."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.architecture.conftest import Module

KINDS = {
    "Counter": "counter",
    "CounterMetricFamily": "counter",
    "Gauge": "gauge",
    "GaugeMetricFamily": "gauge",
    "Histogram": "histogram",
}


class Metric(NamedTuple):
    name: str
    kind: str
    labels: tuple[str, ...]
    meaning: str


def in_code(modules: list[Module]) -> Iterator[Metric]:
    for module in modules:
        for call in (node for node in ast.walk(module.tree) if isinstance(node, ast.Call)):
            if isinstance(call.func, ast.Name) and call.func.id in KINDS and len(call.args) >= 2:
                yield declared(call, KINDS[call.func.id])


def declared(call: ast.Call, kind: str) -> Metric:
    """A metric as it is made: name and meaning first, then its labels, by place or by name."""
    name, meaning, *places = call.args
    named = [keyword.value for keyword in call.keywords if keyword.arg == "labels"]
    labels = [label for value in (*places[:1], *named) for label in ast.literal_eval(value)]
    suffix = "_total" if kind == "counter" else ""
    return Metric(ast.literal_eval(name) + suffix, kind, tuple(labels), ast.literal_eval(meaning).rstrip("."))


def on_the_page(text: str) -> Iterator[Metric]:
    for line in text.splitlines():
        if line.startswith("| `stonks_"):
            name, kind, labels, meaning = (cell.strip() for cell in line.strip("|").split(" | "))
            yield Metric(
                name.strip("`"), kind, tuple(label.strip("`") for label in labels.split() if label != "-"), meaning
            )


def test_the_page_has_the_metrics_of_the_code_and_no_others(root: Path, modules: list[Module]) -> None:
    code = sorted(in_code(modules))
    page = sorted(on_the_page((root / "docs/reference/metrics.md").read_text()))

    assert page == code
    assert len({metric.name for metric in code}) == len(code) >= 25


def test_no_metric_has_a_label_that_grows_with_the_data(modules: list[Module]) -> None:
    labels = {label for metric in in_code(modules) for label in metric.labels}

    assert labels <= {
        "agent",
        "direction",
        "event",
        "outcome",
        "queue",
        "server",
        "source",
        "stage",
        "status",
        "version",
    }
