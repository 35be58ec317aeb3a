"""What may still be asked of an outside party now, counted over every process."""

from datetime import timedelta
from typing import Protocol

import msgspec


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """So many tokens a span, of which ``burst`` may go at once: any span sees at most tokens + burst of them."""

    tokens: int
    per: timedelta
    burst: int = 1


class Budget(Protocol):
    """Token buckets that all processes share."""

    async def take(self, name: str, rate: Rate, tokens: int = 1) -> timedelta:
        """Take tokens from a bucket and return zero; or take none and return how long to wait for them.

        Raises:
            Refused: more tokens are asked for than the bucket ever holds.
            Unreachable: nobody keeps the count.
        """
        ...

    async def hold(self, name: str, rate: Rate, span: timedelta) -> None:
        """Let nobody take from a bucket for this span, because the other side asked for it."""
        ...
