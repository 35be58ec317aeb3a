"""The orders of an account: those that are open, and those that ended since they were last looked at."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from stonks.adapters.broker.alpaca.lineage import Lineage
from stonks.adapters.broker.alpaca.orders import AlpacaOrder
from stonks.adapters.broker.alpaca.wire import Purpose, Wire
from stonks.model.errors import Unreachable

PAGE = 500
"""Orders a page, the most that Alpaca gives."""

_MOST_PAGES = 40
_LONGEST_LIFE = timedelta(days=92)
"""How long ago an order can have been placed that ended while nobody looked; Alpaca ends them after 90 days."""
_SESSION = timedelta(days=1)
_STEP = timedelta(milliseconds=1)


class Sweep:
    """Looks at all orders of an account.

    Closed orders are listed by when they were placed, not by when they ended. The first look therefore goes back as far
    as an order can live; later ones go back a day and ask for each older order that was open at the last look.
    """

    def __init__(self, wire: Wire, lineage: Lineage) -> None:
        """Begin with nothing seen."""
        self._wire, self._lineage = wire, lineage
        self._open: frozenset[str] | None = None

    async def look(self, now: datetime) -> Sequence[AlpacaOrder]:
        """Return each order once, as it was placed.

        Raises:
            Transient, Permanent: as ``Wire.ask`` and ``Reply.read``. What was not read whole is not returned in part.
        """
        since = now - (_LONGEST_LIFE if self._open is None else _SESSION)
        working = await self._list("open", now - 2 * _LONGEST_LIFE)
        found = {order.id: order for order in working} | {
            order.id: order for order in await self._list("closed", since)
        }
        for gone in sorted((self._open or frozenset()) - found.keys()):
            order = await self._lineage.get(gone)
            if order is None:
                raise Unreachable(f"order {gone} was open, and now it is not there")
            found[gone] = order
        self._lineage.learn(found.values())
        self._open = frozenset(order.id for order in found.values() if not order.ended)
        return list(found.values())

    async def _list(self, status: str, since: datetime) -> list[AlpacaOrder]:
        read: dict[str, AlpacaOrder] = {}
        for _ in range(_MOST_PAGES):
            given = {
                "status": status,
                "limit": str(PAGE),
                "direction": "asc",
                "nested": "false",
                "after": since.isoformat().replace("+00:00", "Z"),
            }
            reply = await self._wire.ask("GET", "/v2/orders", Purpose.QUERY, parameters=given)
            page = reply.read(list[AlpacaOrder])
            before = len(read)
            read.update((order.id, order) for order in page)
            if len(page) < PAGE:
                return list(read.values())
            last = page[-1].submitted_at
            if last is None or len(read) == before:
                break
            since = last - _STEP  # several may have been placed at one instant
        raise Unreachable(f"{self._wire.base} does not come to the end of its {status} orders")
