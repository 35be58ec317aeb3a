"""What the shell of the dashboard and a probe ask: mode, clock, health."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec


class TradingMode(StrEnum):
    """Whose money moves: nobody's, nobody's in the past, or ours."""

    PAPER = "PAPER"
    REPLAY = "REPLAY"
    LIVE = "LIVE"


class ReplayState(msgspec.Struct, frozen=True, kw_only=True):
    """How far a replay has come; ``progress`` is a share of its span in [0, 1]."""

    tape: str
    starts_at: datetime
    ends_at: datetime
    now: datetime
    stage: str
    finished_at: datetime | None
    progress: float
    summary: dict[str, Any] | None


class UiConfig(msgspec.Struct, frozen=True, kw_only=True):
    """What the dashboard needs before its first page."""

    mode: TradingMode
    now: datetime
    account: str
    risk_tier: str
    version: str
    replay: ReplayState | None


class HealthCheck(msgspec.Struct, frozen=True, kw_only=True):
    """One dependency: whether it answered, in how many milliseconds, what it said, and since when it fails."""

    name: str
    ok: bool
    milliseconds: float
    detail: str | None
    failing_seconds: float | None


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """Whether this installation is sound."""

    ok: bool
    now: datetime
    version: str
    checks: list[HealthCheck]
