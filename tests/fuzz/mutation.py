"""Inputs made from the seeds: cut, doubled, put together, sprinkled with tokens; the same number is the same input."""

import random
from collections.abc import Callable

from tests.fuzz.seeds import SEEDS, TOKENS

_LONGEST = 60_000
Mutation = Callable[[random.Random, bytearray], None]


def mutated(number: int) -> tuple[str, bytes]:
    """Return a seed's name and what became of it."""
    dice = random.Random(number)
    name = dice.choice(sorted(SEEDS))
    data = bytearray(SEEDS[name])
    for _ in range(dice.choice((0, 1, 1, 2, 3, 5, 8, 20))):
        dice.choice(MUTATIONS)(dice, data)
        del data[_LONGEST:]
    return name, bytes(data)


def _place(dice: random.Random, data: bytearray) -> int:
    return dice.randrange(len(data) + 1)


def _span(dice: random.Random, data: bytearray) -> slice:
    start = _place(dice, data)
    return slice(start, start + dice.choice((1, 2, 4, 16, 64, 400)))


def _flip(dice: random.Random, data: bytearray) -> None:
    for _ in range(dice.choice((1, 4, 16))):
        if data:
            data[dice.randrange(len(data))] = dice.randrange(256)


def _insert(dice: random.Random, data: bytearray) -> None:
    at = _place(dice, data)
    data[at:at] = dice.choice(TOKENS) * dice.choice((1, 1, 1, 2, 30, 500))


def _replace(dice: random.Random, data: bytearray) -> None:
    data[_span(dice, data)] = dice.choice(TOKENS)


def _delete(dice: random.Random, data: bytearray) -> None:
    del data[_span(dice, data)]


def _double(dice: random.Random, data: bytearray) -> None:
    at = _place(dice, data)
    data[at:at] = data[_span(dice, data)] * dice.choice((1, 2, 10, 200))


def _cut(dice: random.Random, data: bytearray) -> None:
    del data[_place(dice, data) :]


def _cross(dice: random.Random, data: bytearray) -> None:
    other = SEEDS[dice.choice(sorted(SEEDS))]
    start = dice.randrange(len(other) + 1)
    at = _place(dice, data)
    data[at:at] = other[start : start + dice.choice((20, 200, 2000))]


def _number(dice: random.Random, data: bytearray) -> None:
    """Put another value where a JSON or XML value might stand."""
    digits = [at for at, byte in enumerate(data) if chr(byte).isdigit()]
    if digits:
        at = dice.choice(digits)
        data[at : at + 1] = dice.choice((b"-1", b"1e999", b"9" * 30, b"null", b'"NaN"', b"[]", b"{}", b"0", b"0.1"))


MUTATIONS: tuple[Mutation, ...] = (_flip, _insert, _insert, _replace, _delete, _double, _cut, _cross, _number)
