"""A thread of a channel's own: what blocks there blocks nobody else's work, the database's and the broker's least."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

PATIENCE = timedelta(seconds=20)
"""How long saying one alert may take; a job that says some has a minute."""
SILENCE = timedelta(seconds=8)
"""How long the other side may be silent."""


class OwnThread:
    """Runs one call at a time beside the loop."""

    def __init__(self, name: str, patience: timedelta = PATIENCE) -> None:
        """Begin the thread at the first call."""
        self._patience = patience
        self._executor = ThreadPoolExecutor(1, thread_name_prefix=f"alerts-{name}")

    async def call(self, work: Callable[[], None], hang_up: Callable[[], None]) -> None:
        """Return when the work is done; one that takes too long is hung up on, which has to end it.

        Raises:
            TimeoutError: it took too long.
        """
        task = self._executor.submit(work)
        running = asyncio.wrap_future(task)
        try:
            done, _ = await asyncio.wait({running}, timeout=self._patience.total_seconds())
        finally:
            if not running.done():
                if not task.cancel():
                    hang_up()
                running.cancel()
        if not done:
            raise TimeoutError
        running.result()
