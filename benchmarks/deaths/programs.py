"""The processes that are killed: the broker stage as `stonks work` runs it, the exchange, and a naive client.

Each is forked from a server that has loaded this module, so that a life costs no imports.
"""

import asyncio
import gc
import importlib
import logging
import os
import pkgutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from multiprocessing import parent_process
from multiprocessing.connection import Connection
from typing import Any

# What opening ports would import later: loaded once, before the first fork.
import stonks.adapters.alerts
import stonks.adapters.broker.alpaca.address
import stonks.adapters.broker.exchange.server
import stonks.adapters.budget.redis
import stonks.adapters.calendar.xnys
import stonks.adapters.lake
import stonks.adapters.objects
import stonks.adapters.queue.redis
import stonks.adapters.sources.alpaca
import stonks.adapters.sources.edgar
import stonks.adapters.sources.feed
import stonks.adapters.sources.gdelt
import stonks.adapters.sources.live
import stonks.adapters.sources.polygon
import stonks.adapters.sources.stored
import stonks.adapters.sources.web_scrape
import stonks.adapters.store
import stonks.runtime.pool
import stonks.stages
import stonks.stages.broker
import stonks.stages.scheduler.listing
import stonks.stages.scheduler.universe
from benchmarks.deaths.mortal import Doom, Mortal
from stonks.adapters.store.queries import load_queries
from stonks.app import ExchangeOptions, open_exchange, open_live, open_servers
from stonks.runtime.logs import configure_logs
from stonks.runtime.pipeline import run_stages
from stonks.settings import read_settings

for _module in pkgutil.iter_modules(stonks.stages.broker.__path__, "stonks.stages.broker."):
    importlib.import_module(_module.name)
load_queries()
gc.freeze()  # what is loaded stays shared with every fork

_LOOK = timedelta(seconds=1)
"""How often the stage looks for executions, which it does every few seconds otherwise."""
_ANY = 1_000_000_000


def broker(given: Mapping[str, Any], doom: Doom, line: Connection) -> None:
    """Run the broker stage until something ends it."""
    with suppress(KeyboardInterrupt):
        asyncio.run(_broker(given, doom, line))


async def _broker(given: Mapping[str, Any], doom: Doom, line: Connection) -> None:
    Mortal(doom, line.send).watch(asyncio.get_running_loop())
    _outlive_nobody()
    settings = read_settings(**given)
    configure_logs(settings.log_level)
    async with open_servers(settings) as servers, open_live(settings, servers) as running:
        stages = [replace(stage, every=_LOOK) for stage in running.stages if stage.name == "broker"]
        await run_stages(stages, running.ports, None, asyncio.Event(), telemetry=running.telemetry)


def exchange(given: Mapping[str, Any], port: int, doom: Doom, line: Connection) -> None:
    """Serve the exchange until something ends it; say where."""
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)  # answers to the dead
    with suppress(KeyboardInterrupt):
        asyncio.run(_exchange(given, port, doom, line))


async def _exchange(given: Mapping[str, Any], port: int, doom: Doom, line: Connection) -> None:
    Mortal(doom, lambda _places: None).watch(asyncio.get_running_loop())
    _outlive_nobody()
    settings = read_settings(**given)
    configure_logs(settings.log_level)
    options = ExchangeOptions(port=port, simulated=True, per_minute=_ANY)
    async with open_servers(settings) as servers, open_exchange(settings, servers, options) as address:
        line.send(address)
        await asyncio.Event().wait()


def _outlive_nobody() -> None:
    """End this process when the campaign has ended, however it ended."""
    campaign = parent_process()
    if campaign is not None:
        asyncio.get_running_loop().add_reader(campaign.sentinel, os._exit, 1)
