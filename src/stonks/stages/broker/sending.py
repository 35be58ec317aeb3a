"""What an order is held to as it goes out: what the broker says of its instrument, and what the account orders."""

import msgspec

from stonks.ports.broker import Broker
from stonks.ports.listing import Listing
from stonks.ports.store import Store
from stonks.risk.facts import Facts, Habits
from stonks.stages.broker.core.orders import OrderRow


async def as_it_goes_out(facts: Facts, row: OrderRow, store: Store, broker: Broker) -> Facts:
    """Return an order's facts with the limit it names, the listing of its instrument and the account's habits.

    An exit stays as it is: no answer that does not come holds it back.
    """
    if row.reduce_only:
        return facts
    asset = await broker.asset(row.ticker, facts.now) if isinstance(broker, Listing) else None
    habits = await store.row(Habits, "sending.habits", account=row.account, order_id=row.id, now=facts.now)
    return msgspec.structs.replace(
        facts,
        proposal=msgspec.structs.replace(facts.proposal, limit=row.limit_price),
        market=msgspec.structs.replace(facts.market, asset=asset),
        book=msgspec.structs.replace(facts.book, habits=habits),
    )
