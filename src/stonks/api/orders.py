"""Orders read for several routes."""

from uuid import UUID

import msgspec

from stonks.api.answers.orders import OrderRow
from stonks.api.paging import Place
from stonks.model.order import OrderStatus
from stonks.ports.store import Reader


class OrderFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which orders are wanted; None asks for any. Those of a decision include the legs of its entry."""

    account: str | None = None
    ticker: str | None = None
    status: OrderStatus | None = None
    open: bool | None = None
    id: UUID | None = None
    decision_id: UUID | None = None


async def orders(store: Reader, limit: int, start: Place | None, wanted: OrderFilter) -> list[OrderRow]:
    """Return up to ``limit`` orders with the recommendation behind them, newest first."""
    begin = start or Place()
    return await store.rows(
        OrderRow,
        "read_orders.page",
        before_at=begin.before_at,
        after_id=begin.after_id,
        limit=limit,
        **msgspec.structs.asdict(wanted),
    )
