"""Which worker dies when: drawn at random, spread over the tape by how often each moment comes in peace."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from benchmarks.chaos.trap import Point

_SHARE = 0.9  # of the tape is enough for all kills of a stage even where each is drawn as late as can be
_RARE = 6  # moments a planned kill has to choose from


class Order(NamedTuple):
    """A life's end: at the nth moment of a kind."""

    point: Point
    nth: int


class Plan:
    """The lives of every stage that is to die, in order."""

    def __init__(self, orders: Mapping[str, Sequence[Order]]) -> None:
        """Let each stage's workers end like this, one after another; then they live on."""
        self.orders = {stage: list(each) for stage, each in orders.items()}

    @property
    def left(self) -> int:
        """How many lives are still to end."""
        return sum(map(len, self.orders.values()))

    def next(self, stage: str) -> Order | None:
        """Take the order of a stage's next life, or None where it may live."""
        return self.orders[stage].pop(0) if self.orders.get(stage) else None

    def put_back(self, stage: str, order: Order) -> None:
        """Take back an order that its life did not come to; half of the way is left to it."""
        self.orders[stage].insert(0, order._replace(nth=max(1, order.nth // 2)))


def planned(passed: Mapping[str, Counter[str]], kills: int, chance: random.Random) -> Plan:
    """Return a plan of so many kills a stage, given how often each moment came in the undisturbed run."""
    return Plan({stage: _orders(moments, kills, chance) for stage, moments in passed.items()})


def _orders(moments: Counter[str], kills: int, chance: random.Random) -> list[Order]:
    points = [point for point in Point for _ in range(-(-kills // len(Point)))]
    points = chance.sample(points, len(points))[:kills]
    # What comes seldom cannot be met as often as it is asked for: something frequent is instead.
    often = max(Point, key=lambda point: moments[point])
    room = {point: max(1, moments[point] // _RARE) if moments[point] else 0 for point in Point}
    chosen = []
    for point in points:
        met = point if room[point] else often
        room[met] -= 1
        chosen.append(Order(met, chance.randint(1, max(1, int(_SHARE * moments[met] / (kills + 1))))))
    return chosen
