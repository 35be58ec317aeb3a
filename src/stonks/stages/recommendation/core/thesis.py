"""The thesis in plain sentences: every figure in it is one that was computed, written here and nowhere else."""

from collections.abc import Iterable
from datetime import datetime

from stonks.model.decision import Check
from stonks.model.recommendation import Advice
from stonks.model.trend import Driver, Window
from stonks.stages.recommendation.core.checks import Case

VOICES_NAMED = 3
"""How many reports for, and how many against, are named."""

_SPAN = {
    Window.INTRADAY: "the rest of the session",
    Window.D1: "the next session",
    Window.D7: "the next five sessions",
    Window.D30: "the next month",
    Window.D90: "the next quarter",
}
_ADVICE = {
    Advice.BUY: "Buy {company} ({ticker}) for {span}.",
    Advice.SELL: "Sell {company} ({ticker}) for {span}.",
    Advice.WATCH: "Watch {company} ({ticker}): the evidence leans {leaning} for {span}, but not enough to act on.",
    Advice.HOLD: "Leave {company} ({ticker}) as it is: the evidence points nowhere for {span}.",
}
_REASONS = {
    "no_direction": "the score of {observed:+.2f} gives no clear direction",
    "low_probability": "the cautious probability is {observed:.3f}, and {limit:.2f} is asked",
    "thin_edge": "the expected gain after costs is {observed:.2%}, and {limit:.2%} is asked",
    "low_confidence": "the confidence is {observed:.2f}, and {limit:.2f} is asked",
    "contradictory": "the evidence contradicts itself ({observed:.2f}; {limit:.2f} is allowed)",
    "thin": "there is too little of it (as much as {observed:.1f} stories; {limit:.1f} are asked)",
    "stale": "nothing new came in {observed:.1f} hours ({limit:.0f} are allowed)",
    "single_source": "one source has {observed:.0%} of the weight ({limit:.0%} is allowed)",
    "layer_conflict": "what is said of the company and what the world around it suggests are at odds",
    "low_quality": "the reports are of poor quality ({observed:.2f}; {limit:.2f} is asked)",
    "unverified": "too little of what was read could be found in the texts ({observed:.0%}; {limit:.0%} is asked)",
    "data_gap": "prices are missing or too old",
    "price_already_moved": "the price has gone {observed:.1%} that way since the news ({limit:.1%} is allowed)",
    "earnings_blackout": "results are due in {observed:.0f} days ({limit:.0f} is the blackout)",
    "illiquid": "too little of it is traded",
    "duplicate": "it was acted on {observed:.1f} hours ago, and nothing new is known since",
    "model_unreliable": "too much of what the model says does not hold ({observed:.0%}; {limit:.0%} is allowed)",
    "cooldown": "the opposite was recommended {observed:.1f} hours ago ({limit:.0f} must pass)",
}
_UNMEASURED = {"stale": "nothing is known of it in this window"}


def thesis(case: Case, advice: Advice, held_back: Iterable[Check]) -> str:
    """Return the case for an action, what speaks against it and what holds it back, in a few sentences."""
    trend = case.situation.trend
    leaning = "up" if trend.score > 0.0 else "down"
    head = _ADVICE[advice].format(
        company=case.situation.company, ticker=trend.ticker, span=_SPAN[trend.window], leaning=leaning
    )
    reasons = [_reason(check) for check in held_back]
    parts = [
        head,
        _figures(case),
        _voices("For it", case, case.drivers()),
        _voices("Against it", case, _opposed(case)) or "Nothing of weight speaks against it.",
        _expectation(case),
        f"Held back: {'; '.join(reasons)}." if reasons else "",
    ]
    return " ".join(part for part in parts if part)


def _figures(case: Case) -> str:
    trend = case.situation.trend
    return (
        f"The score is {trend.score:+.2f} on a scale from -1 to 1, with a confidence of {trend.confidence:.2f}; "
        f"it rests on as much as {trend.n_eff:.1f} equal stories."
    )


def _expectation(case: Case) -> str:
    outlook = case.forecast
    chance = f"The probability of a rise is {outlook.probability:.1%} ({outlook.low:.1%} to {outlook.high:.1%})"
    if outlook.volatility is None:
        return f"{chance}; without enough prices no return is expected."
    return (
        f"{chance}, the expected return {outlook.expected_return:+.2%} where {outlook.volatility:.1%} is a usual move, "
        f"and a trade costs about {outlook.cost:.2%}."
    )


def _opposed(case: Case) -> list[Driver]:
    drivers = [driver for driver in case.situation.trend.drivers if driver.contribution * case.sign < 0.0]
    return sorted(drivers, key=lambda driver: (-abs(driver.contribution), driver.signal_id))


def _voices(lead: str, case: Case, drivers: list[Driver]) -> str:
    named = [_voice(case, driver) for driver in drivers[:VOICES_NAMED]]
    return f"{lead}: {'; '.join(named)}." if named else ""


def _voice(case: Case, driver: Driver) -> str:
    voice = case.situation.voice(driver)
    share = f"{driver.weight_share:.0%} of the weight"
    if voice is None:
        return share
    return f"{voice.event_type.replace('_', ' ')} ({voice.publisher}, {_instant(voice.known_at)}, {share})"


def _instant(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _reason(check: Check) -> str:
    if check.observed is None and check.code in _UNMEASURED:
        return _UNMEASURED[check.code]
    return _REASONS[check.code].format(observed=check.observed, limit=check.limit)
