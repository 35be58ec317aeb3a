"""Options that several verbs share."""

from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[
    Path | None,
    typer.Option("--data", metavar="DIR", help="Directory of the embedded default.", show_default=False),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


_SHORTEST, _LONGEST = 3, 500


def _reason(text: str) -> str:
    if not _SHORTEST <= len(text.strip()) <= _LONGEST:
        raise typer.BadParameter(f"say why in {_SHORTEST} to {_LONGEST} characters")
    return text


Reason = Annotated[
    str,
    typer.Option(
        "--reason", metavar="TEXT", help="Why; it is kept in the audit.", show_default=False, callback=_reason
    ),
]
"""As the API asks for it; one that says nothing is a wrong use."""
Port = Annotated[
    int | None,
    typer.Option("--port", min=0, max=65535, help="Port of the API; 0 takes a free one.", show_default=False),
]
ProbePort = Annotated[
    int,
    typer.Option("--port", min=0, max=65535, help="Port of /healthz, /readyz and /metrics; 0 takes a free one."),
]
Speed = Annotated[float, typer.Option("--speed", min=0.001, help="Virtual days a second.")]
