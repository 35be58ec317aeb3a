"""Whether an outside party is worth asking: after a failure not for a while, and then by one at a time."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import structlog

from stonks.model.errors import Malformed, Permanent, Throttled, Transient

_log = structlog.get_logger()

_SHORTEST = timedelta(seconds=5)
_LONGEST = timedelta(minutes=5)


class Circuit:
    """Remembers how asking one party went, in this process."""

    def __init__(self, name: str, time: Callable[[], float]) -> None:
        """Begin with trust; time is seconds of a clock that only goes forward."""
        self._name, self._time = name, time
        self._failures = 0
        self._again_at = 0.0
        self._trying = False
        self.trouble = ""
        """What was met last, while nothing good has been met since."""

    @property
    def is_open(self) -> bool:
        """Whether nobody is to ask now."""
        return bool(self._failures) and (self._trying or self._time() < self._again_at)

    @asynccontextmanager
    async def asking(self, *, proves: bool = True) -> AsyncIterator[None]:
        """Learn from how the block ends; an error goes on. A request that was not understood was answered.

        What is easily answered proves nothing where harder questions failed.
        """
        self._trying = bool(self._failures)
        try:
            yield
        except Malformed:
            self._well()
            raise
        except (Transient, Permanent) as error:
            self._failed(error)
            raise
        else:
            if proves:
                self._well()
        finally:
            self._trying = False

    def _well(self) -> None:
        if self._failures:
            _log.info("outside.answers", party=self._name, after_failures=self._failures)
        self._failures, self.trouble = 0, ""

    def _failed(self, error: Transient | Permanent) -> None:
        self._failures += 1
        wait = min(_LONGEST, _SHORTEST * 2.0 ** max(0, min(self._failures - 2, 10)))
        if isinstance(error, Throttled):
            wait = max(wait, error.retry_after)
        elif self._failures == 1 and isinstance(error, Transient):
            wait = timedelta()  # it may have been this one question
        self._again_at = self._time() + wait.total_seconds()
        self.trouble = str(error)
        _log.warning("outside.fails", party=self._name, error=self.trouble, not_before=wait.total_seconds())
