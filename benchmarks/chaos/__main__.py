"""Whether anything is lost or happens twice when processes and servers are killed while a tape plays.

    python -m benchmarks.chaos [--recorded DIR | --tape DIR] [--kills 20] [--seed 1] [--from DAY --to DAY]

Plays the tape once in peace and once more while the worker of every stage is killed with SIGKILL at drawn moments
(before the handler, inside, between effect and acknowledgement, after it), workers, driver and supervisor from outside,
PostgreSQL and Valkey with kill -9, and Valkey is wiped. Then every row of every table and every file is compared. Ends
with 1 if anything was lost, happened twice, or ended by itself. Run it from the repository's root.
"""

import argparse
import asyncio
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.chaos.campaign import Wish, campaign
from benchmarks.chaos.fleet import STAGES, Hopeless
from benchmarks.chaos.storm import KINDS
from benchmarks.chaos.table import lines


def main() -> int:
    """Print what is done, how far it is, and the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    tape = parser.add_mutually_exclusive_group()
    tape.add_argument("--recorded", type=Path, metavar="DIR", help="folder of recorded inputs, to build the tape from")
    tape.add_argument("--tape", type=Path, metavar="DIR", help="directory of a tape; default: the bundled one")
    parser.add_argument("--from", dest="start", metavar="DAY", help="first day, such as 2025-04-14")
    parser.add_argument("--to", dest="end", metavar="DAY", help="last day")
    parser.add_argument("--kills", type=int, default=20, help="of each stage, and wipes; half as many of each server")
    parser.add_argument("--stages", nargs="*", choices=STAGES, default=list(STAGES), help="whose workers die by plan")
    parser.add_argument("--outside", nargs="*", choices=KINDS, default=KINDS, help="what is done from outside")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10_000), help="default: any")
    parser.add_argument("--lease", default="PT2S", help="how soon a dead worker's jobs come back")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="where to leave databases and logs; must not exist")
    arguments = parser.parse_args()
    if arguments.keep is not None:
        return run(arguments, arguments.keep)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        return run(arguments, Path(scratch))


def run(arguments: argparse.Namespace, scratch: Path) -> int:
    """Run a campaign in a directory and print it; 0 when nothing was lost and nothing happened twice."""
    scratch.mkdir(parents=True, exist_ok=True)
    start = ("--from", arguments.start) if arguments.start else ()
    end = ("--to", arguments.end) if arguments.end else ()
    again = " ".join([*sys.argv[1:], *([] if "--seed" in sys.argv else ["--seed", str(arguments.seed)])])
    print(f"to repeat: python -m benchmarks.chaos {again}")
    print("compared with an undisturbed run: every row of every table, every file, and the digest of decisions")
    tape = arguments.tape and arguments.tape.absolute()
    if arguments.recorded is not None:
        tape = scratch.absolute() / "tape"
        command = [sys.executable, "-m", "stonks", "tape", "build", "--from", str(arguments.recorded), str(tape)]
        subprocess.run(command, check=True)
    wish = Wish(
        scratch=scratch.absolute(),
        tape=tape,
        span=(*start, *end),
        stages=arguments.stages,
        outside=arguments.outside,
        kills=arguments.kills,
        seed=arguments.seed,
        lease=arguments.lease,
    )
    try:
        verdict = asyncio.run(campaign(wish))
    except ExceptionGroup as group:
        hopeless = group.subgroup(Hopeless)
        if hopeless is None:
            raise
        print(f"gave up: {hopeless.exceptions[0]}; --keep DIR leaves the logs")
        return 1
    print("\n".join(lines(verdict)))
    return 0 if verdict.holds else 1


if __name__ == "__main__":
    sys.exit(main())
