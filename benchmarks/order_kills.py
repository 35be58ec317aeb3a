"""Whether one decision is one order when whoever carries it out is killed, whatever befalls its requests.

    python -m benchmarks.order_kills [--stride 9] [--lanes 6] [--seed 1] [--only WORDS] [--parts ours naive storm]

A lane is a trader and an exchange, `stonks exchange serve --sim` in a process of its own, each with a PostgreSQL
database. In a case a worker of the broker stage, a process too, takes one order from the queue and is killed with
SIGKILL at the nth time that its job waits: as it falls asleep, when what it waits for has been asked, or as it wakes,
when the answer has come. Another finds the job when its lease has run out, and the market fills the order. Then orders
must equal decisions, and fills, position and cash be those of the exchange. Likewise for the poll that books, for the
exchange itself, for a worker that is only frozen and wakes when another has done its work, and for two workers that get
the same job at once. In the storm both workers and the exchange are killed at random while a hundred decisions come.

The same deaths of programs written on alpaca-py show what that is good for. Ends with 1 where ours broke a promise. Run
it from the repository's root; `--stride 1` tries every wait.
"""

import argparse
import asyncio
import math
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.deaths import strangers
from benchmarks.deaths.cases import BOOKING_FAULTS, ORDER_FAULTS, Case, Kind, Tally
from benchmarks.deaths.lane import Lane
from benchmarks.deaths.mortal import DELIVERY, POLL, SERVING, Doom, Moment
from benchmarks.deaths.storm import Storm
from stonks.adapters.store import migrate
from stonks.supervisor import Supervisor

_FROZEN = ("none", "504 after", "504 before")
_TWINS = 4
_SERVED = 60
"""Waits of the exchange's connections in a case; those of a look at what there is come first."""
_DECISIONS, _STORM = 100, 60.0
_SORTS = (DELIVERY, POLL, DELIVERY, SERVING, DELIVERY, DELIVERY, "frozen", DELIVERY, "twins", DELIVERY)
"""Of deaths that are drawn."""
_PARTS = ("ours", "naive", "storm")
_TELL_EVERY = 60.0
_ROW = "{:<34}{:>7}{:>7}{:>11}{:>8}{:>12}{:>9}{:>12}"
_HEAD = ("", "cases", "deaths", "duplicates", "lost", "books apart", "other", "s a case")
_DUPLICATE = {"duplicate order at the exchange", "order of ours that the exchange has not"}
_APART = {"fills are not the executions", "positions differ", "cash differs", "stops are not for what is held"}


def undisturbed(only: str) -> list[Case]:
    """Return a case without a death for each order and fault: how often it waits is how often it can die."""
    cases = [Case(kind=kind, fault=fault, doom=Doom(whose=DELIVERY)) for kind in Kind for fault in ORDER_FAULTS]
    cases += [Case(kind=kind, fault=fault, doom=Doom(whose=POLL)) for kind in Kind for fault in BOOKING_FAULTS]
    return [case for case in cases if only in case.name]


def deaths(lived: Sequence[Tally], stride: int) -> list[Case]:
    """Return a death at every so many waits of each; where they begin differs, so that together they leave none out."""
    cases = []
    for place, tally in enumerate(lived):
        case, first = tally.case, 1 + place % stride
        ways = [False] + [True] * (case.kind is Kind.ENTRY and case.fault in _FROZEN and not case.books)
        for frozen in ways:
            for nth in range(first, tally.waits + 1, stride):
                moment = (Moment.ASLEEP, Moment.AWAKE)[(nth // stride + place) % 2]
                doom = Doom(whose=case.doom.whose, nth=nth, moment=moment, frozen=frozen)
                cases.append(Case(kind=case.kind, fault=case.fault, doom=doom))
    twins = {(tally.case.kind, tally.case.fault) for tally in lived if not tally.case.books}
    pairs = [Case(kind=kind, fault=fault, doom=Doom(), twins=True) for kind, fault in sorted(twins)]
    return cases + [pair for pair in pairs for _ in range(_TWINS if pair.fault in _FROZEN else 1)]


def closings(only: str, stride: int) -> list[Case]:
    """Return a death of the exchange at every so many of its waits, for each kind of order."""
    dooms = [Doom(whose=SERVING, nth=nth, moment=moment) for nth in range(1, _SERVED, stride) for moment in Moment]
    cases = [Case(kind=kind, fault="none", doom=doom) for kind in Kind for doom in dooms]
    return [case for case in cases if only in case.name]


def sampled(count: int, seed: int) -> list[Case]:
    """Return some deaths of every sort, drawn from a seed."""
    chance, kinds = random.Random(seed), tuple(Kind)
    return [_drawn(chance, _SORTS[place % len(_SORTS)], kinds[place % len(kinds)]) for place in range(count)]


def _drawn(chance: random.Random, sort: str, kind: Kind) -> Case:
    if sort == "twins":
        return Case(kind=kind, fault=chance.choice(tuple(ORDER_FAULTS)), doom=Doom(), twins=True)
    whose = DELIVERY if sort == "frozen" else sort
    faults = {DELIVERY: tuple(ORDER_FAULTS), POLL: tuple(BOOKING_FAULTS), SERVING: ("none",)}[whose]
    moment, nth = chance.choice(tuple(Moment)), chance.randint(1, _SERVED)
    doom = Doom(whose=whose, nth=nth, moment=moment, frozen=sort == "frozen")
    return Case(kind=kind, fault=chance.choice(faults), doom=doom)


async def tried(lanes: Sequence[Lane], cases: Sequence[Case], minutes: float = math.inf) -> list[Tally]:
    """Try cases, one at a time in each lane, begin none when the time is over, and say at once what is wrong."""
    waiting, tallies, told = list(reversed(cases)), list[Tally](), time.monotonic()
    end = told + 60 * minutes

    async def work(lane: Lane) -> None:
        nonlocal told
        while waiting and time.monotonic() < end:
            tally = await lane.tried(waiting.pop())
            tallies.append(tally)
            if tally.violations:
                print(f"BROKEN {tally.case.name}: {'; '.join(tally.violations)}", flush=True)
            if time.monotonic() - told > _TELL_EVERY:
                told = time.monotonic()
                print(f"... {len(tallies)} of {len(cases)}", file=sys.stderr, flush=True)

    async with asyncio.TaskGroup() as group:
        for lane in lanes:
            group.create_task(work(lane))
    return tallies


def row(name: str, tallies: Sequence[Tally]) -> str:
    """Return a line of the table."""
    kinds = [set(tally.violations) for tally in tallies]
    seconds = sum(tally.seconds for tally in tallies) / max(len(tallies), 1)
    return _ROW.format(
        name,
        len(tallies),
        sum(tally.died for tally in tallies),
        sum(bool(kind & _DUPLICATE) for kind in kinds),
        sum("lost order" in kind for kind in kinds),
        sum(bool(kind & _APART) for kind in kinds),
        sum(bool(kind - _DUPLICATE - _APART - {"lost order"}) for kind in kinds),
        f"{seconds:.1f}",
    )


def table(tallies: Sequence[Tally]) -> list[str]:
    """Return the table of our own worker: by order and fault, and by the way it died; without what was not tried."""
    closing = [tally for tally in tallies if tally.case.dies_at_exchange]
    placing = [tally for tally in tallies if not tally.case.books and not tally.case.dies_at_exchange]
    plain = [tally for tally in placing if not tally.case.twins and not tally.case.doom.frozen]
    groups = [(str(kind), [tally for tally in plain if tally.case.kind is kind]) for kind in Kind]
    groups += [(fault, [tally for tally in plain if tally.case.fault == fault]) for fault in ORDER_FAULTS]
    frozen = [tally for tally in placing if tally.case.doom.frozen]
    twins = [tally for tally in placing if tally.case.twins]
    booking = [tally for tally in tallies if tally.case.books]
    groups += [("frozen, and waking", frozen), ("the job given to two at once", twins), ("the exchange dies", closing)]
    groups += [(f"at booking: {name}", [t for t in booking if t.case.fault == name]) for name in BOOKING_FAULTS]
    return [_ROW.format(*_HEAD), *(row(name, group) for name, group in groups if group), row("all", tallies)]


async def kill_all(arguments: argparse.Namespace) -> int:
    """Print what came of every case; return 1 where something did that must not."""
    broken = False
    async with AsyncExitStack() as stack:
        scratch = Path(stack.enter_context(TemporaryDirectory()))
        servers = Supervisor.start(scratch / "servers", postgres=True, valkey=True, durable=False)
        running = await stack.enter_async_context(servers)
        await migrate(str(running.database_url))
        lanes = [await stack.enter_async_context(Lane.open(n, running, scratch)) for n in range(arguments.lanes)]
        if "ours" in arguments.parts:
            broken |= await kill_ours(lanes, arguments)
        if "storm" in arguments.parts:
            broken |= await blow(lanes[0], arguments.seed)
        if "naive" in arguments.parts:
            print("\n" + "\n".join(strangers.table(await strangers.lost(lanes))), flush=True)
    return int(broken)


async def kill_ours(lanes: Sequence[Lane], arguments: argparse.Namespace) -> bool:
    """Print what came of every case of ours; return whether any broke its promise."""
    began, lived = time.monotonic(), list[Tally]()
    coming = sampled(arguments.sample, arguments.seed)
    if not coming:
        lived = await tried(lanes, undisturbed(arguments.only))
        coming = deaths(sorted(lived, key=lambda tally: tally.case.name), arguments.stride)
        coming += closings(arguments.only, arguments.stride)
        random.Random(arguments.seed).shuffle(coming)
    tallies = lived + await tried(lanes, coming, arguments.minutes)
    print("\n".join(table(tallies)))
    places = Counter(place for tally in lived for place in tally.places)
    broken = sum(bool(tally.violations) for tally in tallies)
    waits = f"{len(places)} places where it waits; " if places else ""
    seconds = time.monotonic() - began
    print(f"\n{waits}{broken} of {len(tallies)} cases broken; {seconds:.0f} s", flush=True)
    if arguments.places:
        print("\n".join(f"{count:6} {place}" for place, count in sorted(places.items())))
    return broken > 0


async def blow(lane: Lane, seed: int) -> bool:
    """Print what came of a storm; return whether it broke anything."""
    began, storm = time.monotonic(), Storm(lane, seed)
    found = await storm.blow(_DECISIONS, _STORM)
    done = ", ".join(f"{count} times {what}" for what, count in sorted(storm.done.items()))
    print(f"\nstorm of seed {seed}: {_DECISIONS} decisions; {done}; {time.monotonic() - began:.0f} s")
    print("  " + ", ".join(f"{count} {state}" for state, count in storm.ends.most_common()))
    print(
        f"  {'NO' if found else 'yes':4} each ended once, and books are the exchange's {'; '.join(found)}", flush=True
    )
    return bool(found)


def main() -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stride", type=int, default=9, help="a death at every so many waits of each case")
    parser.add_argument("--lanes", type=int, default=6, help="cases at a time")
    parser.add_argument("--only", default="", metavar="WORDS", help="cases whose name has these words")
    parser.add_argument("--sample", type=int, default=0, metavar="CASES", help="only so many, drawn from the seed")
    parser.add_argument("--minutes", type=float, default=math.inf, help="after which no more cases are begun")
    parser.add_argument("--seed", type=int, default=1, help="of the storm and the sample")
    parser.add_argument("--parts", nargs="+", choices=_PARTS, default=_PARTS)
    parser.add_argument("--places", action="store_true", help="show where it waits")
    return asyncio.run(kill_all(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
