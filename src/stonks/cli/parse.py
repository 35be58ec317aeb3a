"""``stonks parse``: what the parser makes of files, without a database."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stonks.cli.options import AsJson
from stonks.cli.session import run
from stonks.model.document import DocumentType

if TYPE_CHECKING:
    from stonks.model.file import FileRead

_SHOWN = 240  # characters of a text that are shown


def parse(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files or folders; .gz is unpacked.")],
    *,
    as_json: AsJson = False,
    kind: Annotated[
        DocumentType | None, typer.Option(help="What the files are.", show_default="filings where they say so, or news")
    ] = None,
    universe: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.csv",
            help="Whom to find, as `stonks companies import` takes it.",
            show_default="the S&P 500",
        ),
    ] = None,
) -> None:
    """Print what would be stored for HTML, text, JSON or filing files: with --json a line a file, in their order.

    Every file is a line with its end state, also one that cannot be read; the exit code is 0. No database is asked.
    """
    run(_parse(paths, universe, kind, as_json=as_json))


async def _parse(paths: list[Path], universe: Path | None, kind: DocumentType | None, *, as_json: bool) -> None:
    import msgspec

    from stonks.app import open_reader

    async with open_reader(universe, kind) as reader:
        async for found in reader.read_all(files_in(paths)):
            typer.echo(msgspec.json.encode(found).decode() if as_json else as_text(found))


def files_in(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield these files, and the files of these folders in order; hidden ones of a folder are left out."""
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        for folder, inner, names in os.walk(path):
            inner[:] = sorted(name for name in inner if not name.startswith("."))
            yield from (Path(folder, name) for name in sorted(names) if not name.startswith("."))


def as_text(found: "FileRead") -> str:
    """Return a few lines a file: its end, its figures, whom it names, its items and how it begins."""
    from stonks.cli.letters import escaped

    end = found.status if found.reason is None else f"{found.status}: {found.reason}"
    lines = [f"{escaped(found.path)}  {escaped(end)}"]
    if found.text:
        at = f", published {found.published_at:%Y-%m-%d %H:%M}" if found.published_at else ""
        kind = found.form or found.kind
        lines.append(f"  {kind}, {found.language}, quality {found.quality:.2f}, {len(found.text)} characters{at}")
        lines.append(f"  {escaped(found.title)}")
    if found.mentions:
        named = (f"{one.ticker} {one.role} ({len(one.spans)})" for one in found.mentions)
        lines.append(f"  names {', '.join(named)}")
    if found.items:
        lines.append(f"  items {', '.join(one.item for one in found.items)}")
    if found.flags:
        lines.append(f"  flags {', '.join(found.flags)}")
    if begin := " ".join(found.text.removeprefix(found.title).split())[:_SHOWN]:
        lines.append(f"  {escaped(begin)}")
    return "\n".join(lines)
