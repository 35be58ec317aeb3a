"""``stonks work``: some stages in a process of their own."""

from typing import Annotated

import typer

from stonks.cli.options import Data, ProbePort
from stonks.cli.session import logged, run, stop_on_signal


def work(
    stages: Annotated[list[str], typer.Argument(metavar="STAGE...", help="Stages to run, by name.")],
    data: Data = None,
    port: ProbePort = 0,
) -> None:
    """Run these stages in this process, against the servers of the settings. SIGTERM gives unfinished jobs back."""
    run(_work(stages, data, port))


async def _work(names: list[str], data: Data, port: int) -> None:
    from stonks.app import open_app, open_servers
    from stonks.cli.probing import probing
    from stonks.model.errors import Refused
    from stonks.runtime.logs import configure_logs
    from stonks.runtime.pipeline import run_stages
    from stonks.settings import read_settings

    stop = stop_on_signal()
    settings = read_settings(data_dir=data)
    configure_logs(settings.log_level)
    async with open_servers(settings) as servers, open_app(settings, servers, follows=True) as app, app.clock.follow():
        known = {stage.name: stage for stage in app.stages}
        if unknown := set(names) - known.keys():
            raise Refused(f"no stage {', '.join(sorted(unknown))}: there are {', '.join(known)}")
        async with probing(app.ports, app.telemetry, names, port) as address:
            typer.echo(f"working    {', '.join(names)}   {address}")
            with logged("work", servers, names, address=address):
                stages = [known[name] for name in names]
                await run_stages(stages, app.ports, app.clock, stop, telemetry=app.telemetry)
