"""What scores are worth when they belong to something else: it should be nothing, or the measure itself is wrong."""

from collections.abc import Iterator

import msgspec
import numpy as np

from stonks.replay.evaluation.panel import Floats
from stonks.replay.evaluation.ranks import coefficient, daily_coefficients

SHUFFLES = 200
"""Draws of each placebo: one draw alone is off by about one over the root of its pairs."""
LIMIT = 0.05
"""Largest mean coefficient of a placebo that is taken for nothing."""
TOO_WIDE = 0.1
"""Spread of the draws above which the sample is too small: its companies' own means are then as far apart as LIMIT."""
NEAREST_SHIFT = 5
"""Sessions by which text is moved at least: nearer returns may well be told of."""


class Placebo(msgspec.Struct, frozen=True, kw_only=True):
    """The coefficients of many draws without meaning."""

    draws: int
    mean: float
    """Mean over the draws: what the measure says of nothing."""
    spread: float
    """Standard deviation over the draws: what one draw, or luck, can be off."""
    beyond: float
    """Share of the draws at least as far from zero as the real scores are: their p-value."""
    passed: bool | None
    """Whether the mean lies within .05; None where the sample is too small to tell."""


class Placebos(msgspec.Struct, frozen=True, kw_only=True):
    """The three of signals.md 5.5; None where there are too few sessions or companies."""

    shuffled_dates: Placebo | None
    permuted_tickers: Placebo | None
    shifted_text: Placebo | None


class Canary(msgspec.Struct, frozen=True, kw_only=True):
    """Whether news seems to be dated late: it would then tell of the session before more than of its own."""

    same_session: float | None
    session_before: float | None
    alarm: bool


def placebos(scores: Floats, returns: Floats, *, draws: int = SHUFFLES, seed: int = 0) -> Placebos:
    """Return what the scores are worth on other days, for other companies, and weeks away."""
    random = np.random.default_rng(seed)
    days = len(scores)
    shifts = range(NEAREST_SHIFT, days - NEAREST_SHIFT + 1)
    return Placebos(
        shuffled_dates=_placebo(scores, returns, (scores[random.permutation(days)] for _ in range(draws))),
        permuted_tickers=_placebo(scores, returns, (_permuted(scores, returns, random) for _ in range(draws))),
        shifted_text=_placebo(scores, returns, (np.roll(scores, shift, axis=0) for shift in shifts)),
    )


def _permuted(scores: Floats, returns: Floats, random: np.random.Generator) -> Floats:
    """Return scores that went to other companies of the same session, among those with a return."""
    found = np.full_like(scores, np.nan)
    for row, known in enumerate(~np.isnan(returns)):
        found[row, known] = random.permutation(scores[row, known])
    return found


def _placebo(scores: Floats, returns: Floats, drawn: Iterator[Floats]) -> Placebo | None:
    real = _mean(daily_coefficients(scores, returns))
    found = np.array([_mean(daily_coefficients(one, returns)) for one in drawn])
    found = found[~np.isnan(found)]
    if len(found) < 2 or np.isnan(real):  # noqa: PLR2004 - no spread of one
        return None
    mean, spread = float(found.mean()), float(found.std(ddof=1))
    return Placebo(
        draws=len(found),
        mean=mean,
        spread=spread,
        beyond=float((np.abs(found) >= abs(real)).mean()),
        passed=abs(mean) < LIMIT if spread <= TOO_WIDE else None,
    )


def _mean(daily: Floats) -> float:
    known = daily[~np.isnan(daily)]
    return float(known.mean()) if len(known) else np.nan


def canary(scores: Floats, daily: Floats, *, seed: int = 0) -> Canary:
    """Return how well a session's news orders its own returns and those of the session before.

    It sounds where the second is clearly above nothing and larger than the first.
    """
    own = coefficient(scores, daily, seed=seed)
    before = coefficient(scores[1:], daily[:-1], seed=seed)
    clear = before.pooled_interval is not None and before.pooled_interval.low > 0.0
    larger = before.pooled is not None and (own.pooled is None or before.pooled > own.pooled)
    return Canary(same_session=own.pooled, session_before=before.pooled, alarm=clear and larger)
