"""What the account's closed trades brought, worked out anew when something was executed."""

from datetime import datetime, timedelta

from stonks.model.adjustment import Adjustment
from stonks.model.order import Fill
from stonks.ports.store import Store
from stonks.risk.facts import Results
from stonks.risk.payoff import results_of
from stonks.risk.trades import closed_trades

_KEPT = timedelta(days=365)
"""How long a trade says something of the next one."""


class Record:
    """Keeps what came of the trades of one account; that is a function of its fills and changes no result."""

    def __init__(self, store: Store, account: str) -> None:
        """Read this account's fills."""
        self._store = store
        self._account = account
        self._known: tuple[str | None, Results] | None = None

    async def results(self, now: datetime) -> Results:
        """Return what the trades that closed within a year brought."""
        cursor = await self._store.value("sending.cursor", account=self._account)
        if self._known is None or self._known[0] != cursor:
            self._known = (cursor, await self._count(now))
        return self._known[1]

    async def _count(self, now: datetime) -> Results:
        since = now - _KEPT
        fills = await self._store.rows(Fill, "breakers.fills", account=self._account, since=since, now=now)
        tickers = sorted({fill.ticker for fill in fills})
        booked = await self._store.rows(Adjustment, "adjustments.booked", account=self._account, tickers=tickers)
        return results_of([trade for trade in closed_trades(fills, booked) if trade.closed_at > since])
