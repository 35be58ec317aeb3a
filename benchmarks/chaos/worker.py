"""Stages in a process of their own, as `stonks work` runs them; one stage's process may kill itself at a moment.

python -m benchmarks.chaos.worker STAGE... [--point inside --nth 40]
"""

import argparse
import asyncio
import sys

import typer

from benchmarks.chaos.trap import Point, Trap, Turns, tell, trapped
from stonks.app import open_app, open_servers
from stonks.cli.session import run, stop_on_signal
from stonks.runtime.logs import configure_logs
from stonks.runtime.pipeline import run_stages
from stonks.settings import read_settings


def main() -> None:
    """Run until SIGTERM, or until the moment has come."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stages", nargs="+")
    parser.add_argument("--point", type=Point)
    parser.add_argument("--nth", type=int, default=1)
    arguments = parser.parse_args()
    try:
        run(work({stage: Trap(arguments.point, arguments.nth) for stage in arguments.stages}))
    except typer.Exit as end:
        sys.exit(end.exit_code)


async def work(traps: dict[str, Trap]) -> None:
    """Run each stage with a trap of its own; at an orderly end tell how many moments of each kind passed."""
    stop = stop_on_signal()
    settings = read_settings()
    configure_logs(settings.log_level)
    async with open_servers(settings) as servers, open_app(settings, servers, follows=True) as app, app.clock.follow():
        runs = [
            run_stages([stage], trapped(app.ports, trap), Turns(app.clock, trap, polls=stage.every is not None), stop)
            for stage in app.stages
            if (trap := traps.get(stage.name)) is not None
        ]
        await asyncio.gather(*runs)
    tell(passed={stage: trap.passed for stage, trap in traps.items()})


if __name__ == "__main__":
    main()
