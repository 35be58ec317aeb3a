"""The kill campaign in small: what `make chaos` does, on one day of the bundled tape."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
DAY = "2025-04-17"
STAGES = (
    "scheduler ingestion parser extractor aggregation recommendation trading broker lake_publisher notifications"
).split()
OUTSIDE = ["FLUSHALL", "valkey", "postgres", "supervisor", "driver"]


def test_nothing_is_lost_or_done_twice_when_every_stage_and_every_server_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks.chaos", "--kills", "1", "--seed", "3", "--lease", "PT1S"]
    command += ["--from", DAY, "--to", DAY, "--keep", str(tmp_path / "campaign"), "--outside", *OUTSIDE]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)

    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    met = dict(re.findall(r"^(\w+) .*?(\d+) +\d+ +\d+ +\d+ +\d+ +(?:-|\d+\.\d s)", done.stdout, re.MULTILINE))
    assert [kind for kind in [*STAGES, *OUTSIDE] if int(met.get(kind, 0)) < 1] == []
