"""``stonks evaluate``: what signals and probabilities were worth, with intervals, placebos and every trial counted."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stonks.cli.options import AsJson, Data
from stonks.cli.session import INTERRUPTED, OK, PROBLEM, run, stop_on_signal

if TYPE_CHECKING:
    from stonks.replay.evaluation.scoreboard import Scoreboard

_BASIS_POINT = 1e-4


def evaluate(
    tape: Annotated[
        Path | None,
        typer.Option(help="Directory of a tape; it is played first unless that is done already.", show_default=False),
    ] = None,
    data: Data = None,
    cost: Annotated[float, typer.Option(min=0.0, help="Cost of trading one dollar once, in basis points.")] = 5.0,
    as_json: AsJson = False,
) -> None:
    """Print the scoreboard of what was played or gathered: ranks, hits, calibration, costs, placebos.

    It describes one sample and promises nothing. Each run is one more trial, which deflates the next Sharpe ratio.
    The exit code is 1 where a placebo or the look-ahead canary says that the figures cannot be trusted.
    """
    run(_evaluate(tape and tape.absolute(), data, cost * _BASIS_POINT, as_json=as_json))


async def _evaluate(tape: Path | None, data: Path | None, cost: float, *, as_json: bool) -> int:
    import msgspec

    from stonks.cli.scoreboard import as_text

    board = await (_of_data(data, cost) if tape is None else _of_tape(tape, data, cost))
    if board is None:
        typer.echo("stopped before the end of the tape; the same command goes on from there", err=True)
        return INTERRUPTED
    typer.echo(msgspec.json.encode(board).decode() if as_json else as_text(board))
    return OK if board.sound else PROBLEM


async def _of_data(data: Path | None, cost: float) -> "Scoreboard":
    from stonks.app import open_ports
    from stonks.replay.evaluation.reading import evaluate as score
    from stonks.settings import read_settings

    async with open_ports(read_settings(data_dir=data)) as ports:
        return await score(ports.store, cost=cost)


async def _of_tape(tape: Path, data: Path | None, cost: float) -> "Scoreboard | None":
    """Play a tape to its end where that is not done, in the place that ``stonks replay`` has for it, and score it."""
    from stonks.app import log_to_file, open_app, open_servers, tape_of
    from stonks.cli.playing import play
    from stonks.cli.progress import bar
    from stonks.replay.evaluation.reading import evaluate as score
    from stonks.settings import read_settings

    stop = stop_on_signal()
    settings = read_settings(sources_url=f"tape://{tape}")
    directory = data or settings.data_dir.expanduser() / "replays" / tape_of(settings).manifest.name
    settings = settings.model_copy(update={"data_dir": directory})
    log_to_file(settings)
    async with (
        open_servers(settings, durable=False, shared=False) as servers,
        open_app(settings, servers, alone=True) as app,
    ):
        with bar(app) as progress:
            summary, _ = await play(app, stop, progress=progress)
        return None if summary is None else await score(app.ports.store, cost=cost)
