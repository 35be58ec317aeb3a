"""How a replay sits out an outage: it asks again until its servers answer, however long that takes."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from stonks.model.errors import Transient

_FIRST, _LONGEST = 0.05, 2.0  # seconds between two attempts
_log = structlog.get_logger()

T = TypeVar("T")


async def sat_out(what: str, ask: Callable[[], Awaitable[T]]) -> T:
    """Return what a question comes to, asked again for as long as there is no usable answer.

    Args:
        what: who waits for it, for the log.
        ask: the question; asking twice must do no harm, as an unanswered one may have been heard.
    """
    pause = _FIRST
    while True:
        try:
            return await ask()
        except Transient as error:
            _log.warning("replay.waits", what=what, error=str(error), seconds=pause)
        await asyncio.sleep(pause)
        pause = min(_LONGEST, 2 * pause)
