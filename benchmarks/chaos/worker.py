"""One stage in a process of its own, exactly as `stonks work` runs it, that kills itself at a chosen moment.

python -m benchmarks.chaos.worker STAGE [--point inside --nth 40]
"""

import argparse
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
    parser.add_argument("stage")
    parser.add_argument("--point", type=Point)
    parser.add_argument("--nth", type=int, default=1)
    arguments = parser.parse_args()
    try:
        run(work(arguments.stage, Trap(arguments.point, arguments.nth)))
    except typer.Exit as end:
        sys.exit(end.exit_code)


async def work(name: str, trap: Trap) -> None:
    """Run the stage; at an orderly end tell how many moments of each kind passed."""
    stop = stop_on_signal()
    settings = read_settings()
    configure_logs(settings.log_level)
    async with open_servers(settings) as servers, open_app(settings, servers, follows=True) as app, app.clock.follow():
        (stage,) = (stage for stage in app.stages if stage.name == name)
        barrier = Turns(app.clock, trap, polls=stage.every is not None)
        await run_stages([stage], trapped(app.ports, trap), barrier, stop)
    tell(passed=trap.passed)


if __name__ == "__main__":
    main()
