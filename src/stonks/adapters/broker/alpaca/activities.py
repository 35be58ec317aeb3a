"""Fills as Alpaca's account activities tell them: read page by page, the late ones too, none twice without need.

The cursor is the id of the last activity that was booked, so a restart goes on from it. An activity may appear behind
one with a later id. Each reading therefore begins some minutes before the cursor, and hands out what is older than the
cursor and was not handed out before. After a restart that is unknown, and what is read again is handed out again.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec

from stonks.adapters.broker.alpaca.orders import Instant
from stonks.adapters.broker.alpaca.wire import Purpose, Wire
from stonks.model.errors import Unreachable

PAGE = 100
"""Activities a page, the most that Alpaca gives."""

_ENOUGH_PAGES = 20  # at a time
_MOST_PAGES = 500
_OVERLAP = timedelta(minutes=5)
_DIGITS = 17  # of an id's time, down to the millisecond


class Activity(msgspec.Struct, frozen=True, kw_only=True):
    """One execution."""

    id: str
    order_id: str
    symbol: str
    side: str
    qty: Decimal
    price: Decimal
    transaction_time: Instant


class Activities:
    """Reads the fills of one account."""

    def __init__(self, wire: Wire) -> None:
        """Begin without knowing what was handed out."""
        self._wire = wire
        self._booked: set[str] = set()
        self._handed: list[str] = []
        self._times: dict[str, datetime] = {}

    async def after(self, cursor: str | None) -> Sequence[Activity]:
        """Return fills behind the cursor, oldest first, led by late ones from before it.

        They count as booked once the last of them comes back as the cursor.

        Raises:
            Transient, Permanent: as ``Wire.ask`` and ``Reply.read``.
        """
        if self._handed and self._handed[-1] == cursor:
            self._booked.update(self._handed)
        whole = read = await self._read(cursor)
        ids = [activity.id for activity in read]
        if cursor is not None and cursor in ids:
            self._booked = (self._booked & set(ids)) | {cursor}
            at = ids.index(cursor)
            late = [activity for activity in read[:at] if activity.id not in self._booked]
            read = [*late, *read[at + 1 :]]
        self._times = {activity.id: activity.transaction_time for activity in whole}
        self._handed = [activity.id for activity in read]
        return read

    async def _read(self, cursor: str | None) -> list[Activity]:
        """Return pages of fills from some time before the cursor, everything where the cursor is not Alpaca's."""
        since = None if cursor is None else self._times.get(cursor) or _instant(cursor)
        asked = {"direction": "asc", "page_size": str(PAGE)} | (
            {} if since is None else {"after": _zulu(since - _OVERLAP)}
        )
        read: dict[str, Activity] = {}
        page: list[Activity] = []
        for number in range(_MOST_PAGES):
            given = asked | ({"page_token": page[-1].id} if page else {})
            reply = await self._wire.ask("GET", "/v2/account/activities/FILL", Purpose.QUERY, parameters=given)
            page = reply.read(list[Activity])
            before = len(read)
            read.update((activity.id, activity) for activity in page)
            if len(page) < PAGE or (number >= _ENOUGH_PAGES and (cursor is None or cursor in read)):
                return list(read.values())
            if len(read) == before:
                break
        raise Unreachable(f"{self._wire.base} does not come to the end of its activities")


def _instant(cursor: str) -> datetime | None:
    """Return an instant that is not after an activity, from its id; None where that does not begin with a time.

    Alpaca writes New York's time of day there. Read as UTC it is four or five hours early, which costs a longer page
    and loses nothing; read as New York's, ids of a server that writes UTC would be hours late.
    """
    digits = cursor[:_DIGITS]
    try:
        at = datetime.strptime(digits + "000", "%Y%m%d%H%M%S%f").replace(tzinfo=UTC)
    except ValueError:
        return None
    return at if len(digits) == _DIGITS and digits.isdigit() else None


def _zulu(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
