"""Fills that are inferred from what an order has traded, and how real ones take their place. Pure."""

import hashlib
from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

import msgspec

from stonks.model.identity import fill_id
from stonks.model.order import Fill
from stonks.ports.broker import BrokerOrder
from stonks.stages.broker.core.difference import Tally

_MICRO = Decimal("0.000001")
_NOTHING = Decimal(0)


def inferred(account: str, tally: Tally, report: BrokerOrder) -> Fill | None:
    """Return one fill for all that an order has traded beyond our fills of it; None where there is no saying.

    Its id is that of order and shares traded, so that it is inferred once; its price is what makes the average right.
    """
    total, average = report.filled_quantity, report.average_price
    if total is None or average is None or total <= tally.shares:
        return None
    missing = total - tally.shares
    price = ((average * total - tally.dollars) / missing).quantize(_MICRO)
    if price <= 0:
        return None
    execution_id = f"inferred-{_digest(tally.client_order_id, total)}"
    return Fill(
        id=fill_id(account, execution_id),
        order_id=tally.id,
        execution_id=execution_id,
        ticker=tally.ticker,
        side=tally.side,
        quantity=missing,
        price=price,
        fee=_NOTHING,
        at=report.at,
    )


def _digest(client_order_id: str, total: Decimal) -> str:
    return hashlib.blake2b(f"{client_order_id}|{total.normalize():f}".encode(), digest_size=10).hexdigest()


class Replacement(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of inferred fills once a real one is known: those that go, the one that shrinks, and what is new."""

    gone: tuple[UUID, ...]
    less: Fill | None
    new: Decimal
    """Shares of the real fill for which no inferred one had stood."""


def replaced(standing: Sequence[Fill], real: Fill) -> Replacement:
    """Return what a real fill makes of an order's inferred ones: it takes their place, share by share."""
    left, gone, less = real.quantity, [], None
    for fill in standing:
        if not left:
            break
        taken = min(left, fill.quantity)
        left -= taken
        if taken == fill.quantity:
            gone.append(fill.id)
        else:
            less = _smaller(fill, taken, real.price)
    return Replacement(gone=tuple(gone), less=less, new=left)


def _smaller(fill: Fill, taken: Decimal, price: Decimal) -> Fill:
    """Return what is left of an inferred fill, at the price that leaves the dollars of both as they were."""
    quantity = fill.quantity - taken
    rest = ((fill.quantity * fill.price - taken * price) / quantity).quantize(_MICRO)
    return msgspec.structs.replace(fill, quantity=quantity, price=rest if rest > 0 else fill.price)
