"""Which of our client ids an order of Alpaca's goes back to: one that replaces another has new ids of both kinds."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from stonks.adapters.broker.alpaca.orders import AlpacaOrder
from stonks.adapters.broker.alpaca.reply import Outcome
from stonks.adapters.broker.alpaca.wire import Purpose, Wire
from stonks.model.errors import Unreachable

EMPTY: Mapping[str, AlpacaOrder] = MappingProxyType({})

_MOST = 20_000  # orders remembered
_LONGEST = 50  # replacements followed


class Lineage:
    """Follows replacements both ways, and remembers what it saw of them, which never changes."""

    def __init__(self, wire: Wire) -> None:
        """Ask for what is not remembered."""
        self._wire = wire
        self._seen: OrderedDict[str, tuple[str, str | None]] = OrderedDict()

    def learn(self, orders: Iterable[AlpacaOrder]) -> None:
        """Remember what orders say of their names."""
        for order in orders:
            self._seen[order.id] = (order.client_order_id, order.replaces)
        while len(self._seen) > _MOST:
            self._seen.popitem(last=False)

    def unknown(self, broker_order_ids: Iterable[str]) -> int:
        """Return how many of these orders would have to be asked for."""
        return len(set(broker_order_ids) - self._seen.keys())

    async def root(self, broker_order_id: str) -> str | None:
        """Return the client id of the first order in a line of replacements; None where Alpaca has no such order.

        Raises:
            Transient, Permanent: as ``Wire.ask`` and ``Reply.read``.
        """
        at = broker_order_id
        for _ in range(_LONGEST):
            if at not in self._seen and await self.get(at) is None:
                return None
            client_order_id, before = self._seen[at]
            if before is None:
                return client_order_id
            at = before
        raise Unreachable(f"order {broker_order_id} replaces more than {_LONGEST} others")

    async def latest(self, order: AlpacaOrder, known: Mapping[str, AlpacaOrder] = EMPTY) -> AlpacaOrder:
        """Return what an order was replaced by in the end, or itself; orders known by Alpaca's id are not asked for.

        Raises:
            Transient, Permanent: as ``Wire.ask`` and ``Reply.read``; Unreachable too where a replacement is not there.
        """
        for _ in range(_LONGEST):
            if order.replaced_by is None:
                return order
            following = known.get(order.replaced_by) or await self.get(order.replaced_by)
            if following is None:
                raise Unreachable(f"order {order.id} was replaced by {order.replaced_by}, which is not there")
            order = following
        raise Unreachable(f"order {order.id} was replaced more than {_LONGEST} times")

    async def get(self, broker_order_id: str) -> AlpacaOrder | None:
        """Return an order by Alpaca's id, or None where there is none.

        Raises:
            Transient, Permanent: as ``Wire.ask`` and ``Reply.read``.
        """
        reply = await self._wire.ask("GET", f"/v2/orders/{broker_order_id}", Purpose.QUERY)
        if reply.outcome is Outcome.ABSENT:
            return None
        order = reply.read(AlpacaOrder)
        self.learn([order])
        return order
