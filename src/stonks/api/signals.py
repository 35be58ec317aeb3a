"""Signals and macro events read for several routes."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from stonks.api.answers.events import EventRow
from stonks.api.answers.signals import SignalRow
from stonks.api.paging import Place
from stonks.ports.store import Reader


async def signals(
    store: Reader,
    limit: int,
    start: Place | None = None,
    *,
    ticker: str | None = None,
    layer: str | None = None,
    document_id: UUID | None = None,
) -> list[SignalRow]:
    """Return up to ``limit`` signals, newest first."""
    return await store.rows(
        SignalRow,
        "read_signals.page",
        **_from(start),
        ticker=ticker,
        layer=layer,
        document_id=document_id,
        ids=None,
        limit=limit,
    )


async def signals_by_id(store: Reader, ids: Sequence[UUID]) -> dict[UUID, SignalRow]:
    """Return these signals by their ids; unknown ids are left out."""
    found = await store.rows(
        SignalRow,
        "read_signals.page",
        **_from(None),
        ticker=None,
        layer=None,
        document_id=None,
        ids=list(ids),
        limit=len(ids),
    )
    return {signal.id: signal for signal in found}


class EventFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which macro events are wanted; None asks for any, severity for this one or a higher."""

    type: str | None = None
    severity: int = 1
    document_id: UUID | None = None
    id: UUID | None = None


async def events(store: Reader, limit: int, start: Place | None, wanted: EventFilter) -> list[EventRow]:
    """Return up to ``limit`` macro events, newest first."""
    return await store.rows(EventRow, "read_events.page", **_from(start), **msgspec.structs.asdict(wanted), limit=limit)


def _from(start: Place | None) -> dict[str, object]:
    begin = start or Place()
    return {"before_at": begin.before_at, "after_id": begin.after_id}
