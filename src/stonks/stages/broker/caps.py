"""Hard caps in dollars on what is sent, apart from the risk policy: the last word before an entry is claimed.

They know nothing of sizing, tiers or gates, so that a mistake there cannot lift them. Exits are exempt: they are never
for more than is held, and nothing may keep a position from being left.
"""

from datetime import datetime, timedelta
from decimal import Decimal

import msgspec

from stonks.model.decision import Check
from stonks.model.market import Price
from stonks.ports.store import Transaction
from stonks.risk.evaluate import Evaluation
from stonks.risk.gates.ruling import answer
from stonks.settings import Settings
from stonks.stages.broker.core.orders import OrderRow

_DAY = timedelta(hours=24)


class Caps:
    """What an entry may cost, and the entries of any 24 hours together."""

    def __init__(self, settings: Settings) -> None:
        """Hold entries to the caps of the settings."""
        self._order = Decimal(settings.max_order_usd)
        self._day = Decimal(settings.max_day_usd)

    async def on(
        self, verdict: Evaluation, transaction: Transaction, order: OrderRow, price: Price | None, now: datetime
    ) -> Evaluation:
        """Return a verdict with the caps' checks, denied where the order is above one; to be asked while it is claimed.

        Whoever else wants to claim an entry of the account waits until the transaction ends.
        """
        if order.reduce_only or verdict.primary_reason is not None:
            return verdict
        cost = cost_of(order, price)
        await transaction.value("caps.lock", account=order.account)
        spent = await transaction.value("caps.spent", account=order.account, since=now - _DAY)
        checks = capped(cost, Decimal(spent), (self._order, self._day), now)
        failed = next((check.code for check in checks if not check.passed), None)
        checked = msgspec.structs.replace(verdict, checks=(*verdict.checks, *checks))
        if failed is None:
            return checked
        return msgspec.structs.replace(checked, primary_reason=failed, quantity=Decimal(0))


def cost_of(order: OrderRow, price: Price | None) -> Decimal | None:
    """Return the dollars that an order may come to, by the dearest price known of it; None where there is none."""
    known = [order.limit_price, order.stop_price, None if price is None else price.ask]
    prices = [each for each in known if each is not None and each.is_finite() and each > 0]
    return order.quantity * max(prices) if prices else None


def capped(cost: Decimal | None, spent: Decimal, caps: tuple[Decimal, Decimal], now: datetime) -> tuple[Check, ...]:
    """Return the checks of an order that costs so much, after so much was spent; one of unknown cost fails."""
    most, most_a_day = caps
    if cost is None:
        return (answer("cap", "CAP_UNPRICED", passed=False, observed=None, limit=float(most), as_of=now),)
    return (
        answer("cap", "MAX_ORDER_USD", passed=cost <= most, observed=float(cost), limit=float(most), as_of=now),
        answer(
            "cap",
            "MAX_DAY_USD",
            passed=spent + cost <= most_a_day,
            observed=float(spent + cost),
            limit=float(most_a_day),
            as_of=now,
        ),
    )
