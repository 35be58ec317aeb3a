"""Reads a store's evidence, scores it, and takes the run down as one more trial."""

from datetime import datetime

import msgspec

from stonks.model.errors import Refused
from stonks.model.market import Session
from stonks.ports.store import Reader, Store
from stonks.replay.evaluation.panel import LATENCY, DailyReturn, Said
from stonks.replay.evaluation.portfolio import COST
from stonks.replay.evaluation.scoreboard import (
    Evidence,
    LayerRecord,
    Scoreboard,
    Standing,
    VersionRecord,
    score,
)


class _Span(msgspec.Struct, frozen=True, kw_only=True):
    starts_at: datetime | None
    ends_at: datetime | None
    subject: str


async def evaluate(store: Store, *, cost: float = COST) -> Scoreboard:
    """Score all that a store holds, and add the run to its trials.

    Raises:
        Refused: there is nothing to score.
    """
    span = await store.row(_Span, "evaluation.span")
    if span is None or span.starts_at is None or span.ends_at is None:
        raise Refused("there are no signals to score: play a tape first, or give its directory with --tape")
    board = score(await gather(store, span.starts_at, span.ends_at), cost=cost)
    async with store.transaction() as transaction:
        await transaction.run(
            "evaluation.tried",
            kind="evaluation",
            subject=span.subject,
            as_of=span.ends_at,
            periods=0 if board.sharpe is None else board.sharpe.periods,
            ratio=None if board.sharpe is None else board.sharpe.ratio,
        )
    return board


async def gather(reader: Reader, starts_at: datetime, ends_at: datetime) -> Evidence:
    """Return the evidence of a span: nothing that became known after it is read."""
    span = {"starts_at": starts_at, "ends_at": ends_at}
    return Evidence(
        sessions=await reader.rows(Session, "evaluation.sessions", **span),
        tickers=await reader.rows(str, "evaluation.tickers"),
        returns=await reader.rows(DailyReturn, "evaluation.returns", **span),
        said=await reader.rows(Said, "evaluation.said", **span),
        trends=await reader.rows(Standing, "evaluation.trends", latency=LATENCY, **span),
        probabilities=await reader.rows(Standing, "evaluation.probabilities", latency=LATENCY, **span),
        layers=await reader.rows(LayerRecord, "evaluation.layers"),
        versions=await reader.rows(VersionRecord, "evaluation.versions"),
        tried=await reader.rows(float, "evaluation.ratios"),
    )
