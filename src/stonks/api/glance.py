"""A look at a server that may not answer: short, shared by whoever looks at the same time, and never a second one."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Generic, TypeVar

from stonks.model.errors import Unreachable

T = TypeVar("T")


class Glance(Generic[T]):
    """What a server said last; one that has not answered yet is not asked again, which would hold more connections."""

    def __init__(self, ask: Callable[[], Awaitable[T]], *, patience: float = 2.0, fresh: float = 1.0) -> None:
        """Wait so many seconds for an answer, and give it again for so many seconds."""
        self._ask = ask
        self._patience = patience
        self._fresh = fresh
        self._asked_at = 0.0
        self._asked: asyncio.Task[T] | None = None

    async def look(self) -> T:
        """Return the answer, or raise what asking raised.

        Raises:
            Unreachable: none came in time.
        """
        if self._asked is None or (self._asked.done() and monotonic() - self._asked_at >= self._fresh):
            self._asked_at = monotonic()
            self._asked = asyncio.ensure_future(self._ask())
            self._asked.add_done_callback(_heard)
        # Whoever loses patience leaves the question standing for the next one.
        done, _ = await asyncio.wait({self._asked}, timeout=self._patience)
        if not done:
            raise Unreachable(f"no answer for {monotonic() - self._asked_at:.1f} s")
        return self._asked.result()


def _heard(asked: "asyncio.Future[T]") -> None:
    """Take note of an error that nobody waits for any more."""
    if not asked.cancelled():
        asked.exception()
