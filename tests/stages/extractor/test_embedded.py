import hashlib
import json
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from stonks.model.document import DocumentType, Role
from stonks.stages.extractor.core.entities import places_of
from stonks.stages.extractor.core.extract import Article, Named, extract
from stonks.stages.extractor.embedded import REPORT, WEIGHTS, read_article, shipped
from tests.fakes.articles import make_article

CORE = files("stonks.stages.extractor.core")

PROGRAM = """
from tests.fakes.articles import make_article
from stonks.stages.extractor.embedded import read_article
found = read_article(make_article("Apple rallies 5% as Boeing, Visa slide on weak demand; Amazon may cut jobs"))
print(found.sentiments)
"""


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    told: dict[str, Any] = json.loads(CORE.joinpath(REPORT).read_text())
    return told


def test_the_weights_are_those_of_the_report_and_small(report: dict[str, Any]) -> None:
    data = CORE.joinpath(WEIGHTS).read_bytes()

    assert hashlib.sha256(data).hexdigest() == report["sha256"]
    assert len(data) == report["bytes"] < 1_000_000


def test_the_report_is_of_the_header_of_the_weights(report: dict[str, Any]) -> None:
    header = shipped().header

    assert report["header"] == {
        "version": header.version,
        "features": header.features,
        "scale": header.scale,
        "bias": list(header.bias),
        "temperature": header.temperature,
        "sign_temperature": header.sign_temperature,
    }
    assert header.version == read_article(make_article("Boeing falls")).extractor_version


def test_the_report_keeps_what_was_promised_of_headlines_not_trained_on(report: dict[str, Any]) -> None:
    held_out = report["held out"]

    assert held_out["all"]["macro-F1"] >= 0.83
    assert held_out["several"]["macro-F1"] >= 0.80
    assert held_out["calibration error"] < 0.03
    assert sum(fold["entities"] for fold in held_out["folds"]) == held_out["all"]["entities"]


def test_every_process_reads_the_same() -> None:
    root = Path(__file__).parents[3]
    command = [sys.executable, "-c", PROGRAM]

    said = {
        subprocess.run(command, check=True, capture_output=True, cwd=root, env={"PYTHONHASHSEED": seed}).stdout
        for seed in ("1", "2")
    }

    assert len(said) == 1
    assert b"BA" in said.pop()


@pytest.mark.recorded
@pytest.mark.parametrize(("name", "points"), [("headline", 0.05), ("post", 0.05)])
def test_of_opinions_not_trained_on_more_signs_are_right_than_by_rules_alone(
    recorded: Path, name: str, points: float
) -> None:
    entries = json.loads((recorded / f"labelled/fiqa/task1_{name}_ABSA_train.json").read_text())
    with_model, rules_alone, count = 0, 0, 0
    for entry in entries.values():
        opinions = {info["target"]: float(info["sentiment_score"]) for info in entry["info"]}
        asked = article(entry["sentence"], list(opinions))
        scores = {one.ticker: one.score for one in read_article(asked).sentiments}
        rules = {one.ticker: one.direction for one in extract(asked).impacts}
        for target, value in opinions.items():
            count += bool(value)
            with_model += scores.get(target, 0.0) * value > 0
            rules_alone += rules.get(target, 0.0) * value > 0

    assert count > 300
    assert (with_model - rules_alone) / count > points


def article(text: str, names: list[str]) -> Article:
    places = places_of(text, names)
    return Article(
        text=text,
        body_start=len(text),
        document_type=DocumentType.NEWS,
        cluster_id=UUID(int=0),
        named=tuple(Named(ticker=name, role=Role.PRIMARY, spans=places.get(name, ())) for name in names),
    )
