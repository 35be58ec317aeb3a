"""Rounds of measurements in which every contender takes its turn, and the table and the goals they come to."""

import math
import os
import platform
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from peers.bench import Bench
from peers.environments import BARE, LIBRARIES, OURS, Peer, pins, prepare

_MANY = 100
_SHARE_ONE_BY_ONE = 0.25
_PACED, _EVERY = 200, 0.015
_ROW = "{:28}{:>10}{:>10}{:>11}{:>11}{:>12}{:>9}{:>9}{:>9}"

Figures = dict[str, float]
"""What one contender did in one round: jobs a second, CPU in microseconds a job, delays in milliseconds."""
Round = dict[str, Figures]
"""The figures of everyone by name."""


class Goal(NamedTuple):
    """A promise about a figure of a round, kept at ``most`` or at ``least``."""

    what: str
    reached: Callable[[Round], float]
    most: float = math.inf
    least: float = 0


_US, _BARE, _BLOCKING = OURS[0].name, BARE[0].name, BARE[1].name


def _best_rate(one: Round, names: Iterable[str]) -> float:
    figures = [one[name] for name in names if name in one]
    return max(rate for each in figures for name, rate in each.items() if name.startswith("rate"))


GOALS = (
    Goal("worker CPU a job, 100 at a time, us", lambda one: one[_US][f"worker {_MANY}"], most=10),
    Goal(
        "jobs/s, 100 at a time, times the bare BLPOP loop's best",
        lambda one: one[_US][f"rate {_MANY}"] / _best_rate(one, [_BARE]),
        least=3,
    ),
    Goal(
        "jobs/s, 100 at a time, times the best library's best",
        lambda one: one[_US][f"rate {_MANY}"] / _best_rate(one, [library.name for library in LIBRARIES]),
        least=8,
    ),
    Goal(
        "worker CPU a job, one at a time, times the bare BLPOP loop's",
        lambda one: one[_US]["worker 1"] / one[_BARE]["worker 1"],
        most=2.2,
    ),
    Goal("p50 from enqueue to start, ms", lambda one: one[_US]["p50"], most=1.5),
)
ASIDE = (
    Goal(
        "jobs/s, 100 at a time, times the blocking client's",
        lambda one: one[_US][f"rate {_MANY}"] / one[_BLOCKING]["rate 1"],
    ),
    Goal(
        "worker CPU a job, one at a time, times the blocking client's",
        lambda one: one[_US]["worker 1"] / one[_BLOCKING]["worker 1"],
    ),
)
"""What no goal was set for: that client's loop can do nothing else while it waits."""


async def measure(peers: Sequence[Peer], home: Path, jobs: int, rounds: int) -> None:
    """Measure in interleaved rounds and print all there is to say."""
    pythons = {peer.name: prepare(peer, home) for peer in peers}
    started, load = time.monotonic(), os.getloadavg()
    taken: list[Round] = []
    async with Bench.open(pythons) as bench:
        for number in range(rounds):
            # Each round begins with another one: what the machine does meanwhile meets all alike.
            turn = number % len(peers)
            order = (*peers[turn:], *peers[:turn])
            taken.append({peer.name: await _figures(bench, peer, jobs) for peer in order})
        servers = await bench.servers()
    _print_table(peers, taken)
    _print_goals(taken)
    print(f"\nPython {platform.python_version()}, {servers}, {os.cpu_count()} cores")
    for peer in peers:
        if peer.environment == peer.name:
            print(f"  {peer.name:10}{pins(peer)}")
    loads = f"load average {_shown(load)} before, {_shown(os.getloadavg())} after"
    print(f"{rounds} rounds in {time.monotonic() - started:.0f} s; {loads}")


async def _figures(bench: Bench, peer: Peer, jobs: int) -> Figures:
    figures: Figures = {}
    enqueued = []
    for concurrency, share in ((_MANY, 1.0), (1, _SHARE_ONE_BY_ONE)):
        if concurrency > 1 and not peer.many:
            continue
        await bench.clear()
        count = max(int(jobs * peer.share * share), 20)
        enqueued.append(await bench.enqueue(peer, count))
        took = await bench.drain(peer, concurrency, count)
        figures[f"rate {concurrency}"] = took["jobs"] / took["seconds"]
        figures[f"worker {concurrency}"] = took["worker"] / took["jobs"] * 1e6
        figures[f"server {concurrency}"] = took["server"] / took["jobs"] * 1e6
    count, seconds, cpu = (sum(each[name] for each in enqueued) for name in ("jobs", "seconds", "cpu"))
    await bench.clear()
    delays = [delay * 1000 for delay in await bench.delays(peer, _PACED, _EVERY)]
    p50, p99 = statistics.median(delays), statistics.quantiles(delays, n=100)[98]
    return figures | {"enqueued": count / seconds, "cpu": cpu / count * 1e6, "p50": p50, "p99": p99}


def _print_table(peers: Sequence[Peer], taken: Sequence[Round]) -> None:
    """Print the medians over the rounds, a line for each contender and concurrency."""
    head = ("at a time", "jobs/s", "worker us", "server us", "enqueued/s", "CPU us", "p50 ms", "p99 ms")
    print("\n" + _ROW.format("", *head))
    for peer in peers:
        rounds = [one[peer.name] for one in taken]
        middle = {name: statistics.median(figures[name] for figures in rounds) for name in rounds[0]}
        rest = [f"{middle['enqueued']:,.0f}", *(f"{middle[name]:.2f}" for name in ("cpu", "p50", "p99"))]
        for concurrency in (1, _MANY) if peer.many else (1,):
            cells = [f"{middle[f'rate {concurrency}']:,.0f}"]
            cells += [f"{middle[f'{who} {concurrency}']:.1f}" for who in ("worker", "server")]
            first = concurrency == 1
            print(_ROW.format(peer.label if first else "", concurrency, *cells, *(rest if first else [""] * len(rest))))


def _print_goals(taken: Sequence[Round]) -> None:
    """Print each goal with the median over the rounds; a ratio is taken within a round."""
    print()
    for goal in (*GOALS, *ASIDE):
        try:
            reached = statistics.median(goal.reached(one) for one in taken)
        except (KeyError, ValueError):  # a contender was left out
            continue
        if goal in ASIDE:
            print(f"  -    {goal.what}: {reached:.2f}")
        else:
            bound = f"at most {goal.most:g}" if goal.most < math.inf else f"at least {goal.least:g}"
            print(
                f"  {'yes' if goal.least <= reached <= goal.most else 'NO':4} {goal.what}: {reached:.2f}, goal {bound}"
            )


def _shown(load: Sequence[float]) -> str:
    return " ".join(f"{average:.2f}" for average in load)
