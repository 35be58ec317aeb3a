"""What a gate answers: checks, and for gates that make an order smaller the share of equity they leave."""

import math
from datetime import datetime

import msgspec

from stonks.model.decision import Check

MISSING = "_DATA_MISSING"


class Ruling(msgspec.Struct, frozen=True, kw_only=True):
    """A gate's checks, and the caps it puts on the weight of the order by their code."""

    checks: tuple[Check, ...]
    caps: dict[str, float] = {}


def answer(
    gate: str,
    code: str,
    *,
    passed: bool,
    observed: float | str | None,
    limit: float | str | None,
    as_of: datetime | None,
) -> Check:
    """Return a hard check."""
    return Check(gate=gate, code=code, passed=passed, hard=True, observed=observed, limit=limit, data_as_of=as_of)


def soft(check: Check) -> Check:
    """Return the same check as one that is recorded and stops nothing."""
    return msgspec.structs.replace(check, hard=False)


def missing(gate: str, code: str, limit: float | str | None, as_of: datetime | None) -> Check:
    """Return the failure of a gate whose input is absent, not a number or too old."""
    return answer(gate, code + MISSING, passed=False, observed=None, limit=limit, as_of=as_of)


def at_most(gate: str, code: str, observed: float | None, limit: float, as_of: datetime | None) -> Check:
    """Return whether a number does not exceed its limit; an unknown number fails."""
    if observed is None or not math.isfinite(observed):
        return missing(gate, code, limit, as_of)
    return answer(gate, code, passed=observed <= limit, observed=observed, limit=limit, as_of=as_of)


def at_least(gate: str, code: str, observed: float | None, limit: float, as_of: datetime | None) -> Check:
    """Return whether a number reaches its limit; an unknown number fails."""
    if observed is None or not math.isfinite(observed):
        return missing(gate, code, limit, as_of)
    return answer(gate, code, passed=observed >= limit, observed=observed, limit=limit, as_of=as_of)


def positive(value: float | None) -> float | None:
    """Return the number where it is finite and above zero, else None: what may be divided by."""
    return value if value is not None and math.isfinite(value) and value > 0 else None
