"""``stonks extract``: what the extractor reads in texts, without a database."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from io import FileIO
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Annotated

import typer

from stonks.cli.options import AsJson
from stonks.cli.session import OK, PROBLEM, run
from stonks.model.errors import Refused

if TYPE_CHECKING:
    from stonks.model.line import LineFailed, LineRead

_CHUNK = 2**16  # bytes read at a time: what there is of them is one call
_STANDARD_INPUT = 0


def extract(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FILE]...", help="Files of JSON lines.", show_default="standard input"),
    ] = None,
    *,
    as_json: AsJson = False,
    universe: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.csv",
            help="Whom to find by ticker, as `stonks companies import` takes it.",
            show_default="the S&P 500",
        ),
    ] = None,
    llm: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="A language model that reads each text too, as STONKS_LLM_URL names it.",
            show_default="rules alone",
        ),
    ] = None,
) -> None:
    r"""Print what texts say of companies: a line of JSON in, with --json a line of JSON out, in the same order.

    A line in is {"id", "title", "text", "published_at", "tickers" or "entities": names to judge}; without names it is
    the companies that the text names. A line out is {"id", "companies": [{"entity" or "ticker" as given, "class":
    positive, neutral or negative, "score" in [-1, 1], "confidence", "events", "quotes"}], "absent": names that are
    not in the text, "numbers", "summary", "kind", "extractor"}, with --llm also "llm": which model, why nothing of
    its word is in the answer where that is so, and what of its words did not hold.

    Offsets count the characters of title + "\n\n" + text, or of the one that is given alone.

    A line that cannot be read is answered {"id", "error"}, and then the exit code is 1. No database is asked.
    """
    run(_extract(paths or [], universe, llm, as_json=as_json))


async def _extract(paths: list[Path], universe: Path | None, llm: str | None, *, as_json: bool) -> int:
    import msgspec

    from stonks.app import open_line_reader
    from stonks.model.line import LineFailed

    failed, encode = False, msgspec.json.Encoder().encode
    settings = None
    if llm is not None:
        from stonks.settings import read_settings

        settings = read_settings(llm_url=llm)
    async with open_line_reader(universe, settings) as reader:
        async for answers in reader.read_all(_chunks(paths or [None])):
            failed = failed or any(isinstance(answer, LineFailed) for answer in answers)
            typer.echo("\n".join(encode(one).decode() if as_json else as_text(one) for one in answers))
    return PROBLEM if failed else OK


async def _chunks(paths: Sequence[Path | None]) -> AsyncIterator[bytes]:
    """Yield what these files, or standard input, hold, as it comes in; a file's end is the end of a line."""
    for path in paths:
        chunk = b""
        with _opened(path) as file:
            while more := await _next_chunk(file):
                yield (chunk := more)
        if chunk and not chunk.endswith(b"\n"):
            yield b"\n"


def _opened(path: Path | None) -> FileIO:
    """Return a file that hands out what there is, as soon as there is something."""
    try:
        return FileIO(_STANDARD_INPUT, closefd=False) if path is None else FileIO(path)
    except OSError as error:
        raise Refused(f"{path} cannot be read: {error.strerror}") from error


async def _next_chunk(file: FileIO) -> bytes:
    """Return what can be read; the thread that waits for it holds up nobody who wants to leave."""
    loop = asyncio.get_running_loop()
    arrived: asyncio.Future[bytes] = loop.create_future()

    def read() -> None:
        chunk = file.read(_CHUNK) or b""
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(arrived.set_result, chunk)

    Thread(target=read, daemon=True).start()
    return await arrived


def as_text(answer: "LineRead | LineFailed") -> str:
    """Return a few lines an answer: of each company its class, why, and the words that say so."""
    from stonks.cli.letters import escaped
    from stonks.model.line import LineFailed

    if isinstance(answer, LineFailed):
        return f"{escaped(str(answer.id))}  {escaped(answer.error)}"
    lines = [f"{escaped(str(answer.id))}  {answer.kind}: {escaped(answer.summary)}"]
    for company in answer.companies:
        name = escaped(str(company.entity or company.ticker))
        lines.append(f"  {name}  {company.verdict} {company.score:+.2f}, confidence {company.confidence:.2f}")
        lines += [f"    {event.type} {event.polarity:+.2f}  {escaped(event.quote)}" for event in company.events]
        lines += [f'    "{escaped(quote.quote)}"' for quote in company.quotes]
    lines += [f"  {escaped(name)}  is not in the text" for name in answer.absent]
    lines += [f"  {one.metric} {one.basis} {one.value:g} {one.unit}  {escaped(one.quote)}" for one in answer.numbers]
    if answer.llm:
        held = "not in it" if answer.llm.degraded else "in it"
        lines.append(f"  {escaped(answer.llm.model)} with {answer.llm.prompt}: {held}")
        lines += [f"    {escaped(why)}" for why in answer.llm.failed]
    return "\n".join(lines)
