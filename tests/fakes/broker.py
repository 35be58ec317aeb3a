"""A broker that loses answers: it passes calls on to a real one and fails before or after they arrive."""

from collections.abc import Sequence
from datetime import datetime

from stonks.model.errors import Unreachable
from stonks.model.market import Asset, Price
from stonks.model.order import Intent
from stonks.ports.broker import Account, Broker, BrokerOrder, Execution
from stonks.ports.listing import Listing


class Killed(BaseException):
    """The process is gone: nothing after this line runs."""


class FaultyBroker:
    """Fails once where it is told to.

    ``faults`` maps a call to what happens: ``before`` it arrives or ``after`` it did the answer is lost, ``kill`` ends
    the process once it arrived.
    """

    def __init__(self, broker: Broker, **faults: str) -> None:
        self._broker = broker
        self.faults = faults
        self.submissions = 0
        self.extra: list[Execution] = []

    def _fault(self, call: str, moment: str) -> None:
        if self.faults.get(call) == moment:
            del self.faults[call]
            raise Unreachable(f"{call}: no answer")
        if moment == "after" and self.faults.get(call) == "kill":
            del self.faults[call]
            raise Killed(call)

    async def submit(self, intent: Intent, now: datetime) -> BrokerOrder:
        self._fault("submit", "before")
        self.submissions += 1
        order = await self._broker.submit(intent, now)
        self._fault("submit", "after")
        return order

    async def order(self, client_order_id: str) -> BrokerOrder | None:
        self._fault("order", "before")
        return await self._broker.order(client_order_id)

    async def cancel(self, client_order_id: str, now: datetime) -> BrokerOrder:
        return await self._broker.cancel(client_order_id, now)

    async def executions(self, after: str | None, now: datetime) -> Sequence[Execution]:
        self._fault("executions", "before")
        return [*self.extra, *await self._broker.executions(after, now)]

    async def orders(self, now: datetime) -> Sequence[BrokerOrder]:
        self._fault("orders", "before")
        return await self._broker.orders(now)

    async def account(self, now: datetime) -> Account:
        self._fault("account", "before")
        return await self._broker.account(now)

    async def price(self, ticker: str, now: datetime) -> Price | None:
        if self.faults.get("price") == "none":
            return None
        return await self._broker.price(ticker, now)

    async def asset(self, ticker: str, now: datetime) -> Asset | None:
        return await self._broker.asset(ticker, now) if isinstance(self._broker, Listing) else None
