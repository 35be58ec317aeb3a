"""What becomes of jobs whose worker is killed: on our queue and on other people's, at their defaults.

    python benchmarks/queue_kills.py [--lives 20] [--window 40] [--seed 1] [--peers PEER...] [--home DIR]

Before each life four jobs of 0.4 s are enqueued. A worker that does four at a time is started and, 20 to 300 ms after
the first job has started, killed with all its children by SIGKILL. After the last life one more worker has a window in
which to do what is left. Ends with 1 when a job of ours was not done in the window, or an effect of ours came twice.
"""

import argparse
import asyncio
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from peers.bench import Bench
from peers.environments import BARE, HOME, LIBRARIES, OURS, Peer, pins, prepare

CONTENDERS = (*OURS, BARE[0], *LIBRARIES)
_AT_A_TIME = 4
_GLANCE = 0.02  # seconds between looks at what has been done
_AFTERMATH = 2.0  # seconds in which something might still be done again
_PATIENCE = 60.0  # seconds until a worker that starts no job counts as broken
_GOAL = 31.0  # seconds from the last kill until everything of ours is done
_ROW = "{:28}{:>8}{:>13}{:>22}{:>12}{:>18}{:>16}"


class Ordeal(NamedTuple):
    """What one contender went through."""

    jobs: int
    interrupted: int
    not_done: int
    twice: int
    seconds: float | None
    """From the last kill until everything was done."""
    lived: float
    """Seconds of all killed lives: beyond a lease, what one left is killed again in the next."""


class Diary:
    """What a contender's workers wrote before they were killed."""

    def __init__(self, path: Path, bench: Bench, peer: Peer) -> None:
        """Read this file; a contender with a database is asked for its effects there."""
        self.path = path
        self._bench = bench
        self._peer = peer

    def starts(self) -> list[str]:
        """Return which jobs were started, in order."""
        return self._noted("start")

    async def done(self) -> Counter[str]:
        """Return how often each job was done."""
        if not self._peer.database:
            return Counter(self._noted("done"))
        rows = await self._bench.query("SELECT subject, count(*) FROM jobs WHERE queue = 'effects' GROUP BY subject")
        return Counter({row["subject"]: row["count"] for row in rows})

    def _noted(self, what: str) -> list[str]:
        lines = self.path.read_text().splitlines() if self.path.exists() else []
        return [line.split()[1] for line in lines if line.startswith(what)]


async def endure(bench: Bench, peer: Peer, lives: int, window: float, chance: random.Random) -> Ordeal:
    """Kill a contender's worker so many times, then let one live."""
    await bench.clear()
    began, interrupted = time.monotonic(), 0
    with TemporaryDirectory() as directory:
        diary = Diary(Path(directory) / "diary", bench, peer)
        async with bench.running(peer, "feed") as feeder:
            for life in range(lives):
                await feeder.told(f"{life * _AT_A_TIME} {_AT_A_TIME}")
                interrupted += await _killed_life(bench, peer, diary, chance.uniform(0.02, 0.3))
        return await _last_life(bench, peer, diary, (lives * _AT_A_TIME, interrupted, window), began)


async def _killed_life(bench: Bench, peer: Peer, diary: Diary, mercy: float) -> int:
    """Let a worker start something and kill it a moment later; return how many jobs it had in hand."""
    before, done_before = len(diary.starts()), sum((await diary.done()).values())
    async with bench.running(peer, "live", _AT_A_TIME, diary.path), asyncio.timeout(_PATIENCE):
        while len(diary.starts()) == before:  # noqa: ASYNC110 - what is waited for happens in another process
            await asyncio.sleep(_GLANCE)
        await asyncio.sleep(mercy)
    return len(diary.starts()) - before - (sum((await diary.done()).values()) - done_before)


async def _last_life(bench: Bench, peer: Peer, diary: Diary, so_far: tuple[int, int, float], began: float) -> Ordeal:
    """Let a worker do what is left while the window lasts."""
    jobs, interrupted, window = so_far
    killed, seconds = time.monotonic(), None
    async with bench.running(peer, "live", _AT_A_TIME, diary.path):
        while seconds is None and time.monotonic() - killed < window:
            await asyncio.sleep(_GLANCE)
            if len(await diary.done()) == jobs:
                seconds = time.monotonic() - killed
        await asyncio.sleep(_AFTERMATH)
    done = await diary.done()
    twice = sum(times > 1 for times in done.values())
    return Ordeal(jobs, interrupted, jobs - len(done), twice, seconds, killed - began)


async def endure_all(peers: Sequence[Peer], arguments: argparse.Namespace) -> int:
    """Print a line a contender; return 1 when ours lost a job or did one twice, else 0."""
    pythons = {peer.name: prepare(peer, arguments.home) for peer in peers}
    ours: list[Ordeal] = []
    not_done = f"not done in {arguments.window:g} s"
    print(_ROW.format("", "jobs", "interrupted", not_done, "done twice", "all done after", "lives took"))
    async with Bench.open(pythons) as bench:
        for peer in peers:
            chance = random.Random(arguments.seed)
            ordeal = await endure(bench, peer, arguments.lives, arguments.window, chance)
            ended = f"{ordeal.seconds:.1f} s" if ordeal.seconds is not None else "-"
            print(_ROW.format(peer.label, *ordeal[:4], ended, f"{ordeal.lived:.1f} s"), flush=True)
            ours += [ordeal] * (peer in OURS)
        servers = await bench.servers()
    unharmed = all(ordeal.not_done == ordeal.twice == 0 for ordeal in ours)
    in_time = all(ordeal.seconds is not None and ordeal.seconds <= _GOAL for ordeal in ours)
    print(f"\n  {'yes' if unharmed else 'NO':4} ours: none lost, none done twice")
    print(f"  {'yes' if in_time else 'NO':4} ours: all done within {_GOAL:g} s of the last kill")
    print(f"\n{servers}")
    for peer in peers:
        if peer.environment:
            print(f"  {peer.name:10}{pins(peer)}")
    return 0 if unharmed else 1


def main() -> int:
    """Print the table."""
    names = [peer.name for peer in CONTENDERS if peer not in OURS]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lives", type=int, default=20)
    parser.add_argument("--window", type=float, default=40, help="seconds")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--peers", nargs="*", metavar="PEER", choices=names, default=names, help=", ".join(names))
    parser.add_argument("--home", type=Path, default=HOME, help="where the environments are kept")
    arguments = parser.parse_args()
    peers = [peer for peer in CONTENDERS if peer in OURS or peer.name in arguments.peers]
    return asyncio.run(endure_all(peers, arguments))


if __name__ == "__main__":
    sys.exit(main())
