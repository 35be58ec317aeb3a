"""Companies that the news names together more often than chance would: relations that nobody has written down.

Measured by the pointwise mutual information of stories, over what it can be at most: 0 where two companies meet as
often as chance would have it, 1 where none is ever named without the other.
"""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from stonks.model.company import CompanyEdge, Related

SPAN = timedelta(days=90)
"""How far back stories count."""
FEWEST = 3
"""Stories that must name both."""
MOST_NAMED = 6
"""Companies from which on a document is a list that says little of any two of them."""
SOURCE = "news"
LEAST = 0.1
"""Share of the greatest mutual information from which on two companies are related."""
_STEADY = 0.1
"""How far a weight must move before its edge is written anew."""
_HALF_SURE = 10.0
"""Stories that make a relation half sure."""


class Together(msgspec.Struct, frozen=True, kw_only=True):
    """In how many stories another company is named beside this one, and each of them at all."""

    ticker: str
    together: int
    own: int
    other: int
    every: int


class Renewal(msgspec.Struct, frozen=True, kw_only=True):
    """The companies whose relation to one ends, and the relations that begin."""

    ended: tuple[str, ...] = ()
    begun: tuple[CompanyEdge, ...] = ()


def mutual(found: Together) -> float:
    """Return the mutual information of two companies' stories over its maximum, in [-1, 1]."""
    if found.together == found.every:
        return 0.0  # every story names both: nothing is told by it
    if not found.together:
        return -1.0
    chance = math.log(found.together * found.every / (found.own * found.other))
    return chance / -math.log(found.together / found.every)


def renewal(ticker: str, found: Sequence[Together], known: Sequence[CompanyEdge], now: datetime) -> Renewal:
    """Return how one company's relations of this kind change, given those that stand; steady ones do not."""
    weights = {
        one.ticker: (weight, one) for one in found if one.together >= FEWEST and (weight := mutual(one)) >= LEAST
    }
    standing = {edge.dst: edge.weight for edge in known}
    steady = {name for name, weight in standing.items() if name in weights and _near(weights[name][0], weight)}
    return Renewal(
        ended=tuple(sorted(standing.keys() - steady)),
        begun=tuple(
            CompanyEdge(
                src=ticker,
                dst=name,
                relation=Related.CO_MENTION,
                weight=min(1.0, weight),
                confidence=one.together / (one.together + _HALF_SURE),
                valid_from=now,
                known_at=now,
                source=SOURCE,
            )
            for name, (weight, one) in sorted(weights.items())
            if name not in steady
        ),
    )


def _near(one: float, other: float) -> bool:
    return abs(min(1.0, one) - other) < _STEADY
