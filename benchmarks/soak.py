"""Whether a replay that is killed again and again comes to what an undisturbed one comes to.

    python benchmarks/soak.py [--minutes 30] [--seed 1] [--from 2025-04-14 --to 2025-04-17] [--tape DIR]

Plays the tape once in peace. Then, until the time is up, plays it anew with a kill -9 after a random while, goes on
from there, and compares the outcomes. Ends with 1 at the first difference or dead letter.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

STONKS = [sys.executable, "-m", "stonks"]


def main() -> int:
    """Print one line a replay and the number of lives each took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--from", dest="start", default="2025-04-14")
    parser.add_argument("--to", dest="end", default="2025-04-17")
    parser.add_argument("--tape", type=Path)
    arguments = parser.parse_args()
    tape = ["--tape", str(arguments.tape)] if arguments.tape else []
    command = [*STONKS, "replay", *tape, "--from", arguments.start, "--to", arguments.end, "--exit", "--json"]
    chance, deadline = random.Random(arguments.seed), time.monotonic() + arguments.minutes * 60
    expected, seconds, _ = played(command, None, float("inf"))
    print(f"undisturbed: {expected['digest']} in {seconds:.0f} s", flush=True)
    while time.monotonic() < deadline:
        summary, _, lives = played(command, chance, seconds)
        print(f"{lives} lives: {summary['digest']}, {summary['dead_letters']} dead letters", flush=True)
        if summary != expected:
            print(f"expected: {expected}\ngot: {summary}")
            return 1
    return 0


def played(command: list[str], chance: random.Random | None, longest: float) -> tuple[dict[str, object], float, int]:
    """Play to the end in a new directory: the summary, the seconds, and how many lives it took.

    With a chance every life but the last few ends by kill -9 after at most `longest` seconds.
    """
    started, lives = time.monotonic(), 0
    with tempfile.TemporaryDirectory() as data:
        while True:
            lives += 1
            limit = chance.uniform(0.2, longest) if chance else None
            output = lived([*command, "--data", data], limit)
            if output is not None:
                return json.loads(output)["summary"], time.monotonic() - started, lives


def lived(command: list[str], limit: float | None) -> bytes | None:
    """What one life printed, or None if it was killed at its limit."""
    environment = os.environ | {"STONKS_LOG_LEVEL": "error"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
        try:
            output, _ = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            return None
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, command)
        return output


if __name__ == "__main__":
    sys.exit(main())
