"""What a job costs on our queue and on other people's: rates, CPU and delay, each beside its peers.

    python benchmarks/queue.py [--jobs 20000] [--rounds 5] [--peers PEER...] [--home DIR]

The same job of 391 bytes that does nothing, one worker process, the same embedded Valkey. Interleaved rounds; medians.
Ours is shown twice: the queue alone, which is what the others are, and with the ledger in PostgreSQL, which is what
it costs that an effect happens once. Libraries run as they come, each in an environment of its own under ``--home``.
"""

import sys

sys.path.append(sys.path.pop(0))  # this folder comes last: in it "queue" hides the standard library's
if __name__ == "queue":  # a benchmark beside this one wants the standard library's
    del sys.modules["queue"]
    import queue  # noqa: F401 - no longer this file

import argparse
import asyncio
from pathlib import Path


def main() -> None:
    """Print the table and the goals."""
    from peers.environments import HOME, OTHERS, OURS
    from peers.rates import measure

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=20_000, help="of ours and the bare loop's; libraries get a share")
    parser.add_argument("--rounds", type=int, default=5)
    names = [peer.name for peer in OTHERS]
    parser.add_argument("--peers", nargs="*", metavar="PEER", choices=names, default=names, help=", ".join(names))
    parser.add_argument("--home", type=Path, default=HOME, help="where the environments are kept")
    arguments = parser.parse_args()
    peers = [*OURS, *(peer for peer in OTHERS if peer.name in arguments.peers)]
    asyncio.run(measure(peers, arguments.home, arguments.jobs, arguments.rounds))


if __name__ == "__main__":
    main()
