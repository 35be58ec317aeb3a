"""Which of the pipeline's own servers does not answer, and since when: for whoever is asked whether all is well."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import msgspec

from stonks.model.errors import Server, Unreachable
from stonks.runtime.clock import SystemClock


class Outage(msgspec.Struct, frozen=True):
    """A server that does not answer: since when, in real time, and what was last met."""

    server: Server
    since: datetime
    error: str


class Health:
    """What the parts of a process have met lately; any of its threads may tell and ask."""

    def __init__(self) -> None:
        """Begin with everything well."""
        self._clock = SystemClock()
        self._outages: dict[Server, Outage] = {}

    @property
    def outages(self) -> tuple[Outage, ...]:
        """The servers that did not answer when last asked."""
        return tuple(self._outages.values())

    def met(self, error: BaseException) -> None:
        """Note that one of our servers did not answer; any other error says nothing of them."""
        if isinstance(error, Unreachable) and error.server is not None:
            self.silent(error.server, str(error))

    def silent(self, server: Server, error: str) -> None:
        """Note that a server did not answer, and what was met instead."""
        known = self._outages.get(server)
        self._outages[server] = Outage(server, known.since if known else self._clock.now(), error)

    def answered(self, server: Server) -> None:
        """Note that a server did answer."""
        if self._outages:
            self._outages.pop(server, None)

    @contextmanager
    def asking(self, server: Server) -> Iterator[None]:
        """Note how asking a server ends; an error goes on."""
        try:
            yield
        except Unreachable as error:
            self.met(error)
            raise
        self.answered(server)
