"""Keeps breaker rows, for whoever opens or closes one."""

import msgspec

from stonks.ports.store import Transaction
from stonks.risk.breakers import Breaker


async def keep_breaker(transaction: Transaction, breaker: Breaker) -> None:
    """Keep what a breaker stands at; whether its probe is out is read from the orders, and not kept."""
    values = msgspec.structs.asdict(breaker)
    del values["probing"]
    await transaction.run("broker.set_breaker", **values)
