from datetime import timedelta

import pytest

from stonks.model.errors import Malformed, Refused, Throttled, Unreachable
from stonks.runtime.circuit import Circuit


class Seconds:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def fail(circuit: Circuit, error: Exception) -> None:
    with pytest.raises(type(error)):
        async with circuit.asking():
            raise error


async def test_after_a_failure_nobody_asks_for_a_while_that_grows() -> None:
    seconds = Seconds()
    circuit = Circuit("somebody", seconds)
    waits = []
    for _ in range(9):
        await fail(circuit, Unreachable("gone"))
        began = seconds.now
        while circuit.is_open:
            seconds.now += 1
        waits.append(seconds.now - began)

    assert waits == [0, 5, 10, 20, 40, 80, 160, 300, 300]
    assert circuit.trouble == "gone"


async def test_one_at_a_time_tries_again() -> None:
    seconds = Seconds()
    circuit = Circuit("somebody", seconds)
    await fail(circuit, Refused("no such model"))
    seconds.now = 5.0

    seen = [circuit.is_open]
    async with circuit.asking():
        seen.append(circuit.is_open)
    seen.append(circuit.is_open)

    assert seen == [False, True, False]
    assert circuit.trouble == ""


async def test_a_server_that_says_its_name_and_no_more_is_not_well() -> None:
    seconds = Seconds()
    circuit = Circuit("somebody", seconds)
    for _ in range(4):
        await fail(circuit, Unreachable("no whole answer"))
        async with circuit.asking(proves=False):
            pass

    assert circuit.is_open
    assert circuit.trouble == "no whole answer"


async def test_a_server_that_asks_to_wait_is_waited_for() -> None:
    seconds = Seconds()
    circuit = Circuit("somebody", seconds)
    await fail(circuit, Throttled("later", timedelta(minutes=2)))

    seconds.now = 119.0
    assert circuit.is_open
    seconds.now = 120.0
    assert not circuit.is_open


@pytest.mark.parametrize("error", [Malformed("not understood"), ValueError("a bug"), KeyError("another")])
async def test_what_is_no_failure_of_the_server_closes_nothing(error: Exception) -> None:
    circuit = Circuit("somebody", Seconds())

    await fail(circuit, error)

    assert not circuit.is_open


async def test_a_caller_that_is_gone_leaves_the_turn_to_the_next() -> None:
    seconds = Seconds()
    circuit = Circuit("somebody", seconds)
    await fail(circuit, Refused("down"))
    seconds.now = 5.0

    await fail(circuit, KeyboardInterrupt())  # type: ignore[arg-type] # as a cancellation would end it

    assert not circuit.is_open
