"""Keeps orders that nobody has sent yet."""

from datetime import datetime
from decimal import Decimal

from stonks.model.order import Intent
from stonks.ports.store import Transaction

_COLUMNS = (
    *("id", "account", "leg", "attempt", "client_order_id", "ticker", "side", "type", "quantity", "limit_price"),
    *("stop_price", "time_in_force", "reduce_only", "source", "cause"),
)


async def keep_order(transaction: Transaction, order: Intent, price: float | None, now: datetime) -> None:
    """Keep an order of a decision, or one without, which then carries the price that it was judged at."""
    if order.decision_id is not None:
        await transaction.run("trading.order", intents=[order], now=now)
        return
    fields = {name: getattr(order, name) for name in _COLUMNS}
    decided = None if price is None else Decimal(str(price))
    await transaction.run("requests.order", **fields, decided_price=decided, now=now)
