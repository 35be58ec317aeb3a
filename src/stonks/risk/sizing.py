"""How much: fractional Kelly on the lower probability, held down by volatility, stop risk and caps (trading.md 3.2)."""

import math
from decimal import Decimal

import msgspec

from stonks.model.decision import Clamp
from stonks.risk.policy import Sizes


class SizeInput(msgspec.Struct, frozen=True, kw_only=True):
    """What a size is a function of; ``caps`` are shares of equity by code, in the order of their gates."""

    probability_low: float | None
    contradiction: float | None
    volatility: float | None
    atr: float | None
    price: float | None
    equity: float | None
    names: int
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

    weight = min(share of Kelly, volatility target, stop risk, caps) x (1 - contradiction); shares rounded down.
    """
    numbers = (given.probability_low, given.contradiction, given.volatility, given.atr, given.price, given.equity)
    if any(number is None or not math.isfinite(number) for number in numbers) or not given.price or not given.equity:
        return _nothing("SIZE_DATA_MISSING", {})
    steps = _steps(given, sizes)
    if steps["kelly"] <= 0:
        return _nothing("NO_EDGE", steps)
    bounds = {"VOL_TARGET": steps["volatility"], "STOP_RISK": steps["stop"], **given.caps}
    weight, clamps = _clamped(steps["kelly_share"], bounds)
    haircut = weight * (1 - (given.contradiction or 0.0))
    if haircut < weight:
        clamps = (*clamps, Clamp(code="CONTRADICTION", before=weight, after=haircut))
    return _shares(given, sizes, steps | {"weight": haircut}, clamps)


def stop_distance(price: float, atr: float, sizes: Sizes) -> float:
    """Return how many dollars away from the entry the stop lies."""
    return max(sizes.stop_atr * atr, sizes.stop_share * price)


def _steps(given: SizeInput, sizes: Sizes) -> dict[str, float]:
    price, atr = given.price or 0.0, given.atr or 0.0
    chance = given.probability_low or 0.0
    kelly = (sizes.payoff * chance - (1 - chance)) / sizes.payoff
    distance = stop_distance(price, atr, sizes)
    volatility = max(given.volatility or 0.0, sizes.volatility_floor)
    return {
        "kelly": kelly,
        "kelly_share": sizes.kelly_share * kelly,
        "volatility": sizes.volatility_target / volatility / math.sqrt(max(1, given.names)),
        "stop_distance": distance,
        "stop": sizes.risk_per_trade / (distance / price),
        "price": price,
        "equity": given.equity or 0.0,
    }


def _clamped(weight: float, bounds: dict[str, float]) -> tuple[float, tuple[Clamp, ...]]:
    clamps: list[Clamp] = []
    for code, bound in bounds.items():
        if bound < weight:
            clamps.append(Clamp(code=code, before=weight, after=bound))
            weight = bound
    return weight, tuple(clamps)


def _shares(given: SizeInput, sizes: Sizes, steps: dict[str, float], clamps: tuple[Clamp, ...]) -> Sized:
    price, equity = given.price or 0.0, given.equity or 0.0
    shares = max(0, math.floor(equity * steps["weight"] / price))
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
