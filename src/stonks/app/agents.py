"""The language model that the settings name, as agents that any stage may ask."""

import hashlib
import secrets
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from prometheus_client import CollectorRegistry

from stonks.app.servers import Servers
from stonks.ports.agents import Agents
from stonks.ports.clock import Clock
from stonks.ports.objects import Objects
from stonks.ports.pool import Pool
from stonks.ports.store import Store
from stonks.settings import Settings

if TYPE_CHECKING:
    from stonks.runtime.agents import Terms
    from stonks.runtime.calls import RememberedCalls

_STANDS_STILL = timedelta(minutes=1)
"""How long a replay waits for tokens: its time stands still meanwhile, and it comes out the same each time."""


class Keepers(NamedTuple):
    """What agents keep calls with, and where they judge answers."""

    store: Store
    objects: Objects
    clock: Clock
    pool: Pool
    registry: CollectorRegistry | None


async def open_agents(stack: AsyncExitStack, settings: Settings, servers: Servers, keepers: Keepers) -> Agents | None:
    """Return agents on the model that is set, open for as long as the stack is; None where none is.

    Raises:
        SettingError: the URL names no model.
    """
    if settings.llm_url is None:
        return None
    from stonks.adapters.budget import open_budget
    from stonks.adapters.llm import open_llm
    from stonks.runtime.agents import Means, ModelAgents
    from stonks.runtime.allowance import Allowance
    from stonks.runtime.calls import StoredCalls
    from stonks.runtime.clock import SystemClock
    from stonks.runtime.model_figures import ModelFigures

    in_real_time = isinstance(keepers.clock, SystemClock)
    budget = await stack.enter_async_context(open_budget(servers.redis_url))
    means = Means(
        llm=await stack.enter_async_context(open_llm(settings.llm_url, _key(settings))),
        pool=keepers.pool,
        calls=StoredCalls(keepers.store, keepers.objects),
        clock=keepers.clock,
        allowance=Allowance(
            budget,
            settings.llm_tokens_per_minute,
            settings.llm_tokens_per_day,
            timedelta() if in_real_time else _STANDS_STILL,
        ),
        draw=_unforeseeable if in_real_time else _the_same_again,
        figures=None if keepers.registry is None else ModelFigures(keepers.registry),
    )
    return ModelAgents(means, _terms(settings))


async def open_bare_agents(
    stack: AsyncExitStack, settings: Settings, pool: Pool, calls: "RememberedCalls | None" = None
) -> Agents | None:
    """Return agents on the model that is set, for who asks by hand: without a database, and without a budget.

    What is asked is noted in ``calls``, if somebody wants to know.

    Raises:
        SettingError: the URL names no model.
    """
    if settings.llm_url is None:
        return None
    from stonks.adapters.llm import open_llm
    from stonks.runtime.agents import Means, ModelAgents
    from stonks.runtime.allowance import Unlimited
    from stonks.runtime.calls import RememberedCalls
    from stonks.runtime.clock import SystemClock

    means = Means(
        llm=await stack.enter_async_context(open_llm(settings.llm_url, _key(settings))),
        pool=pool,
        calls=calls or RememberedCalls(),
        clock=SystemClock(),
        allowance=Unlimited(),
        draw=_unforeseeable,
    )
    return ModelAgents(means, _terms(settings))


def _key(settings: Settings) -> str | None:
    return settings.llm_key.get_secret_value() if settings.llm_key else None


def _terms(settings: Settings) -> "Terms":
    from stonks.runtime.agents import Terms

    return Terms(context=settings.llm_context, parallel=settings.llm_parallel, patience=settings.llm_patience)


def _unforeseeable(_: str) -> str:
    return secrets.token_hex(8)


def _the_same_again(question: str) -> str:
    """Return what a replay asks with: every time the same, so that a model that does not vary answers the same."""
    return hashlib.blake2b(question.encode(), digest_size=8).hexdigest()
