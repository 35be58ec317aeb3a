"""What commands may ask of sources, companies and files: one opener for each, without the pipeline."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from stonks.app.agents import open_bare_agents
from stonks.app.ports import LIVE, surroundings_of
from stonks.app.servers import Servers
from stonks.model.company import Company
from stonks.model.document import DocumentType
from stonks.model.errors import Refused
from stonks.ports.bundle import Ports
from stonks.ports.sources import Fetched
from stonks.settings import Settings

if TYPE_CHECKING:
    from stonks.stages.broker.acceptance import ReconciliationDesk
    from stonks.stages.broker.resets import BreakerDesk
    from stonks.stages.extractor.lines import LineReader
    from stonks.stages.parser.files import FileReader
    from stonks.stages.scheduler.desk import SourceDesk
    from stonks.stages.scheduler.universe import Roster
    from stonks.stages.trading.controls import Controls


def open_desk(ports: Ports) -> "SourceDesk":
    """Return what people see of sources and may ask of them."""
    from stonks.stages.scheduler.desk import SourceDesk

    return SourceDesk(ports.store, ports.sources)


def open_breakers(ports: Ports) -> "BreakerDesk":
    """Return what people see of circuit breakers, and may reset."""
    from stonks.stages.broker.resets import BreakerDesk

    return BreakerDesk(ports.store, ports.settings.account, ports.settings.risk_tier)


def open_reconciliation(ports: Ports) -> "ReconciliationDesk":
    """Return what people may ask of the comparison of our books with the broker's."""
    from stonks.stages.broker.acceptance import ReconciliationDesk

    return ReconciliationDesk(ports)


def open_roster(ports: Ports) -> "Roster":
    """Return the companies that a user follows."""
    from stonks.stages.scheduler.universe import Roster

    return Roster(ports.store)


def open_controls(ports: Ports) -> "Controls":
    """Return what people may do to the account: pause, halt, flatten, and more."""
    from stonks.stages.trading.controls import Controls

    return Controls(ports.settings)


@asynccontextmanager
async def open_reader(universe: Path | None = None, kind: DocumentType | None = None) -> AsyncIterator["FileReader"]:
    """Give what reads files as documents, in as many children as there are cores; nothing else is opened.

    Args:
        universe: a CSV file of the companies to find; None: the S&P 500.
        kind: what the files are; None: what each says it is.

    Raises:
        Refused: the companies' file cannot be read, or is not what it should be.
    """
    from stonks.runtime.pool import ChildPool
    from stonks.stages.parser.files import FileReader

    companies = await _companies(universe)
    async with ChildPool.opened() as pool:
        yield FileReader(pool, companies, kind)


@asynccontextmanager
async def open_line_reader(
    universe: Path | None = None, settings: Settings | None = None
) -> AsyncIterator["LineReader"]:
    """Give what reads texts line by line, in as many children as there are cores.

    Args:
        universe: a CSV file of the companies to find by ticker; None: the S&P 500.
        settings: where they name a language model, it reads each text too; None: nothing else is opened.

    Raises:
        Refused: the companies' file cannot be read, or is not what it should be.
        SettingError: the model's URL names none.
    """
    from stonks.runtime.pool import ChildPool
    from stonks.stages.extractor.lines import LineReader
    from stonks.stages.parser.core.reader import mentions_in, packed

    finder = partial(mentions_in, packed(list(await _companies(universe))))
    async with ChildPool.opened() as pool, AsyncExitStack() as stack:
        agents = None if settings is None else await open_bare_agents(stack, settings, pool)
        if settings is None or agents is None:
            yield LineReader(pool, finder)
            return
        from stonks.stages.extractor.model_lines import ModelLineReader, newest_words

        yield ModelLineReader(pool, finder, agents, newest_words(), settings.llm_parallel)


async def _companies(universe: Path | None) -> tuple[Company, ...]:
    from stonks.stages.scheduler.listing import read_listing, sp500

    try:
        listing = None if universe is None else await asyncio.to_thread(universe.read_text, "utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{universe} cannot be read: {error}") from error
    return sp500() if listing is None else read_listing(listing, str(universe))


async def try_source(ports: Ports, servers: Servers, name: str) -> Fetched:
    """Return what one poll of a source would bring now; it is asked for real, and nothing of it is kept.

    Raises:
        Refused: there is no such source, or it refuses us.
        Transient: it does not answer, or asks to wait.
    """
    from stonks.adapters.sources import open_sources

    async def forget(key: str, data: bytes) -> None:
        """Keep nothing."""

    source = await open_desk(ports).source(name)
    if source.stopped is not None:
        raise Refused(f"{name} is stopped: {source.stopped}")
    sources = ports.sources
    async with AsyncExitStack() as stack:
        if source.adapter != "tape":
            surroundings = await surroundings_of(stack, ports.settings, servers, ports.store, forget)
            sources = open_sources(LIVE, surroundings)
        return await sources.fetch(source, ports.clock.now())
