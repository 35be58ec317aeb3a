"""What becomes of one decision in the hands of a program on alpaca-py that is killed and started again."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from benchmarks.deaths import naive
from benchmarks.deaths.cases import ORDER_FAULTS, SHARES
from benchmarks.deaths.lane import Lane, Life
from benchmarks.deaths.mortal import Doom, Moment
from benchmarks.deaths.naive import Way

FAULTS = [name for name in ORDER_FAULTS if "look-up" not in name]
"""Such a program looks for nothing."""
_MOST_LIVES = 5
_ROW = "{:<34}{:>7}{:>7}{:>12}{:>8}{:>13}{:>26}"
_HEAD = ("alpaca-py", "cases", "deaths", "duplicated", "lost", "books apart", "wrong of 100 decisions")


class Loss(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one decision."""

    way: Way
    fault: str
    died: bool
    orders: int
    booked: bool
    """Whether the program took it for carried out."""
    waits: int

    @property
    def apart(self) -> bool:
        """Whether the shares that it believes to have bought are not those that the exchange will buy."""
        return self.orders != int(self.booked)


async def lose(lane: Lane, way: Way, fault: str, doom: Doom) -> Loss:
    """Have one decision carried out through a death and as many lives as that takes."""
    await lane.books.forget_theirs()
    for each in ORDER_FAULTS[fault]:
        await lane.simulate("POST", "faults", **each)
    died, waits = False, 0
    with TemporaryDirectory() as directory:
        notes = Path(directory) / "notes"
        for number in range(_MOST_LIVES):
            life = Life(naive.trader, lane.address, notes, way, Doom() if number else doom)
            await lane.until(partial(_is_dead, life))
            said = life.said
            waits = waits or (len(said[0]) if said else 0)
            died = died or not said
            life.kill()
            if said:
                break
        note = notes.read_text()
    await asyncio.sleep(0.05)  # what a dead program asked may still be carried out
    orders = await lane.books.theirs.value("SELECT count(*) FROM exchange_orders WHERE quantity = $1", SHARES)
    await lane.simulate("DELETE", "faults")
    return Loss(way=way, fault=fault, died=died, orders=orders, booked=note == "done", waits=waits)


def _is_dead(life: Life) -> bool:
    return life.is_dead


async def lost(lanes: Sequence[Lane]) -> list[Loss]:
    """Return what became of a decision for each way, fault, and call at which the program can die."""
    losses: list[Loss] = []
    waiting = [(way, fault) for way in Way for fault in FAULTS]

    async def work(lane: Lane) -> None:
        while waiting:
            way, fault = waiting.pop()
            losses.extend([loss async for loss in _one_by_one(lane, way, fault)])

    async with asyncio.TaskGroup() as group:
        for lane in lanes:
            group.create_task(work(lane))
    return losses


async def _one_by_one(lane: Lane, way: Way, fault: str) -> AsyncIterator[Loss]:
    lived = await lose(lane, way, fault, Doom())
    yield lived
    for nth in range(1, lived.waits + 1):
        for moment in Moment:
            yield await lose(lane, way, fault, Doom(nth=nth, moment=moment))


def table(losses: Sequence[Loss]) -> list[str]:
    """Return the table of such programs, by the id that orders get and by what befell their requests."""
    lines = [_ROW.format(*_HEAD)]
    for way in Way:
        own = [loss for loss in losses if loss.way is way]
        lines.append(_row(str(way), own))
        lines += [_row(f"  {fault}", [loss for loss in own if loss.fault == fault]) for fault in FAULTS]
    return lines


def _row(name: str, losses: Sequence[Loss]) -> str:
    wrong = sum(loss.orders != 1 or loss.apart for loss in losses)
    return _ROW.format(
        name,
        len(losses),
        sum(loss.died for loss in losses),
        sum(loss.orders > 1 for loss in losses),
        sum(not loss.orders for loss in losses),
        sum(loss.apart for loss in losses),
        f"{100 * wrong / max(len(losses), 1):.0f}",
    )
