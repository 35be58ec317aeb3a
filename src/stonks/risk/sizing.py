"""How much: fractional Kelly on the lower probability, held down by volatility, stop risk and caps (trading.md 3.2)."""

import math
from decimal import Decimal

import msgspec

from stonks.model.decision import Clamp
from stonks.risk.facts import Results
from stonks.risk.policy import Sizes

_PRIOR_TRADES = 50
"""As many closed trades weigh as much as what was believed before."""
_DUST = 1e-9
"""Of a share: what floating point may lack of a whole one."""


class SizeInput(msgspec.Struct, frozen=True, kw_only=True):
    """What a size is a function of; ``caps`` are shares of equity by code, in the order of their gates."""

    probability: float | None
    probability_low: float | None
    contradiction: float | None
    volatility: float | None
    atr: float | None
    price: float | None
    equity: float | None
    names: int
    """Names in the book, this one among them: no effective number of independent ones is larger."""
    held: float = 0.0
    """What the name takes already, working buys among it; a share of equity."""
    results: Results | None = None
    share: float = 1.0
    """What is left of any size while the account does badly."""
    caps: dict[str, float]


class Sized(msgspec.Struct, frozen=True, kw_only=True):
    """A quantity of whole shares, every step that led to it, each clamp that bound, and why it is nothing."""

    quantity: Decimal
    weight: float
    steps: dict[str, float]
    clamps: tuple[Clamp, ...]
    refusal: str | None = None


def size(given: SizeInput, sizes: Sizes) -> Sized:
    """Return the size of an entry; more risk in any input never makes it larger.

    The name's weight is min(share of Kelly, volatility target, stop risk, what it has and each cap leaves) times
    (1 - contradiction); the order is what that is above what the name has, in shares, rounded down.
    """
    if not _known(given):
        return _nothing("SIZE_DATA_MISSING", {})
    steps = _steps(given, sizes)
    if steps["kelly"] <= 0:
        return _nothing("NO_EDGE", steps)
    bounds = {"VOL_TARGET": steps["volatility"], "STOP_RISK": steps["stop"]}
    bounds |= {code: given.held + cap for code, cap in given.caps.items()}
    weight, clamps = _clamped(steps["kelly_share"], bounds)
    for code, share in (("CONTRADICTION", 1 - (given.contradiction or 0.0)), ("WEEKLY_LOSS", given.share)):
        weight, clamps = _cut(weight, clamps, code, weight * share)
    wanted = weight
    weight, clamps = _cut(weight, clamps, "HELD", weight - given.held)
    steps |= {"weight": max(0.0, weight)}
    if given.held > 0 and weight <= sizes.least_change * wanted:
        return msgspec.structs.replace(_nothing("NEAR_TARGET", steps), clamps=clamps)
    return _shares(given, sizes, steps, clamps)


def stop_distance(price: float, atr: float, sizes: Sizes) -> float:
    """Return how many dollars away from the entry the stop lies."""
    return max(sizes.stop_atr * atr, sizes.stop_share * price)


def believed_payoff(results: Results | None, sizes: Sizes) -> float:
    """Return mean gain over mean loss: what closed trades say, shrunk to what was believed before them."""
    if results is None or results.payoff is None or not math.isfinite(results.payoff) or results.payoff <= 0:
        return sizes.payoff
    total = results.trades + _PRIOR_TRADES
    return (results.trades * results.payoff + _PRIOR_TRADES * sizes.payoff) / total


def cautious_probability(probability: float, low: float, sizes: Sizes) -> float:
    """Return the probability less the tier's doubt: so many times the way to the lower end of its interval."""
    return max(0.0, probability - sizes.doubt * max(0.0, probability - low))


def _known(given: SizeInput) -> bool:
    shares = (given.probability, given.probability_low, given.contradiction)
    amounts = (given.volatility, given.atr, given.price, given.equity)
    return (
        all(share is not None and 0 <= share <= 1 for share in shares)
        and all(amount is not None and math.isfinite(amount) and amount >= 0 for amount in amounts)
        and bool(given.price and given.equity)
        and all(map(math.isfinite, (given.held, given.share, *given.caps.values())))
    )


def _steps(given: SizeInput, sizes: Sizes) -> dict[str, float]:
    price = given.price or 0.0
    chance = cautious_probability(given.probability or 0.0, given.probability_low or 0.0, sizes)
    payoff = believed_payoff(given.results, sizes)
    kelly = (payoff * chance - (1 - chance)) / payoff
    distance = stop_distance(price, given.atr or 0.0, sizes)
    volatility = max(given.volatility or 0.0, sizes.volatility_floor)
    return {
        "probability": chance,
        "payoff": payoff,
        "kelly": kelly,
        "kelly_share": sizes.kelly_share * kelly,
        "volatility": sizes.volatility_target / volatility / math.sqrt(max(1, given.names)),
        "stop_distance": distance,
        "stop": sizes.risk_per_trade * (1 - 2 * sizes.commission) / (distance / price),
        "price": price,
        "equity": given.equity or 0.0,
    }


def _clamped(weight: float, bounds: dict[str, float]) -> tuple[float, tuple[Clamp, ...]]:
    clamps: tuple[Clamp, ...] = ()
    for code, bound in bounds.items():
        weight, clamps = _cut(weight, clamps, code, bound)
    return weight, clamps


def _cut(weight: float, clamps: tuple[Clamp, ...], code: str, bound: float) -> tuple[float, tuple[Clamp, ...]]:
    """Return the smaller of weight and bound, and the clamps with this one where it binds."""
    if bound >= weight:
        return weight, clamps
    return bound, (*clamps, Clamp(code=code, before=weight, after=bound))


def _shares(given: SizeInput, sizes: Sizes, steps: dict[str, float], clamps: tuple[Clamp, ...]) -> Sized:
    price, equity = given.price or 0.0, given.equity or 0.0
    shares = max(0, math.floor(equity * steps["weight"] / price + _DUST))
    enough = shares > 0 and shares * price >= sizes.min_notional
    return Sized(
        quantity=Decimal(shares if enough else 0),
        weight=steps["weight"],
        steps=steps | {"notional": shares * price},
        clamps=clamps,
        refusal=None if enough else "BELOW_MIN",
    )


def _nothing(refusal: str, steps: dict[str, float]) -> Sized:
    return Sized(quantity=Decimal(0), weight=0.0, steps=steps, clamps=(), refusal=refusal)
