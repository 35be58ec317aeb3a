"""How many tokens a model may still be sent, over every process: where nobody can tell, none."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from stonks.model.errors import Permanent, Transient
from stonks.ports.budget import Budget, Rate


class Taking(Protocol):
    """Says how many tokens there are."""

    async def take(self, tokens: int) -> str:
        """Take tokens and return nothing, or say why there are none."""
        ...


class Unlimited:
    """As many tokens as somebody wants who asks by hand."""

    async def take(self, tokens: int) -> str:  # noqa: ARG002 - they are not counted
        """Return nothing."""
        return ""


class Allowance:
    """Tokens a minute and a day, taken before they are spent and never given back."""

    def __init__(self, budget: Budget, per_minute: int, per_day: int, patience: timedelta = timedelta()) -> None:
        """Count in these buckets; wait for tokens at most this long: not at all where documents would wait too."""
        self._budget, self._patience = budget, patience
        self._rates: Sequence[tuple[str, Rate]] = (
            ("minute", _rate(per_minute, timedelta(minutes=1))),
            ("day", _rate(per_day, timedelta(days=1))),
        )

    async def take(self, tokens: int) -> str:
        """Take tokens and return nothing, or say why there are none."""
        for span, rate in self._rates:
            try:
                wait = await self._budget.take(f"llm:{span}", rate, tokens)
                if timedelta() < wait <= self._patience:
                    await asyncio.sleep(wait.total_seconds())
                    wait = await self._budget.take(f"llm:{span}", rate, tokens)
            except (Transient, Permanent) as error:
                return f"no token is spent that cannot be counted: {error}"
            if wait:
                return f"the budget of tokens a {span} is spent for {wait.total_seconds():.0f} s"
        return ""


def _rate(tokens: int, per: timedelta) -> Rate:
    """Return a bucket of which no span sees more than the tokens: half of them at once, half in its course."""
    half = max(1, tokens // 2)
    return Rate(tokens=half, per=per, burst=half)
