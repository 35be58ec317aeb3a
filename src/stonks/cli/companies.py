"""``stonks companies``: who is followed."""

from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from stonks.cli.options import AsJson, Data
from stonks.cli.session import run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stonks.model.company import Company
    from stonks.ports.bundle import Ports

companies = typer.Typer(help="The companies that are followed.", no_args_is_help=True)

_WIDTH = 100
_ROW = "{:<7} {:<32} {:<10} {:<23} {}"


@companies.command("list")
def list_companies(*, as_json: AsJson = False, data: Data = None) -> None:
    """Print every followed company: ticker, name, CIK, sector and the other names it goes by."""
    run(_list(as_json=as_json, data=data))


@companies.command("import")
def import_companies(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE.csv]",
            help="Columns ticker, name and, as far as known, cik, gics_sector, gics_sub_industry, aliases, pages and "
            "exposures.",
            show_default="the S&P 500 as it comes with stonks",
        ),
    ] = None,
    data: Data = None,
) -> None:
    """Follow the companies of a file; those that are followed already are brought up to date."""
    run(_import(file, data))


@companies.command()
def add(
    ticker: Annotated[str, typer.Argument(help="As the exchange lists it: BA, or BRK.B.")],
    *,
    name: Annotated[str | None, typer.Option(help="Needed unless the company is in the S&P 500.")] = None,
    cik: Annotated[str | None, typer.Option(help="Its number at the SEC: whose filings are read.")] = None,
    sector: Annotated[str | None, typer.Option(help="Its GICS sector.")] = None,
    sub_industry: Annotated[str | None, typer.Option(help="Its GICS sub-industry: who its peers are.")] = None,
    alias: Annotated[list[str] | None, typer.Option(help="Another name texts give it; may be repeated.")] = None,
    page: Annotated[list[str] | None, typer.Option(help="A page of its own to read; may be repeated.")] = None,
    data: Data = None,
) -> None:
    """Follow one company, or change what is known of it; aliases and pages add to those it has."""
    told = _Told(name, cik, sector, sub_industry, tuple(alias or ()), tuple(page or ()))
    run(_add(ticker, told, data))


@companies.command("edges")
def relate_companies(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE.csv",
            help="Columns src, dst, relation (what src is to dst) and, as far as told, weight, confidence, valid_from, "
            "valid_to.",
        ),
    ],
    data: Data = None,
) -> None:
    """Relate followed companies as a file says: news of one becomes a weaker signal for the other."""
    run(_relate(file, data))


class _Told(NamedTuple):
    """What the user says of a company."""

    name: str | None
    cik: str | None
    sector: str | None
    sub_industry: str | None
    aliases: tuple[str, ...]
    pages: tuple[str, ...]

    def company(self, ticker: str, known: "Company | None") -> "Company":
        """Return the company with what is told put over what is known.

        Raises:
            Refused: nobody knows its name.
        """
        import msgspec

        from stonks.model.company import Company
        from stonks.model.errors import Refused

        if known is None and self.name is None:
            raise Refused(f"{ticker} is not in the S&P 500 that comes with stonks: give its name with --name")
        known = known or Company(ticker=ticker, name=self.name or "")
        facts = {field: value for field, value in self._asdict().items() if value is not None}
        facts |= {"aliases": known.aliases + self.aliases, "pages": known.pages + self.pages}
        return msgspec.structs.replace(known, **facts)


async def _list(*, as_json: bool, data: Data) -> None:
    import msgspec

    from stonks.app import open_roster

    async with _opened(data) as ports:
        followed = await open_roster(ports).companies()
    typer.echo(msgspec.json.encode(followed).decode() if as_json else companies_as_text(followed))


async def _import(file: Path | None, data: Data) -> None:
    from stonks.app import open_roster

    async with _opened(data) as ports:
        roster = open_roster(ports)
        done = await roster.follow(roster.listed(file), ports.clock.now())
    typer.echo(f"{done.added} companies added, {done.updated} brought up to date")


async def _relate(file: Path, data: Data) -> None:
    from stonks.app import open_roster

    async with _opened(data) as ports:
        added = await open_roster(ports).relate(file, ports.clock.now())
    typer.echo(f"{added} relations added")


async def _add(ticker: str, told: _Told, data: Data) -> None:
    from stonks.app import open_roster

    async with _opened(data) as ports:
        roster = open_roster(ports)
        company = told.company(ticker, await roster.known(ticker))
        done = await roster.follow([company], ports.clock.now())
    state = "is followed" if done.added else "is followed already; what is known of it was brought up to date"
    typer.echo(f"{company.ticker.upper()} ({company.name}) {state}")


def companies_as_text(followed: "Sequence[Company]") -> str:
    """Return a line a company, of at most 100 columns."""
    from stonks.cli.letters import escaped

    if not followed:
        return "no company is followed: see stonks companies import"
    rows = [
        (one.ticker, escaped(one.name)[:32], one.cik or "-", one.sector[:23], escaped(", ".join(one.aliases)))
        for one in followed
    ]
    head = ("ticker", "name", "CIK", "sector", "aliases")
    return "\n".join(_ROW.format(*row).rstrip()[:_WIDTH] for row in [head, *rows])


def _opened(data: Data) -> "AbstractAsyncContextManager[Ports]":
    from stonks.app import log_to_file, open_ports
    from stonks.settings import read_settings

    settings = read_settings(data_dir=data)
    log_to_file(settings)
    return open_ports(settings)
