from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
import pytest

from stonks.model.market import Session
from stonks.replay.evaluation.panel import DailyReturn, Said
from stonks.replay.evaluation.scoreboard import Evidence

FIRST = datetime(2025, 1, 6, 14, 30, tzinfo=UTC)
TICKERS = tuple("ABCDEFGHIJ")


def sessions(count: int) -> list[Session]:
    """As many sessions, one a day, weekends or not: nothing here knows a weekday."""
    opens = [FIRST + timedelta(days=day) for day in range(count)]
    return [Session(day=at.date(), opens_at=at, closes_at=at + timedelta(hours=6.5)) for at in opens]


def make_said(number: int, ticker: str, known_at: datetime, **fields: Any) -> Said:  # noqa: ANN401
    plain: dict[str, Any] = {"cluster_id": UUID(int=number), "direction": 1.0, "weight": 1.0}
    return Said(ticker=ticker, known_at=known_at, **(plain | fields))


def world(*, days: int = 60, skill: float = 0.0, late: bool = False, seed: int = 7) -> Evidence:
    """News of every company before each open; what is said leans as the session goes, by its skill.

    Late news is dated into the session after the one whose close it knows.
    """
    random = np.random.default_rng(seed)
    moves = random.normal(0.0, 0.01, size=(days, len(TICKERS)))
    noise = random.normal(0.0, 0.01, size=moves.shape)
    told = np.clip((skill * moves + (1.0 - skill) * noise) * 50.0, -1.0, 1.0)
    span = sessions(days)
    said = [
        make_said(day * 100 + column, ticker, moment, direction=float(told[day, column]))
        for day, session in enumerate(span)
        for column, ticker in enumerate(TICKERS)
        for moment in [session.opens_at + timedelta(hours=30 if late else -2)]
    ]
    returns = [
        DailyReturn(ticker=ticker, starts_at=session.opens_at, intraday=float(move), daily=float(move))
        for day, session in enumerate(span)
        for ticker, move in zip(TICKERS, moves[day], strict=True)
    ]
    return Evidence(sessions=span, tickers=TICKERS, returns=returns, said=said)


@pytest.fixture(scope="session")
def skilled() -> Evidence:
    return world(skill=0.4)
