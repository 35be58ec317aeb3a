"""One answer a trading day: each session once it is over, and the one before it once more, for what was corrected."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import date, datetime, timedelta

import msgspec

from stonks.adapters.sources.cursors import dump_cursor, load_cursor
from stonks.adapters.sources.web.client import Web
from stonks.model.document import Source
from stonks.model.market import Session
from stonks.ports.sources import Fetched, Universe

AFTER_CLOSE = timedelta(minutes=20)
"""How long after the close a day's bars are asked for: by then the closing auction is in them."""

_FIRST = timedelta(days=7)
_AHEAD = timedelta(days=7)


class DaysCursor(msgspec.Struct):
    """The last session that was read, and whether the one before it was looked at again."""

    day: date | None = None
    again: date | None = None


async def over_sessions(
    source: Source, web: Web, universe: Universe, read: Callable[[Web, Session], Awaitable[Fetched]]
) -> AsyncGenerator[Fetched, None]:
    """Yield what is read of each session that is over and was not read yet; the next poll is after the next close."""
    state = load_cursor(source.cursor, DaysCursor)
    today = web.now.date()
    sessions = await universe.sessions((state.day or today) - _FIRST, today + _AHEAD)
    over = [session for session in sessions if session.closes_at + AFTER_CLOSE <= web.now]
    new = [session for session in over if state.day is None or session.day > state.day]
    ahead = [session for session in sessions if session.closes_at + AFTER_CLOSE > web.now]
    next_at: datetime | None = ahead[0].closes_at + AFTER_CLOSE if ahead else None
    if new and state.day is not None and state.again != state.day:
        for session in over:
            if session.day == state.day:
                state.again = session.day
                yield msgspec.structs.replace(await read(web, session), cursor=dump_cursor(state))
    for session in new:
        state.day = session.day
        yield msgspec.structs.replace(await read(web, session), cursor=dump_cursor(state))
    yield Fetched(cursor=dump_cursor(state), next_at=next_at)
