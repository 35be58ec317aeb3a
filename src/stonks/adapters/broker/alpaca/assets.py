"""What Alpaca says of instruments: asked for once an hour each, and believed a day when it does not answer."""

from datetime import datetime, timedelta

import msgspec

from stonks.adapters.broker.alpaca.reply import Outcome
from stonks.adapters.broker.alpaca.wire import Purpose, Wire
from stonks.model.errors import Transient
from stonks.model.market import Asset

_FRESH = timedelta(hours=1)


class Listed(msgspec.Struct, frozen=True):
    """An asset as Alpaca writes it."""

    symbol: str
    status: str
    tradable: bool
    fractionable: bool = False
    shortable: bool = False


class Assets:
    """Keeps the answers of one account's trading API."""

    def __init__(self, wire: Wire) -> None:
        """Ask over this wire."""
        self._wire = wire
        self._known: dict[str, Asset] = {}

    async def asset(self, ticker: str, now: datetime) -> Asset | None:
        """Return what is known of an instrument, or None where Alpaca says that it has none of that name.

        Raises:
            Transient: nothing certain was answered, and nothing is known from before.
        """
        kept = self._known.get(ticker)
        if kept is not None and now - kept.known_at < _FRESH:
            return kept
        try:
            found = await self._ask(ticker)
        except Transient:
            if kept is None:
                raise
            return kept
        if found is None:
            self._known.pop(ticker, None)
            return None
        asset = self._known[ticker] = _read(found, now)
        return asset

    async def _ask(self, ticker: str) -> Listed | None:
        reply = await self._wire.ask("GET", f"/v2/assets/{ticker}", Purpose.QUERY)
        return None if reply.outcome is Outcome.ABSENT else reply.read(Listed)


def _read(listed: Listed, now: datetime) -> Asset:
    """Return an answer as ours: what is listed as active and not traded at the moment is halted."""
    active = listed.status == "active"
    return Asset(
        ticker=listed.symbol,
        tradable=active,
        halted=active and not listed.tradable,
        fractionable=listed.fractionable,
        shortable=listed.shortable,
        known_at=now,
    )
