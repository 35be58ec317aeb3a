"""Companies, their prices and their signals."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated

import msgspec
from litestar.exceptions import NotFoundException
from litestar.params import FromQuery, PathParameter, QueryParameter

from stonks.api.answers.bars import BarRow, BarSeries
from stonks.api.answers.companies import CompanyDetail, CompanyList, CompanyRow, RelationRow
from stonks.api.answers.portfolio import PositionRow
from stonks.api.answers.signals import SignalPage
from stonks.api.answers.trends import TrendCell, TrendRow
from stonks.api.paging import Cursor, Limit, page, place
from stonks.api.reading import OpenPorts, read
from stonks.api.recommendations import RecommendationFilter, recommendations
from stonks.api.signals import signals
from stonks.api.standing import present
from stonks.model.signal import Layer
from stonks.ports.bundle import Ports

Ticker = Annotated[str, PathParameter(max_length=12)]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class _Listed(msgspec.Struct, frozen=True, kw_only=True):
    ticker: str
    name: str
    sector: str
    sub_industry: str
    last_price: Decimal | None
    last_price_at: datetime | None
    change: float | None
    position: Decimal | None
    next_earnings: date | None
    last_signal_at: datetime | None
    cik: str | None
    aliases: list[str]
    exposures: dict[str, float]


@read("/companies", "listCompanies", "companies")
async def list_companies(ports: OpenPorts) -> CompanyList:
    """Every company that is followed, with its trends, its last price and what is held."""
    return CompanyList(items=[_row(found, cells) for found, cells in await _companies(ports, None)])


@read("/companies/{ticker:str}", "getCompany", "companies")
async def get_company(ports: OpenPorts, ticker: Ticker) -> CompanyDetail:
    """One company: trends, position, latest signals and recommendations, relations."""
    found = await _companies(ports, ticker)
    if not found:
        raise NotFoundException(f"{ticker} is not followed")
    listed, cells = found[0]
    now, store = await present(ports), ports.store
    held = {"account": ports.settings.account, "ticker": ticker, "closed": False, "now": now}
    return CompanyDetail(
        company=_row(listed, cells),
        cik=listed.cik,
        aliases=listed.aliases,
        exposures=listed.exposures,
        position=await store.row(PositionRow, "read_portfolio.positions", **held),
        signals=await signals(store, 20, ticker=ticker),
        recommendations=await recommendations(ports, 10, None, RecommendationFilter(ticker=ticker)),
        relations=await store.rows(RelationRow, "read_companies.relations", ticker=ticker, now=now),
    )


@read("/companies/{ticker:str}/bars", "listBars", "companies")
async def list_bars(
    ports: OpenPorts,
    ticker: Ticker,
    resolution: Annotated[str, QueryParameter(max_length=8)] = "1d",
    since: FromQuery[datetime | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=5000)] = 500,
) -> BarSeries:
    """The latest bars known by now, oldest first; raw prices."""
    rows = await ports.store.rows(
        BarRow,
        "read_companies.bars",
        ticker=ticker,
        resolution=resolution,
        since=since or _EPOCH,
        now=await present(ports),
        limit=limit,
    )
    return BarSeries(ticker=ticker, resolution=resolution, items=rows[::-1])


@read("/companies/{ticker:str}/signals", "listCompanySignals", "companies")
async def list_company_signals(
    ports: OpenPorts,
    ticker: Ticker,
    limit: Limit = 50,
    cursor: Cursor = None,
    layer: FromQuery[Layer | None] = None,
) -> SignalPage:
    """A company's signals of all layers, newest first."""
    rows = await signals(ports.store, limit + 1, place(cursor), ticker=ticker, layer=layer)
    items, after = page(rows, limit, lambda row: row.known_at, lambda row: row.id)
    return SignalPage(items=items, next_cursor=after)


async def _companies(ports: Ports, ticker: str | None) -> list[tuple[_Listed, list[TrendCell]]]:
    matrix = await ports.store.rows(TrendRow, "read_trends.matrix", ticker=ticker)
    cells = {row.ticker: row.cells for row in matrix}
    listed = await ports.store.rows(
        _Listed, "read_companies.list", account=ports.settings.account, now=await present(ports), ticker=ticker
    )
    return [(row, cells.get(row.ticker, [])) for row in listed]


def _row(listed: _Listed, cells: list[TrendCell]) -> CompanyRow:
    return msgspec.convert({**msgspec.structs.asdict(listed), "trends": cells}, CompanyRow)
