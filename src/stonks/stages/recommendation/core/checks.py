"""Every reason not to act on a trend, each as a check with what was seen and what is allowed (signals.md 5.2).

Three kinds. The map's checks ask whether there is anything to gain by entering; what fails them is watched. Checks of
the evidence hold for every action. Checks of the entry look at the market and at what was done before. Leaving a
position is held back by doubt about the evidence alone, never by what makes an entry unattractive.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import log

from stonks.model.decision import Check
from stonks.model.order import Side
from stonks.model.recommendation import SuppressionCode
from stonks.model.trend import Direction, Driver
from stonks.stages.recommendation.core.forecast import Forecast
from stonks.stages.recommendation.core.situation import Situation

MIN_PROBABILITY = 0.52
MIN_EDGE = 0.0005
MIN_EDGE_OF_VOLATILITY = 0.05
MIN_CONFIDENCE = 0.35
EXIT_AT = 0.10
"""Score against a held position from which leaving it is proposed."""
MAX_CONTRADICTION = 0.6
MIN_STORIES = 1.5
MAX_AGE_OF_WINDOW = 0.5
MAX_SOURCE_SHARE = 0.7
MIN_QUALITY = 0.35
MIN_VERIFIED = 0.5
MAX_MOVE = 1.5
"""Daily standard deviations that the price may have gone our way since the news."""
BLACKOUT_DAYS = 2
MIN_DOLLAR_VOLUME = 5e6
COOLDOWN = timedelta(hours=24)
MAX_PRICE_AGE = timedelta(days=5)
"""A long weekend with a holiday on each side of it."""


class Kind(StrEnum):
    """What a check is about."""

    MAP = "map"
    EVIDENCE = "evidence"
    ENTRY = "entry"


@dataclass(frozen=True, slots=True)
class Case:
    """A situation with what it leads to expect and what is proposed to be done."""

    situation: Situation
    forecast: Forecast
    side: Side
    exits: bool
    """Whether a position that the trend has turned against is to be left."""
    now: datetime

    @property
    def sign(self) -> float:
        """1 for buying, -1 for selling."""
        return 1.0 if self.side is Side.BUY else -1.0

    def drivers(self) -> list[Driver]:
        """Return the drivers that speak for the side, the strongest first."""
        drivers = [driver for driver in self.situation.trend.drivers if driver.contribution * self.sign > 0.0]
        return sorted(drivers, key=lambda driver: (-abs(driver.contribution), driver.signal_id))


@dataclass(frozen=True, slots=True)
class Seen:
    """What a check saw and what it allows."""

    passed: bool
    observed: float | str | None
    limit: float | None
    of_market: bool = False
    known: bool = True
    """Whether there was anything to look at; where there was not, ``observed`` says why, and nothing is held back."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One check: its gate, the code of its failure, its kind and how it looks."""

    gate: str
    code: SuppressionCode
    kind: Kind
    look: Callable[[Case], Seen]


def case_of(situation: Situation, outlook: Forecast, now: datetime) -> Case:
    """Return what the situation proposes; a trend without direction is judged by the side that its score leans to."""
    held, score = float(situation.held), situation.trend.score
    exits = held * score < 0.0 and abs(score) >= EXIT_AT
    return Case(situation, outlook, Side.BUY if score > 0.0 else Side.SELL, exits, now)


def check_all(case: Case) -> tuple[Check, ...]:
    """Return every check's answer; one that does not concern this case is not hard."""
    return tuple(_checked(rule, case) for rule in RULES)


def _checked(rule: Rule, case: Case) -> Check:
    seen, situation = rule.look(case), case.situation
    market_as_of = situation.closed_at[-1] if situation.closed_at else None
    return Check(
        gate=rule.gate,
        code=rule.code,
        passed=seen.passed,
        hard=seen.known and (not case.exits or rule.kind is Kind.EVIDENCE),
        observed=seen.observed,
        limit=seen.limit,
        data_as_of=market_as_of if seen.of_market else situation.trend.as_of,
    )


# ------------------------------------------------------------------------------------------------ the action map


def _direction(case: Case) -> Seen:
    wanted = Direction.BULLISH if case.side is Side.BUY else Direction.BEARISH
    return Seen(case.situation.trend.direction is wanted, case.situation.trend.score, None)


def _probability(case: Case) -> Seen:
    bound = case.forecast.low if case.side is Side.BUY else 1.0 - case.forecast.high
    return Seen(bound >= MIN_PROBABILITY, bound, MIN_PROBABILITY)


def _edge(case: Case) -> Seen:
    least = max(MIN_EDGE, MIN_EDGE_OF_VOLATILITY * (case.forecast.volatility or 0.0))
    return Seen(case.forecast.edge >= least, case.forecast.edge, least, of_market=True)


def _confidence(case: Case) -> Seen:
    return Seen(case.situation.trend.confidence >= MIN_CONFIDENCE, case.situation.trend.confidence, MIN_CONFIDENCE)


# ------------------------------------------------------------------------------------------------ the evidence


def _contradiction(case: Case) -> Seen:
    trend = case.situation.trend
    return Seen("contradictory" not in trend.suppressions, trend.contradiction, MAX_CONTRADICTION)


def _stories(case: Case) -> Seen:
    return Seen(case.situation.trend.n_eff >= MIN_STORIES, case.situation.trend.n_eff, MIN_STORIES)


def _freshness(case: Case) -> Seen:
    trend = case.situation.trend
    limit = trend.window.length * MAX_AGE_OF_WINDOW
    age = None if trend.newest_known_at is None else case.now - trend.newest_known_at
    return Seen(age is not None and age <= limit, None if age is None else _hours(age), _hours(limit))


def _sources(case: Case) -> Seen:
    share = case.situation.trend.source_share
    return Seen(share <= MAX_SOURCE_SHARE, share, MAX_SOURCE_SHARE)


def _layers(case: Case) -> Seen:
    scores = case.situation.trend.layer_scores
    return Seen("layer_conflict" not in case.situation.trend.suppressions, scores.get("macro"), None)


def _quality(case: Case) -> Seen:
    mean = _mean_of(case, lambda driver: getattr(case.situation.voice(driver), "quality", None))
    return Seen(mean is None or mean >= MIN_QUALITY, mean, MIN_QUALITY)


def _verification(case: Case) -> Seen:
    mean = _mean_of(case, lambda driver: getattr(case.situation.voice(driver), "verified_ratio", None))
    return Seen(mean is None or mean >= MIN_VERIFIED, mean, MIN_VERIFIED)


def _mean_of(case: Case, value: Callable[[Driver], float | None]) -> float | None:
    """Return the mean of a value over the drivers for the side, by weight; None where none of them has it."""
    known = [(driver.weight_share, found) for driver in case.drivers() if (found := value(driver)) is not None]
    total = sum(share for share, _ in known)
    return sum(share * found for share, found in known) / total if total > 0.0 else None


# ------------------------------------------------------------------------------------------------ the entry


def _move(case: Case) -> Seen:
    """Return how far the price went our way since the strongest report was known: too far, and it is told already."""
    daily, since = case.forecast.daily_volatility, _strongest_known_at(case)
    before = [
        close
        for close, at in zip(case.situation.closes, case.situation.closed_at, strict=True)
        if since is not None and at <= since
    ]
    if daily is None or not before:
        return Seen(passed=True, observed=None, limit=None, of_market=True)
    move = case.sign * log(case.situation.closes[-1] / before[-1])
    return Seen(move <= MAX_MOVE * daily, move, MAX_MOVE * daily, of_market=True)


def _strongest_known_at(case: Case) -> datetime | None:
    voices = [case.situation.voice(driver) for driver in case.drivers()]
    return next((voice.known_at for voice in voices if voice is not None), None)


def _earnings(case: Case) -> Seen:
    days = case.situation.earnings_in_days
    return Seen(days is None or days > BLACKOUT_DAYS, days, BLACKOUT_DAYS)


def _liquidity(case: Case) -> Seen:
    traded = case.situation.dollar_volume
    return Seen(traded is not None and traded >= MIN_DOLLAR_VOLUME, traded, MIN_DOLLAR_VOLUME, of_market=True)


def _halts(_: Case) -> Seen:
    return Seen(passed=False, observed="no source says which stocks are halted", limit=None, known=False)


def _calibration(_: Case) -> Seen:
    return Seen(
        passed=False, observed="calibration is judged by `stonks evaluate`, not kept by day", limit=None, known=False
    )


def _model(case: Case) -> Seen:
    flaw = case.situation.model_flaw
    return Seen(flaw is None, None if flaw is None else flaw.observed, None if flaw is None else flaw.limit)


def _repetition(case: Case) -> Seen:
    acted_at, newest = case.situation.acted_at, case.situation.trend.newest_known_at
    if acted_at is None or (newest is not None and newest > acted_at):
        return Seen(passed=True, observed=None, limit=None)
    return Seen(passed=False, observed=_hours(case.now - acted_at), limit=None)


def _cooldown(case: Case) -> Seen:
    opposite = case.situation.sold_at if case.side is Side.BUY else case.situation.bought_at
    age = None if opposite is None else case.now - opposite
    return Seen(age is None or age >= COOLDOWN, None if age is None else _hours(age), _hours(COOLDOWN))


def _prices(case: Case) -> Seen:
    limit = MAX_PRICE_AGE / timedelta(days=1)
    if not case.situation.closed_at or case.forecast.daily_volatility is None:
        return Seen(passed=False, observed=None, limit=limit, of_market=True)
    age = (case.now - case.situation.closed_at[-1]) / timedelta(days=1)
    return Seen(age <= limit, age, limit, of_market=True)


def _hours(span: timedelta) -> float:
    return span / timedelta(hours=1)


RULES = (
    Rule("direction", SuppressionCode.NO_DIRECTION, Kind.MAP, _direction),
    Rule("probability", SuppressionCode.LOW_PROBABILITY, Kind.MAP, _probability),
    Rule("edge", SuppressionCode.THIN_EDGE, Kind.MAP, _edge),
    Rule("confidence", SuppressionCode.LOW_CONFIDENCE, Kind.MAP, _confidence),
    Rule("contradiction", SuppressionCode.CONTRADICTORY, Kind.EVIDENCE, _contradiction),
    Rule("stories", SuppressionCode.THIN, Kind.EVIDENCE, _stories),
    Rule("freshness", SuppressionCode.STALE, Kind.EVIDENCE, _freshness),
    Rule("sources", SuppressionCode.SINGLE_SOURCE, Kind.EVIDENCE, _sources),
    Rule("layers", SuppressionCode.LAYER_CONFLICT, Kind.EVIDENCE, _layers),
    Rule("quality", SuppressionCode.LOW_QUALITY, Kind.EVIDENCE, _quality),
    Rule("verification", SuppressionCode.UNVERIFIED, Kind.EVIDENCE, _verification),
    Rule("prices", SuppressionCode.DATA_GAP, Kind.ENTRY, _prices),
    Rule("move", SuppressionCode.PRICE_ALREADY_MOVED, Kind.ENTRY, _move),
    Rule("earnings", SuppressionCode.EARNINGS_BLACKOUT, Kind.ENTRY, _earnings),
    Rule("liquidity", SuppressionCode.ILLIQUID, Kind.ENTRY, _liquidity),
    Rule("halts", SuppressionCode.HALTED, Kind.ENTRY, _halts),
    Rule("repetition", SuppressionCode.DUPLICATE, Kind.ENTRY, _repetition),
    Rule("cooldown", SuppressionCode.COOLDOWN, Kind.ENTRY, _cooldown),
    Rule("calibration", SuppressionCode.CALIBRATION_DEGRADED, Kind.EVIDENCE, _calibration),
    Rule("model", SuppressionCode.MODEL_UNRELIABLE, Kind.ENTRY, _model),
)
"""Every check, in the order in which reasons are told."""

MAP_CODES = frozenset(rule.code for rule in RULES if rule.kind is Kind.MAP)
"""Reasons to watch rather than to act."""
