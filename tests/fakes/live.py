"""Live sources under test: surroundings on a site of this machine, and a source that is polled time and again."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import msgspec

from stonks.adapters.sources import open_sources
from stonks.adapters.sources.live import Surroundings
from stonks.adapters.sources.web.connection import Gate
from stonks.model.document import Document, FetchedDocument, Source
from stonks.model.errors import Permanent, Transient
from stonks.model.market import Session
from stonks.ports.sources import Fetched, Listing, Sources
from stonks.settings import read_settings
from stonks.stages.ingestion.core import Revision, take_in
from tests.fakes.web import NOW, Kept, OpenBudget, Site, StandingClock

APPLE = Listing(ticker="AAPL", name="Apple Inc.", cik="0000320193")
BOEING = Listing(ticker="BA", name="Boeing", cik="0000012927")


class SomeUniverse:
    """Follows these, and trades from half past one to eight in the evening of every weekday."""

    def __init__(self, *listings: Listing) -> None:
        self.followed = list(listings)

    async def listings(self) -> Sequence[Listing]:
        return sorted(self.followed, key=lambda one: one.ticker)

    async def sessions(self, first: date, last: date) -> Sequence[Session]:
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        return [
            Session(
                day=day,
                opens_at=datetime.combine(day, time(13, 30), UTC),
                closes_at=datetime.combine(day, time(20), UTC),
            )
            for day in days
            if day.weekday() < 5
        ]


class Desk:
    """Everything live sources stand on, with one site for all of them."""

    def __init__(self, site: Site, *listings: Listing, **settings: Any) -> None:  # noqa: ANN401 - whatever the setting takes
        self.site = site
        self.clock = StandingClock()
        self.kept = Kept()
        self.budget = OpenBudget()
        self.universe = SomeUniverse(*(listings or (APPLE, BOEING)))
        self.settings = read_settings(**{"edgar_contact": "Test test@example.com", "macro_feeds": {}} | settings)
        self.gate = Gate()

    def open(self) -> Sources:
        """Open the sources as a process that has just started would."""
        surroundings = Surroundings(
            settings=self.settings,
            clock=self.clock,
            keep=self.kept,
            budget=self.budget,
            universe=self.universe,
            gate=self.gate,
        )
        return open_sources("live:", surroundings)

    def poller(self, name: str) -> "Poller":
        return Poller(self.open, name, self.clock)


class Poller:
    """One source, polled again and again, each time by a process that has just started; what it brought is kept."""

    def __init__(self, opened: Callable[[], Sources], name: str, clock: StandingClock) -> None:
        self._open, self._name, self._clock = opened, name, clock
        self.cursor: str | None = None
        self.polls: list[Fetched] = []
        self.stored: list[Document] = []

    @property
    def documents(self) -> list[FetchedDocument]:
        return [document for poll in self.polls for document in poll.documents]

    @property
    def ids(self) -> list[str]:
        return [document.external_id for document in self.documents]

    @property
    def troubles(self) -> list[str]:
        return [trouble for poll in self.polls for trouble in poll.troubles]

    async def poll(self) -> Fetched:
        """Poll once, and take in what is new as ingestion does."""
        sources = self._open()
        row: Source = next(source for source in sources.sources() if source.name == self._name)
        fetched = await sources.fetch(msgspec.structs.replace(row, cursor=self.cursor), self._clock.now())
        self.cursor = fetched.cursor or self.cursor
        self.polls.append(fetched)
        known = [
            Revision(
                external_id=one.external_id, revision=one.revision, action=one.action, content_hash=one.content_hash
            )
            for one in self.stored
        ]
        self.stored += take_in(self._name, fetched.documents, known).documents
        return fetched

    async def setback(self) -> Transient | Permanent | None:
        """Poll once and return what ended the poll early."""
        return (await self.poll()).setback

    async def later(self, span: timedelta = timedelta(minutes=10)) -> Fetched:
        """Let time pass and poll."""
        self._clock.at += span
        return await self.poll()


__all__ = ["APPLE", "BOEING", "NOW", "Desk", "Poller", "SomeUniverse"]
