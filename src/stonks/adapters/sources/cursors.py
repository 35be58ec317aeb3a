"""Where a source goes on from: cursors as JSON, and what was seen, so that nothing is brought twice."""

import hashlib
from datetime import datetime, timedelta
from typing import TypeVar

import msgspec

from stonks.model.errors import Malformed

S = TypeVar("S", bound=msgspec.Struct)


def load_cursor(cursor: str | None, shape: type[S]) -> S:
    """Return what a cursor says, or a fresh one for a source that was never asked.

    Raises:
        Malformed: it is no cursor of this source.
    """
    if cursor is None:
        return shape()
    try:
        return msgspec.json.decode(cursor, type=shape)
    except msgspec.DecodeError as wrong:
        raise Malformed(f"the cursor {cursor[:60]!r} is none of this source's: {wrong}") from wrong


def dump_cursor(state: msgspec.Struct) -> str:
    """Return a cursor as it is stored."""
    return msgspec.json.encode(state).decode()


def mark_of(content: bytes | str) -> str:
    """Return a short digest by which content is known again."""
    data = content if isinstance(content, bytes) else content.encode(errors="surrogatepass")
    return hashlib.blake2b(data, digest_size=6).hexdigest()


class Rolling(msgspec.Struct):
    """A list that is asked for by time, each time from a little before the newest item: late ones come late.

    ``seen`` has the items of that overlap: name to content and instant. ``page`` is where a list that was not read to
    its end goes on.
    """

    since: datetime | None = None
    newest: datetime | None = None
    page: str = ""
    seen: dict[str, tuple[str, int]] = {}

    def start(self, first: datetime, overlap: timedelta) -> datetime:
        """Return the instant from which the list is asked for."""
        self.since = self.since or first + overlap
        return self.since - overlap

    def is_new(self, name: str, content: bytes, at: datetime | None, now: datetime) -> bool:
        """Return whether an item was not seen yet with this content, and note it; a future one counts as now's."""
        key, digest, at = mark_of(name), mark_of(content), min(at or now, now)
        self.newest = at if self.newest is None else max(self.newest, at)
        known = self.seen.get(key)
        self.seen[key] = (digest, int(at.timestamp()))
        return known is None or known[0] != digest

    def finish(self, overlap: timedelta) -> None:
        """Note that the list was read to its end."""
        self.page, self.since = "", self.newest or self.since
        if self.since is not None:
            oldest = int((self.since - overlap).timestamp())
            self.seen = {key: one for key, one in self.seen.items() if one[1] >= oldest}


class Round(msgspec.Struct):
    """One turn over every followed company: how far it came, and the span it is for; ``page`` is within one of them."""

    since: datetime | None = None
    until: datetime | None = None
    after: str = ""
    page: str = ""

    def begin(self, first: datetime, now: datetime) -> tuple[datetime, datetime]:
        """Return the span of this turn, which lasts until it is finished however many polls that takes."""
        self.since, self.until = self.since or first, self.until or now
        return self.since, self.until

    def finish(self) -> None:
        """Note that everyone was asked."""
        self.since, self.until, self.after, self.page = self.until, None, "", ""
