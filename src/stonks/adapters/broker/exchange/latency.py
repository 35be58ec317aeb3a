"""How long orders are on their way to the exchange."""

from collections.abc import Callable
from datetime import timedelta
from hashlib import blake2b

Lag = Callable[[str], timedelta]
"""Returns how long the order under a client's id takes."""

_SHORTEST, _LONGEST = 50, 250  # milliseconds


def at_once(_client_order_id: str) -> timedelta:
    """Return no time at all."""
    return timedelta(0)


def seeded(client_order_id: str) -> timedelta:
    """Return from 50 to 250 milliseconds, the same for an id each time."""
    chance = int.from_bytes(blake2b(client_order_id.encode(), digest_size=8).digest())
    return timedelta(milliseconds=_SHORTEST + chance % (_LONGEST - _SHORTEST + 1))
