"""Takes orders back."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from stonks.model.job import BrokerOrderJob
from stonks.ports.stage import Commit


async def recall(commit: Commit, orders: Collection[UUID], reason: str, now: datetime) -> int:
    """Ask for orders to be taken back, and return how many had not ended; the first reason given for each stays.

    What was not sent yet never will be; what the broker has is cancelled there, and may still trade until it says so.
    """
    wanted = sorted(set(orders))
    if not wanted:
        return 0
    asked = await commit.run("orders.recall", ids=wanted, reason=reason, now=now)
    await commit.follow(*(BrokerOrderJob(order_id=order, wish="cancel") for order in wanted))
    return asked
