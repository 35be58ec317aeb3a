"""An entry of a size that somebody asked for: the caps of the gates hold it down, nothing makes it larger."""

import math
from collections.abc import Mapping
from decimal import Decimal

from stonks.model.decision import Clamp
from stonks.risk.facts import Facts
from stonks.risk.gates.ruling import positive
from stonks.risk.sizing import Sized, stop_distance


def asked_size(facts: Facts, caps: Mapping[str, float]) -> Sized:
    """Return what may be bought of what was asked for, in whole shares; ``caps`` are shares of equity by code.

    A share costs the order's own limit at most, otherwise the ask.
    """
    price, equity = entry_price(facts), positive(facts.book.equity)
    if price is None or equity is None:
        return Sized(quantity=Decimal(0), weight=0.0, steps={}, clamps=(), refusal="SIZE_DATA_MISSING")
    asked = facts.proposal.quantity
    market = facts.market.price
    seen = {} if market is None else {"market": float(market.mid)}
    steps = {"asked": float(asked), "price": price, "equity": equity, **seen, **_stop(facts, price)}
    quantity, clamps = asked, list[Clamp]()
    for code, cap in caps.items():
        room = Decimal(math.floor(cap * equity / price))
        if room < quantity:
            clamps.append(Clamp(code=code, before=float(quantity) * price / equity, after=cap))
            quantity = room
    notional = float(quantity) * price
    enough = quantity > 0 and notional >= facts.policy.sizes.min_notional
    return Sized(
        quantity=quantity if enough else Decimal(0),
        weight=notional / equity,
        steps=steps | {"weight": notional / equity, "notional": notional},
        clamps=tuple(clamps),
        refusal=None if enough else "BELOW_MIN",
    )


def held_to(sized: Sized, asked: Decimal, price: float, equity: float) -> Sized:
    """Return a size that does not exceed what was asked for either."""
    if not 0 < asked < sized.quantity:
        return sized
    weight = float(asked) * price / equity
    clamp = Clamp(code="ASKED", before=sized.weight, after=weight)
    steps = sized.steps | {"asked": float(asked), "weight": weight, "notional": float(asked) * price}
    return Sized(quantity=asked, weight=weight, steps=steps, clamps=(*sized.clamps, clamp), refusal=sized.refusal)


def entry_price(facts: Facts) -> float | None:
    """Return the most that a share may cost, or None where that is unknown."""
    if facts.proposal.limit is not None:
        return positive(float(facts.proposal.limit))
    return None if facts.market.price is None else positive(float(facts.market.price.ask))


def _stop(facts: Facts, price: float) -> dict[str, float]:
    """Return where the stop of such an entry lies, in dollars below it; nothing where the range is unknown."""
    atr = positive(facts.market.atr)
    return {} if atr is None else {"stop_distance": stop_distance(price, atr, facts.policy.sizes)}
