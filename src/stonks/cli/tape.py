"""``stonks tape``: make tapes."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

tape = typer.Typer(help="Make tapes: recorded input that can be replayed.", no_args_is_help=True)


@tape.command()
def build(
    out: Annotated[Path, typer.Argument(help="Directory of the new tape.")],
    source: Annotated[Path, typer.Option("--from", exists=True, file_okay=False, help="Folder of recorded data.")],
    start: Annotated[datetime, typer.Option("--start", formats=["%Y-%m-%d"], help="First day.")] = datetime(2025, 3, 3),  # noqa: DTZ001
    end: Annotated[datetime, typer.Option("--end", formats=["%Y-%m-%d"], help="Last day.")] = datetime(2025, 5, 30),  # noqa: DTZ001
) -> None:
    """Build a tape of news, prices, filings and Federal Reserve statements of 20 Dow stocks from recorded data."""
    from stonks.replay.build import build_djia

    typer.echo(f"{build_djia(source, out, start.date(), end.date())} documents in {out}")
