"""What gets into the log and what does not."""

import json
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from stonks.runtime.logs import redacted

SECRETS = [
    ("postgresql://stonks:hunter2@db/stonks", "postgresql://stonks:***@db/stonks"),
    ("redis://:hunter2@cache:6379/0", "redis://:***@cache:6379/0"),
    ("postgresql://db/x?user=a&password=hunter2&host=b", "postgresql://db/x?user=a&password=***&host=b"),
    ("s3://KEY:sec/ret+x@bucket", "s3://KEY:***@bucket"),
    ("sent Authorization: Bearer hunter2.abc-_= twice", "sent Authorization: Bearer *** twice"),
    ("stk_k1_hunter2hunter2-_ is revoked", "stk_k1_*** is revoked"),
    ("not null\nDETAIL: Failing row contains (7, hunter2).", "not null"),
]
PLAIN = [
    "parsing:0b7c2d6e",
    "http://127.0.0.1:8787/readyz",
    "expected `object`, got `array` - at `$.a`",
    "unix:///run/x.sock?db=0",
]


CHILD = """
import sys
from pathlib import Path
import structlog
from stonks.runtime.logs import configure_logs, process_logged

configure_logs(sys.argv[1], Path(sys.argv[2]))
log = structlog.get_logger()
log.info("job.ok")
url = sys.argv[3]
try:
    raise ValueError(url + " does not answer")
except ValueError:
    log.exception("stage.waits", url=url, tries=3)
with process_logged("work", version="1", stages=["parser"], database=url):
    pass
with process_logged("up"):
    raise KeyError(url)
"""
"""Writes some lines in a process of its own: where log lines go is said once a process."""


def lines_of_a_child(level: str, file: Path) -> list[dict[str, object]]:
    child = [sys.executable, "-c", CHILD, level, str(file), "redis://:hunter2@cache"]
    subprocess.run(child, check=False, capture_output=True)
    assert "hunter2" not in file.read_text()
    return [json.loads(line) for line in file.read_text().splitlines()]


@pytest.mark.parametrize(("text", "shown"), SECRETS)
def test_passwords_keys_and_quoted_rows_are_taken_out(text: str, shown: str) -> None:
    assert redacted(text) == shown
    assert "hunter2" not in redacted(f"Traceback:\n  {text}\n\nThe above exception was the cause.")


@pytest.mark.parametrize("text", PLAIN)
def test_anything_else_stays_as_it_is(text: str) -> None:
    assert redacted(text) == text


def test_a_line_is_one_json_object_without_secrets_in_any_of_its_values(tmp_path: Path) -> None:
    ok, waits, *_ = lines_of_a_child("info", tmp_path / "log" / "stonks.jsonl")

    assert (ok["event"], ok["level"]) == ("job.ok", "info")
    assert (waits["event"], waits["url"], waits["tries"]) == ("stage.waits", "redis://:***@cache", 3)
    assert str(waits["exception"]).endswith("ValueError: redis://:***@cache does not answer")


def test_a_process_says_when_it_begins_and_how_it_ends(tmp_path: Path) -> None:
    *_, began, ended, _, failed = lines_of_a_child("info", tmp_path / "stonks.jsonl")

    assert (began["event"], began["verb"], began["stages"]) == ("process.started", "work", ["parser"])
    assert began["database"] == "redis://:***@cache"
    assert began["pid"] == ended["pid"]
    assert (ended["event"], ended["how"], failed["how"]) == ("process.ended", "done", "KeyError")


def test_what_is_less_loud_than_asked_for_is_not_written(tmp_path: Path) -> None:
    found = lines_of_a_child("warning", tmp_path / "stonks.jsonl")

    assert [line["event"] for line in found] == ["stage.waits"]


def test_a_process_outlives_a_log_that_cannot_be_written() -> None:
    child = subprocess.run([sys.executable, "-c", CHILD, "info", "/dev/full", "url"], check=False, capture_output=True)

    assert "KeyError" in child.stderr.decode()  # it got as far as its end
    assert "No space left" not in child.stderr.decode().partition("KeyError")[0]


async def test_a_row_that_postgresql_refuses_is_not_quoted(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    with pytest.raises(asyncpg.NotNullViolationError) as refused:
        await connection.execute(
            "INSERT INTO jobs (job_id, queue, subject, payload) VALUES ('a', 'q', 'private', NULL)"
        )
    await connection.close()

    assert "private" in str(refused.value)
    assert redacted(str(refused.value)).endswith("violates not-null constraint")
