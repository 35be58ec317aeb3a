"""Asks that positions be given up: by a person, by a breaker, or because they cannot be protected."""

from collections.abc import Collection
from datetime import datetime

from stonks.ports.store import Transaction


async def give_up(
    transaction: Transaction, account: str, tickers: Collection[str], reason: str, by: str, now: datetime
) -> int:
    """Have an account's positions in these tickers sold, and return how many nobody had asked for yet.

    From then on their stops are taken back and all shares are sold at the market, until the position is flat. A ticker
    that is asked for already keeps its first reason; one of which nothing is held is done at the next look.
    """
    if not tickers:
        return 0
    return await transaction.run(
        "protection.give_up", account=account, tickers=sorted(set(tickers)), reason=reason, asked_by=by, now=now
    )
