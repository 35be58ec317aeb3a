"""Trends: the matrix, and one version of one with what drives it."""

from uuid import UUID

import msgspec
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from stonks.api.answers.trends import (
    DriverRow,
    ProjectionRow,
    TrendCell,
    TrendDetail,
    TrendMatrix,
    TrendRow,
    TrendSummary,
)
from stonks.api.reading import OpenPorts, read
from stonks.api.signals import signals_by_id
from stonks.model.trend import Window
from stonks.ports.store import Reader


class _Driver(msgspec.Struct, frozen=True):
    signal_id: UUID
    contribution: float
    weight_share: float


@read("/trends", "getTrendMatrix", "trends")
async def get_trend_matrix(ports: OpenPorts) -> TrendMatrix:
    """Every company's current trends over the five windows."""
    rows = await ports.store.rows(TrendRow, "read_trends.matrix", ticker=None)
    return TrendMatrix(windows=[window.value for window in Window], rows=rows)


@read("/trends/{trend_id:uuid}", "getTrend", "trends")
async def get_trend(ports: OpenPorts, trend_id: FromPath[UUID]) -> TrendDetail:
    """One version of one trend: its signals by weight, its projections, and the versions before it."""
    store = ports.store
    trend = await store.row(TrendSummary, "read_trends.summary", id=trend_id)
    if trend is None:
        raise NotFoundException(f"there is no trend {trend_id}")
    whose = {"ticker": trend.ticker, "window": trend.window}
    return TrendDetail(
        trend=trend,
        current_id=await store.value("read_trends.current", **whose),
        drivers=await _drivers(store, trend_id),
        projections=await store.rows(ProjectionRow, "read_trends.projections", id=trend_id),
        history=await store.rows(TrendCell, "read_trends.history", **whose, as_of=trend.as_of, limit=60),
    )


async def _drivers(store: Reader, trend_id: UUID) -> list[DriverRow]:
    drivers = await store.rows(_Driver, "read_trends.drivers", id=trend_id)
    known = await signals_by_id(store, [driver.signal_id for driver in drivers])
    return [
        DriverRow(signal=known[driver.signal_id], contribution=driver.contribution, weight_share=driver.weight_share)
        for driver in drivers
        if driver.signal_id in known
    ]
