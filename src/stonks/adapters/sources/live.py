"""Live sources: those that the settings turn on, each poll through one client, folded from steps that are whole."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import msgspec

from stonks.adapters.sources.web.client import Outlets, OutOfTime, Web, open_web
from stonks.adapters.sources.web.connection import Gate
from stonks.model.document import FetchedDocument, Source
from stonks.model.errors import Permanent, Refused, Transient
from stonks.ports.budget import Budget
from stonks.ports.clock import Clock
from stonks.ports.sources import Fetched, Keep, Universe
from stonks.settings import Settings

MOST_DOCUMENTS = 500
"""How many documents one poll brings, give or take a step; what is left comes with the next, at once."""

MOST_BYTES = 50_000_000
"""How many bytes of documents one poll holds, give or take a step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What live sources stand on."""

    settings: Settings
    clock: Clock
    keep: Keep
    budget: Budget
    universe: Universe
    gate: Gate = field(default_factory=Gate)


def outlets_of(surroundings: Surroundings) -> Outlets:
    """Return what the polls of these surroundings ask through; whoever is asked may learn whom to write to."""
    contact = surroundings.settings.edgar_contact
    return Outlets(
        clock=surroundings.clock,
        keep=surroundings.keep,
        budget=surroundings.budget,
        agent=f"stonks-oracle ({contact})" if contact else "stonks-oracle",
        gate=surroundings.gate,
    )


class Reader(Protocol):
    """Reads one kind of source."""

    kind: str
    """What stands in the ``adapter`` of its sources."""

    def sources(self) -> Sequence[Source]:
        """Return its sources, as they should stand in the table."""
        ...

    def read(self, source: Source, web: Web) -> AsyncGenerator[Fetched, None]:
        """Yield what is new step by step; each step's cursor stands behind it, so that a poll may end after any."""
        ...


class LiveSources:
    """Every reader that the settings turn on, behind the Sources port."""

    def __init__(self, readers: Sequence[Reader], outlets: Outlets) -> None:
        """Read with these, through these outlets."""
        self._readers = {reader.kind: reader for reader in readers}
        self._outlets = outlets

    def sources(self) -> Sequence[Source]:
        """Return every source of every reader."""
        return [source for reader in self._readers.values() for source in reader.sources()]

    async def fetch(self, source: Source, now: datetime) -> Fetched:
        """Return what is new since the source's cursor; what ended the poll early is in it beside what came before.

        Raises:
            Refused: no setting turns this source on.
        """
        reader = self._readers.get(source.adapter)
        if reader is None:
            raise Refused(f"{source.name}: the settings of {source.adapter} are gone, so it cannot be asked")
        async with open_web(self._outlets) as web:
            poll = _Poll(source.cursor)
            try:
                async with aclosing(reader.read(source, web)) as steps:
                    async for step in steps:
                        poll.add(step)
                        if poll.is_full:
                            poll.next_at = now
                            break
            except OutOfTime as over:
                poll.next_at = self._outlets.clock.now() + over.retry_after
            except (Transient, Permanent) as error:
                poll.setback = error
            return poll.fetched(web)


class _Poll:
    """The steps of one poll, folded into one answer."""

    def __init__(self, cursor: str | None) -> None:
        self._steps: list[Fetched] = []
        self._cursor = cursor
        self.next_at: datetime | None = None
        self.setback: Transient | Permanent | None = None

    def add(self, step: Fetched) -> None:
        self._steps.append(step)
        self._cursor = step.cursor
        self.next_at = step.next_at

    @property
    def is_full(self) -> bool:
        sizes = [len(document.raw) for step in self._steps for document in step.documents]
        return len(sizes) >= MOST_DOCUMENTS or sum(sizes) >= MOST_BYTES

    def fetched(self, web: Web) -> Fetched:
        documents = [document for step in self._steps for document in step.documents]
        return Fetched(
            documents=tuple(sorted(map(_storable, documents), key=lambda document: document.known_at)),
            bars=tuple(bar for step in self._steps for bar in step.bars),
            events=tuple(event for step in self._steps for event in step.events),
            actions=tuple(action for step in self._steps for action in step.actions),
            details=tuple(details for step in self._steps for details in step.details),
            answers=tuple(web.answers),
            troubles=tuple(trouble for step in self._steps for trouble in step.troubles),
            cursor=self._cursor,
            next_at=self.next_at,
            setback=self.setback,
        )


def _storable(document: FetchedDocument) -> FetchedDocument:
    """Return a document under a name that a database takes."""
    if "\x00" not in document.external_id:
        return document
    return msgspec.structs.replace(document, external_id=document.external_id.replace("\x00", ""))
