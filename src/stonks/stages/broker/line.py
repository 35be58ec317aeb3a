"""Listens to the broker's stream of hints, as the only process of all that do."""

import asyncio
from datetime import timedelta
from uuid import uuid4

from stonks.model.errors import Transient
from stonks.ports.broker import Hinting
from stonks.ports.clock import Clock
from stonks.ports.store import Store

LEASE = timedelta(seconds=30)
"""How long the right to listen lasts without being renewed, in the database server's time."""

_ASK_AGAIN = timedelta(seconds=5)


class Line:
    """One account's stream, which a broker grants once: whoever has the row's lease listens, the others wait for it."""

    def __init__(self, broker: Hinting, store: Store, clock: Clock, account: str, lease: timedelta = LEASE) -> None:
        """Contend for the stream of this account under a name that nobody else has."""
        self._broker, self._store, self._clock = broker, store, clock
        self._account, self._lease = account, lease
        self._owner = uuid4().hex

    async def news(self) -> None:
        """Return when the stream hints at something; while somebody else listens, only once that has ended.

        It may be cancelled at any wait, and never raises. The lease is renewed with each call, and while one waits.
        """
        while not await self._heard():
            await self._broker.hang_up()
            await asyncio.sleep(min(_ASK_AGAIN, self._lease / 3).total_seconds())

    async def _heard(self) -> bool:
        """Return whether the stream hinted at something; without a hint, somebody else listens."""
        if not await self._take():
            return False
        hint = asyncio.ensure_future(self._broker.news())
        try:
            while not (await asyncio.wait({hint}, timeout=(self._lease / 3).total_seconds()))[0]:
                if not await self._take():
                    return False
        finally:
            hint.cancel()
            await asyncio.wait({hint})
        await self._take()
        return True

    async def _take(self) -> bool:
        """Take or renew the lease, note whether the stream stands, and return whether we may listen."""
        stands = self._clock.now() if self._broker.listening else None
        values = {"account": self._account, "owner": self._owner, "lease": self._lease, "stream_at": stands}
        try:
            return bool(await self._store.value("reconciliation.listen", **values))
        except Transient:
            return False
