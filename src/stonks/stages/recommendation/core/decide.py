"""From a situation to a recommendation: action, mode, suppressions, evidence and the checks behind them."""

from datetime import datetime

import msgspec

from stonks.model.decision import Check
from stonks.model.identity import input_hash, recommendation_id
from stonks.model.order import Side
from stonks.model.recommendation import Advice, Mode, Reason, Recommendation, Suppression, SuppressionCode
from stonks.stages.recommendation.core.checks import MAP_CODES, Case, case_of, check_all
from stonks.stages.recommendation.core.forecast import forecast
from stonks.stages.recommendation.core.situation import Situation
from stonks.stages.recommendation.core.thesis import thesis

POLICY = "recommendation-1"
"""Version of the formulas, thresholds and words of this stage."""
WATCH_FROM = 0.15
"""Score from which a trend that fails the action map is watched."""


class Advised(msgspec.Struct, frozen=True, kw_only=True):
    """A recommendation with its evidence and the answers of all checks."""

    recommendation: Recommendation
    evidence: tuple[Reason, ...]
    checks: tuple[Check, ...]
    verdict: str
    """``eligible`` for trading, ``suppressed``, or ``no_action`` where nothing is proposed."""


def recommend(situation: Situation, now: datetime, ceiling: Mode) -> Advised:
    """Return what to do about a trend at ``now``; the mode is the ceiling or, held back by anything, informational."""
    trend = situation.trend
    outlook = forecast(situation)
    case = case_of(situation, outlook, now)
    checks = check_all(case)
    failed = tuple(check for check in checks if check.hard and not check.passed)
    action = _action(case, failed)
    held_back = () if action is Advice.HOLD else failed
    acts = action in (Advice.BUY, Advice.SELL)
    hashed = input_hash(
        POLICY, situation.model_version, trend.id, trend.input_hash, situation.held, *situation.closed_at[-1:]
    )
    recommendation = Recommendation(
        id=recommendation_id(trend.ticker, trend.window, hashed),
        ticker=trend.ticker,
        window=trend.window,
        trend_id=trend.id,
        action=action,
        mode=ceiling if acts and not held_back else Mode.INFORMATIONAL,
        probability=outlook.probability,
        probability_low=outlook.low,
        probability_high=outlook.high,
        confidence=trend.confidence,
        expected_return=outlook.expected_return,
        volatility=outlook.volatility,
        cost=outlook.cost,
        price=situation.price,
        contradiction=trend.contradiction,
        thesis_template=thesis(case, action, held_back),
        suppressions=tuple(map(_suppression, held_back)),
        generated_at=now,
        input_hash=hashed,
    )
    verdict = "suppressed" if held_back else "eligible" if acts else "no_action"
    return Advised(recommendation=recommendation, evidence=_evidence(case), checks=checks, verdict=verdict)


def _action(case: Case, failed: tuple[Check, ...]) -> Advice:
    """Return the action of the map; what else failed holds the action back, but does not change it."""
    if not any(check.code in MAP_CODES for check in failed):
        return Advice.BUY if case.side is Side.BUY else Advice.SELL
    return Advice.WATCH if abs(case.situation.trend.score) >= WATCH_FROM else Advice.HOLD


def _suppression(check: Check) -> Suppression:
    return Suppression(code=SuppressionCode(check.code), observed=_number(check.observed), limit=_number(check.limit))


def _number(value: float | str | None) -> float | None:
    return None if value is None else float(value)


def _evidence(case: Case) -> tuple[Reason, ...]:
    return tuple(
        Reason(
            signal_id=driver.signal_id,
            weight_share=driver.weight_share,
            contribution=driver.contribution,
            side="for" if driver.contribution * case.sign > 0.0 else "against",
        )
        for driver in case.situation.trend.drivers
    )
