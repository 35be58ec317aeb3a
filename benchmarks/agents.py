"""What language models are worth to the pipeline, and what bad ones do to it: the bundled tape with and without them.

    python -P benchmarks/agents.py [--runs wrong,faulty] [--share 0.3] [--seed 7] [--to 2025-04-30]
    python -P benchmarks/agents.py --runs small [--tokens 20000]

Plays the tape without a model, then once for each of the runs: "wrong" asks the tests' server, which answers well but
for a share of its calls, in which the answer is wrong; "faulty" has every other fault too, as errors and cut lines;
"small" asks a real model of 135 million weights on one core, installed once into benchmarks/.peers, until half of the
tokens are spent: what comes later is read by the rules. Of each run: what came of the questions, tokens, latency, dead
letters, and the orders beside those without a model.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg

sys.path.append(str(Path(__file__).parent))  # behind the standard library, one of whose modules is called as one here

from peers.environments import HOME, Peer, prepare

from stonks.app import open_servers
from stonks.settings import Settings

ROOT = Path(__file__).parent.parent
NICE = ["nice", "-n", "10"]
SMALL = Peer("smollm2", "SmolLM2 135M, llama.cpp on one core", 1.0, "smollm2")
PATIENCE = "PT4M"  # what a model on two cores needs for one answer
UNBOUNDED = "1000000000"
WRONG = (
    "wrong_nonce",
    "invented_quote",
    "changed_number",
    "unknown_candidate",
    "truncated_head",
    "length",
    "thinking_text",
    "broken_json",
)
"""Faults of what the model says, not of its server."""

QUESTIONS = """
    SELECT agent, outcome, count(*) AS count
    FROM llm_calls AS call
    WHERE NOT EXISTS (
        SELECT FROM llm_calls AS later
        WHERE later.cache_key = call.cache_key AND later.agent = call.agent AND later.attempt = call.attempt + 1
          AND later.called_at = call.called_at AND call.attempt > 0
    )
    GROUP BY agent, outcome
"""
COSTS = """
    SELECT agent, count(*) FILTER (WHERE milliseconds IS NOT NULL) AS calls, coalesce(sum(tokens_in), 0) AS tokens_in,
           coalesce(sum(tokens_out), 0) AS tokens_out,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY milliseconds) AS p50,
           percentile_cont(0.95) WITHIN GROUP (ORDER BY milliseconds) AS p95
    FROM llm_calls GROUP BY agent ORDER BY agent
"""
REASONS = """
    SELECT agent, verdict ->> 'check' AS check, left(verdict ->> 'detail', 70) AS detail, count(*) AS count
    FROM llm_calls, jsonb_array_elements(verdicts) AS verdict
    WHERE NOT (verdict ->> 'passed')::boolean
    GROUP BY 1, 2, 3 ORDER BY count DESC, 1, 2, 3 LIMIT 12
"""
QUOTES = """
    SELECT d.normalized_sha256 AS sha256, quote ->> 'quote' AS quote, (quote ->> 'start')::int AS start,
           (quote ->> 'end')::int AS end
    FROM (
        SELECT document_id, evidence FROM document_impact_records
        UNION ALL
        SELECT document_id, evidence FROM global_events
    ) AS row
    JOIN documents AS d ON d.id = row.document_id
    CROSS JOIN jsonb_array_elements(row.evidence) AS quote
"""
OUTCOMES = ("accept", "repair", "cached", "reject", "degraded")


class Played(NamedTuple):
    """One run: what the replay says of itself, and what its tables say of models."""

    summary: dict[str, Any]
    seconds: float
    questions: dict[str, dict[str, int]]
    costs: list[dict[str, Any]]
    reasons: list[dict[str, Any]]
    quotes: tuple[int, int]
    """Stored quotes, and those that are not verbatim."""


def main() -> None:
    """Play the tape two or three times and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", default="wrong,faulty", help="of wrong, faulty and small, by commas")
    parser.add_argument("--share", type=float, default=0.3, help="of the calls of the tests' server")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--tokens", type=int, default=20_000, help="twice what the real model may be asked for at once")
    parser.add_argument("--to", help="last day of the tape that is played")
    parser.add_argument("--peers", type=Path, default=HOME, help="where the real model's environment is kept")
    arguments = parser.parse_args()
    until = ["--to", arguments.to] if arguments.to else []
    with tempfile.TemporaryDirectory() as scratch:
        rules = play(Path(scratch) / "rules", until, {})
        print(f"without a model: {line(rules)}", flush=True)
        for name in arguments.runs.split(","):
            with asked(name, arguments) as settings:
                report(name, play(Path(scratch) / name, until, settings), rules)


@contextmanager
def asked(run: str, arguments: argparse.Namespace) -> Iterator[dict[str, str]]:
    """Run the server of a run while inside, and give the settings to ask it with."""
    if run == "small":
        with small(arguments.peers) as url:
            tokens = {"STONKS_LLM_TOKENS_PER_MINUTE": UNBOUNDED, "STONKS_LLM_TOKENS_PER_DAY": str(arguments.tokens)}
            yield {"STONKS_LLM_URL": url, "STONKS_LLM_PATIENCE": PATIENCE} | tokens
        return
    with tests_server(WRONG if run == "wrong" else ("all",), arguments.share, arguments.seed) as url:
        yield {
            "STONKS_LLM_URL": url,
            "STONKS_LLM_TOKENS_PER_MINUTE": UNBOUNDED,
            "STONKS_LLM_TOKENS_PER_DAY": UNBOUNDED,
        }


@contextmanager
def tests_server(faults: Sequence[str], share: float, seed: int) -> Iterator[str]:
    """Run the tests' server while inside."""
    options = [word for fault in faults for word in ("--fault", fault)]
    options += ["--share", str(share), "--seed", str(seed), "--delay", "1"]
    with program([sys.executable, "-m", "tests.fakes.ollama", *options]) as said:
        yield f"ollama://{said['url'].removeprefix('http://')}/{said['model']}"


@contextmanager
def small(peers: Path) -> Iterator[str]:
    """Run the real model while inside."""
    with program([*NICE, str(prepare(SMALL, peers)), str(SMALL.program)]) as said:
        yield f"openai+{said['url']}/v1?model={said['model']}"


@contextmanager
def program(command: list[str]) -> Iterator[dict[str, Any]]:
    """Run a server while inside, and give what it says of itself in its first line."""
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            yield json.loads(process.stdout.readline() if process.stdout else b"")
        finally:
            process.terminate()


def play(data: Path, until: list[str], settings: dict[str, str]) -> Played:
    """Replay the bundled tape into a directory, then look at what it left."""
    started = time.monotonic()
    done = subprocess.run(
        [*NICE, sys.executable, "-m", "stonks", "replay", "--data", str(data), "--exit", "--json", *until],
        check=False,  # a dead letter is a figure of the report
        stdout=subprocess.PIPE,
        env=os.environ | {"STONKS_LOG_LEVEL": "warning"} | settings,
    )
    seconds = time.monotonic() - started
    return asyncio.run(looked(data, json.loads(done.stdout)["summary"], seconds))


async def looked(data: Path, summary: dict[str, Any], seconds: float) -> Played:
    """Read what a finished replay left in its database and its objects."""
    async with open_servers(Settings(data_dir=data), durable=False, shared=False) as servers:
        connection = await asyncpg.connect(servers.database_url)
        try:
            questions: dict[str, dict[str, int]] = {}
            for row in await connection.fetch(QUESTIONS):
                questions.setdefault(row["agent"], {})[row["outcome"]] = row["count"]
            costs = [dict(row) for row in await connection.fetch(COSTS)]
            reasons = [dict(row) for row in await connection.fetch(REASONS)]
            quotes = [dict(row) for row in await connection.fetch(QUOTES)]
        finally:
            await connection.close()
    wrong = sum(not is_verbatim(data, quote) for quote in quotes)
    return Played(summary, seconds, questions, costs, reasons, (len(quotes), wrong))


def is_verbatim(data: Path, quote: dict[str, Any]) -> bool:
    """Whether a stored quote stands in its document's text at its offsets."""
    sha256 = quote["sha256"]
    text = (data / "objects" / "normalized" / "sha256" / sha256[:2] / sha256[2:]).read_text("utf-8")
    return text[quote["start"] : quote["end"]] == quote["quote"]


def line(played: Played) -> str:
    """Return one run in a line."""
    summary = played.summary
    return (
        f"{sum(summary['documents'].values())} documents in {played.seconds:.0f} s,"
        f" {sum(summary['orders'].values())} orders,"
        f" {summary['fills']} fills, {summary['dead_letters']} dead letters, digest {summary['digest'][:12]},"
        f" {played.quotes[0]} quotes of which {played.quotes[1]} are not verbatim"
    )


def report(name: str, played: Played, rules: Played) -> None:
    """Print one run: its questions by what came of them, what they cost, and what it did to the orders."""
    print(f"\n{name}: {line(played)}")
    same = "the same" if played.summary["digest"] == rules.summary["digest"] else "other"
    print(f"  decisions {same} as without a model; orders {rules.summary['orders']} -> {played.summary['orders']}")
    print(f"  {'agent':20} {'questions':>9} " + " ".join(f"{outcome:>9}" for outcome in OUTCOMES))
    for agent, outcomes in sorted(played.questions.items()):
        total = sum(outcomes.values())
        shares = " ".join(f"{outcomes.get(outcome, 0) / total:9.1%}" for outcome in OUTCOMES)
        print(f"  {agent:20} {total:9} {shares}")
    for cost in played.costs:
        latency = "no answers" if cost["p50"] is None else f"p50 {cost['p50']:.0f} ms, p95 {cost['p95']:.0f} ms"
        tokens = f"{cost['tokens_in']} tokens in, {cost['tokens_out']} out"
        print(f"  {cost['agent']:20} {cost['calls']} answers, {tokens}, {latency}")
    print("  what failed most:")
    for reason in played.reasons:
        print(f"    {reason['count']:5}  {reason['agent']}, {reason['check']}: {reason['detail']}")


if __name__ == "__main__":
    main()
