"""Orders that tests want placed."""

from decimal import Decimal
from uuid import UUID

import msgspec

from stonks.model.order import Intent, OrderType, Side


def intent(number: int = 1, **changes: object) -> Intent:
    """Return the intent to buy ten AAPL at the market, under an id of its own, but for the changes."""
    plain = Intent(
        id=UUID(int=number),
        decision_id=None,
        account="paper",
        leg="entry",
        attempt=1,
        client_order_id=f"so-{number}",
        ticker="AAPL",
        side=Side.BUY,
        type=OrderType.MARKET,
        quantity=Decimal(10),
    )
    return msgspec.structs.replace(plain, **changes)
