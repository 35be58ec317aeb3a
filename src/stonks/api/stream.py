"""Changes as server-sent events: the newest state of each key, at most four times a second, resumable.

Every stream reads the table of changes for itself, by its primary key; there is nothing to share and nothing to lose.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import suppress
from datetime import datetime
from time import monotonic
from typing import Any

import msgspec
from litestar.response import ServerSentEventMessage

from stonks.api.answers.stream import Change
from stonks.api.standing import present
from stonks.model.errors import Unreachable
from stonks.ports.bundle import Ports

TOPICS = ("alerts", "clock", "decisions", "documents", "equity", "orders", "recommendations", "trading")
_PAUSE, _HEARTBEAT, _BATCH = 0.25, 15.0, 1000
_DIGITS = 18


class Mark(msgspec.Struct, frozen=True, order=True):
    """A place in the changes; its text is the event's id."""

    tx: int = 0
    seq: int = 0

    def __str__(self) -> str:
        """Return the id under which a client resumes here."""
        return f"{self.tx}-{self.seq}"

    @classmethod
    def parse(cls, text: str | None) -> "Mark | None":
        """Return the place of an event id, or None where it is none of ours."""
        tx, _, seq = (text or "")[: 2 * _DIGITS].partition("-")
        return cls(int(tx), int(seq)) if tx.isdigit() and seq.isdigit() else None


class _Row(msgspec.Struct, frozen=True):
    tx: str
    seq: int
    at: datetime
    topic: str
    key: str
    data: dict[str, Any]


class _End(msgspec.Struct, frozen=True):
    tx: str
    seq: int
    oldest_tx: str


async def follow(
    ports: Ports, topics: Collection[str], last_id: str | None, closing: Callable[[], bool]
) -> AsyncIterator[ServerSentEventMessage]:
    """Yield changes of these topics after ``last_id``, or from now on; ends when the server closes.

    Without a database the stream is silent; nothing is missed, as it goes on from where it was.
    A ``reset`` comes first where changes since ``last_id`` are no longer kept: the client reads its resources again.
    """
    begun = await _begun(ports, last_id, closing)
    if begun is None:
        return
    mark, kept = begun
    yield ServerSentEventMessage(event="ready" if kept else "reset", id=str(mark), data="{}", retry=2000)
    spoke = monotonic()
    while not closing():
        with suppress(Unreachable):
            rows = await ports.store.rows(_Row, "read_system.changes", tx=str(mark.tx), seq=mark.seq, limit=_BATCH)
            if rows:
                mark = Mark(int(rows[-1].tx), rows[-1].seq)
            for message in _messages(rows, topics):
                yield message
                spoke = monotonic()
            if monotonic() - spoke >= _HEARTBEAT:
                now = msgspec.json.encode({"now": await present(ports)}).decode()
                yield ServerSentEventMessage(event="ping", id=str(mark), data=now)
                spoke = monotonic()
        await asyncio.sleep(_PAUSE)


async def _begun(ports: Ports, last_id: str | None, closing: Callable[[], bool]) -> tuple[Mark, bool] | None:
    """Begin as soon as the database answers, if it does before the end: a browser does not come back after an error."""
    while not closing():
        with suppress(Unreachable):
            return await _begin(ports, last_id)
        await asyncio.sleep(_PAUSE)
    return None


async def _begin(ports: Ports, last_id: str | None) -> tuple[Mark, bool]:
    """Return where to go on from, and whether everything since ``last_id`` is still there."""
    end = await ports.store.row(_End, "read_system.changes_end")
    newest = Mark(int(end.tx), end.seq) if end else Mark()
    last = Mark.parse(last_id)
    if last is None:
        return newest, last_id is None
    oldest = int(end.oldest_tx) if end else 0
    return (last, True) if oldest <= last.tx and last <= newest else (newest, False)


def _messages(rows: list[_Row], topics: Collection[str]) -> list[ServerSentEventMessage]:
    """Return one event a key: the newest, in the order of the changes."""
    newest = {(row.topic, row.key): row for row in rows if row.topic in topics}
    return [
        ServerSentEventMessage(
            event=row.topic,
            id=f"{row.tx}-{row.seq}",
            data=msgspec.json.encode(Change(v=1, type=row.topic, at=row.at, key=row.key, data=row.data)).decode(),
        )
        for row in sorted(newest.values(), key=lambda row: (int(row.tx), row.seq))
    ]
