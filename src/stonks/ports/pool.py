"""Child processes for work that may hang, crash or eat memory: what a document does to its reader stays there."""

from collections.abc import Callable
from typing import Protocol, TypeVar, TypeVarTuple

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class Pool(Protocol):
    """Runs pure functions outside this process, each child doing one call at a time."""

    async def run(self, function: Callable[[*Ts], T], /, *arguments: *Ts) -> T:
        """Return what a function of a module's top level makes of values that can be pickled.

        A cancellation ends the child, so that nobody computes what nobody waits for.

        Raises:
            Crashed: the child died of the call; the message says how: which signal, out of memory, over its CPU time.
            Unreachable: no child could be started.
            Exception: whatever the function raised.
        """
        ...
