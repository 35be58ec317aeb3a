"""Deaths of those who carry orders out: `python -m benchmarks.order_kills` in small."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
CASES = 5


def test_one_decision_is_one_order_whenever_the_broker_or_the_exchange_is_killed() -> None:
    command = [
        sys.executable,
        "-m",
        "benchmarks.order_kills",
        "--parts",
        "ours",
        "--sample",
        str(CASES),
        "--lanes",
        "3",
    ]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)

    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    cases, deaths = map(int, re.findall(r"^all +(\d+) +(\d+)", done.stdout, re.MULTILINE)[0])
    assert cases == CASES
    assert deaths > CASES / 2
