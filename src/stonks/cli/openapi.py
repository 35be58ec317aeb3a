"""``stonks openapi``: the API's description as a file, from which the dashboard's types are made."""

from pathlib import Path
from typing import Annotated

import typer

from stonks.cli.session import OK, PROBLEM


def openapi(
    file: Annotated[Path, typer.Argument(help="Where to write it.")] = Path("docs/reference/openapi.json"),
    *,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; fail where the file is not current.")] = False,
) -> None:
    """Write the API's OpenAPI description to a file."""
    from stonks.api.server import description

    current = description()
    if check:
        raise typer.Exit(OK if file.exists() and file.read_bytes() == current else PROBLEM)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(current)
    typer.echo(f"wrote {file}")
