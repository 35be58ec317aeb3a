"""Shared rate budgets on Redis or Valkey; the URL chooses the server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from stonks.model.errors import SettingError
from stonks.ports.budget import Budget


@asynccontextmanager
async def open_budget(url: str) -> AsyncIterator[Budget]:
    """Open the budgets at ``redis://``, ``rediss://`` or ``unix://``; nothing is sent yet.

    Raises:
        SettingError: the scheme is none of these.
    """
    match urlsplit(url).scheme:
        case "redis" | "rediss" | "unix":
            from stonks.adapters.budget.redis import RedisBudget

            budget = RedisBudget.connect(url)
            try:
                yield budget
            finally:
                await budget.close()
        case scheme:
            raise SettingError("STONKS_REDIS_URL", f"cannot open {scheme}://; use redis://, rediss:// or unix://")


__all__ = ["open_budget"]
