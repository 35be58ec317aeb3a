"""Companies as people write them down: in a CSV file, or one by one."""

import csv
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files

import msgspec

from stonks.model.company import Company, CompanyEdge, Related
from stonks.model.errors import Refused
from stonks.model.tape import parse_companies

_TICKER = re.compile(r"[A-Z]{1,5}(?:\.[A-Z])?")
_CIK = re.compile(r"\d{1,10}")
_PAGE = re.compile(r"https?://\S+")
_COLUMNS = ("ticker", "name", "cik", "gics_sector", "gics_sub_industry", "aliases", "pages", "exposures")
_EXPOSURE = re.compile(
    r"(?P<feature>geo:(?:US|EU|UK|CN|JP|IN|LATAM|MEA|APAC)|fx:[A-Z]{3}|commodity:[a-z]+|size:log_value)"
    r"=(?P<value>[+-]?\d+(?:\.\d+)?)"
)


@cache
def sp500() -> tuple[Company, ...]:
    """Return the companies of the S&P 500 as of August 2026, by ticker, with the names that texts give them."""
    return parse_companies(files("stonks.stages.scheduler").joinpath("sp500.csv").read_text())


def read_listing(text: str, file: str) -> tuple[Company, ...]:
    """Return the companies of a CSV file; ticker and name are needed, and ``|`` separates names, pages, exposures.

    An exposure is ``geo:US=0.6``, ``commodity:oil=-0.2``, ``fx:USD=-0.3`` or ``size:log_value=25.1``, the natural
    logarithm of the company's value in dollars.

    Raises:
        Refused: a column or a value is not what it should be; the message names file and line.
    """
    rows = csv.DictReader(text.splitlines())
    columns = set(rows.fieldnames or ())
    if missing := {"ticker", "name"} - columns:
        raise Refused(f"{file} has no column {min(missing)}: the first line names {', '.join(_COLUMNS)}")
    if unknown := columns - set(_COLUMNS):
        raise Refused(f"{file} has a column {min(unknown)}: there are {', '.join(_COLUMNS)}")
    found: dict[str, Company] = {}
    for row in rows:
        try:
            company = checked(_company(row))
        except Refused as wrong:
            raise Refused(f"{file}, line {rows.line_num}: {wrong}") from None
        if company.ticker in found:
            raise Refused(f"{file}, line {rows.line_num}: {company.ticker} stands there twice")
        found[company.ticker] = company
    return tuple(found.values())


def _company(row: Mapping[str, str | None]) -> Company:
    told = {column: (row.get(column) or "").strip() for column in _COLUMNS}
    return Company(
        ticker=told["ticker"],
        name=told["name"],
        cik=told["cik"] or None,
        sector=told["gics_sector"] or "Unknown",
        sub_industry=told["gics_sub_industry"] or "Unknown",
        aliases=_parts(told["aliases"]),
        pages=_parts(told["pages"]),
        exposures=_exposures(_parts(told["exposures"])),
    )


def _exposures(parts: Iterable[str]) -> dict[str, float]:
    found = {part: _EXPOSURE.fullmatch(part) for part in parts}
    if wrong := [part for part, match in found.items() if match is None]:
        raise Refused(f"{wrong[0]!r} is no exposure: those are like geo:US=0.6, commodity:oil=-0.2 or fx:USD=-0.3")
    return {match["feature"]: float(match["value"]) for match in found.values() if match}


def checked(company: Company) -> Company:
    """Return a company as it is stored: ticker in capitals, CIK of ten digits, no alias twice.

    Raises:
        Refused: something cannot be what it says it is.
    """
    ticker = company.ticker.upper()
    if not _TICKER.fullmatch(ticker):
        raise Refused(f"{company.ticker!r} is no ticker: one to five letters, as in BA, or with a class, as in BRK.B")
    if not company.name:
        raise Refused(f"{ticker} has no name")
    if company.cik is not None and not _CIK.fullmatch(company.cik):
        raise Refused(f"{ticker}: {company.cik!r} is no CIK: up to ten digits, as the SEC gives them")
    sectors = sorted({one.sector for one in sp500()})
    if company.sector not in {"Unknown", *sectors}:
        raise Refused(f"{ticker}: {company.sector!r} is no GICS sector: there are {', '.join(sectors)}")
    if wrong := [page for page in company.pages if not _PAGE.fullmatch(page)]:
        raise Refused(f"{ticker}: {wrong[0]!r} is no address of a page: it begins with https://")
    if wrong := [name for name, share in company.exposures.items() if not name.startswith("size:") and abs(share) > 1]:
        raise Refused(f"{ticker}: an exposure such as {wrong[0]} lies between -1 and 1")
    return msgspec.structs.replace(
        company,
        ticker=ticker,
        cik=company.cik and company.cik.zfill(10),
        aliases=tuple(dict.fromkeys(company.aliases)),
        pages=tuple(dict.fromkeys(company.pages)),
    )


def _parts(text: str) -> tuple[str, ...]:
    return _stripped(text.split("|"))


def _stripped(parts: Iterable[str]) -> tuple[str, ...]:
    return tuple(part.strip() for part in parts if part.strip())


_EDGE_COLUMNS = ("src", "dst", "relation", "weight", "confidence", "valid_from", "valid_to")
_USUAL = {"weight": "0.5", "confidence": "0.8"}


def read_edges(text: str, file: str, now: datetime) -> tuple[CompanyEdge, ...]:
    """Return the relations of a CSV file, each as both companies see it; a relation says what ``src`` is to ``dst``.

    ``src``, ``dst`` and ``relation`` are needed. A weight is 0.5 and a confidence 0.8 unless told, and a relation holds
    from now on unless the file says from when, with its time zone.

    Raises:
        Refused: a column or a value is not what it should be; the message names file and line.
    """
    rows = csv.DictReader(text.splitlines())
    columns = set(rows.fieldnames or ())
    if odd := {"src", "dst", "relation"} - columns or columns - set(_EDGE_COLUMNS):
        raise Refused(f"{file}: column {min(odd)} is missing or unknown: there are {', '.join(_EDGE_COLUMNS)}")
    found: list[CompanyEdge] = []
    for row in rows:
        told = {name: value.strip() for name, value in row.items() if value and value.strip()}
        try:
            edge = msgspec.convert(
                {"valid_from": now, "source": "user", "known_at": now} | _USUAL | told, CompanyEdge, strict=False
            )
            found += [edge, edge.reversed]
        except (msgspec.ValidationError, ValueError) as wrong:
            raise Refused(f"{file}, line {rows.line_num}: {wrong}; relations are {', '.join(Related)}") from wrong
        if edge.valid_from.tzinfo is None or edge.src == edge.dst:
            raise Refused(f"{file}, line {rows.line_num}: two companies and instants with a time zone are wanted")
    return tuple(found)
