"""The companies that are followed: those in their table, whoever put them there.

A replay brings its own and keeps them to its end, so that it comes to the same whoever plays it. In real time the table
is the user's: what is added or changed counts for the parser within an hour, for sources at their next poll.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from stonks.model.company import Company, CompanyEdge
from stonks.model.errors import Refused
from stonks.ports.store import Store
from stonks.stages.scheduler.core import sub_industry_edges
from stonks.stages.scheduler.listing import checked, read_edges, read_listing, sp500


async def seed_companies(
    store: Store, companies: Sequence[Company], edges: Sequence[CompanyEdge], since: datetime
) -> None:
    """Follow these companies, related as told and within each sub-industry; what is known is brought up to date."""
    async with store.transaction() as transaction:
        await transaction.run("companies.seed", companies=companies, now=since)
        await transaction.run("companies.seed_edges", edges=[*edges, *sub_industry_edges(companies, since)])


class Followed(msgspec.Struct, frozen=True):
    """What became of companies that were to be followed."""

    added: int
    updated: int


class Roster:
    """The companies that a user follows."""

    def __init__(self, store: Store) -> None:
        """Read and write this store."""
        self._store = store

    async def companies(self) -> list[Company]:
        """Return every followed company, by ticker."""
        return await self._store.rows(Company, "companies.followed")

    async def known(self, ticker: str) -> Company | None:
        """Return what is known of a company: as it is followed, else as the S&P 500 has it."""
        everyone = {company.ticker: company for company in (*sp500(), *await self.companies())}
        return everyone.get(ticker.upper())

    def listed(self, file: Path | None) -> tuple[Company, ...]:
        """Return the companies of a CSV file, or of the S&P 500 where none is given.

        Raises:
            Refused: it cannot be read, or is not what it should be.
        """
        return sp500() if file is None else read_listing(_text(file), file.name)

    async def follow(self, companies: Sequence[Company], now: datetime) -> Followed:
        """Follow companies, related from now on to those of their sub-industry.

        Raises:
            Refused: one of them cannot be what it says it is, or the database holds a replay.
        """
        companies = [checked(company) for company in companies]
        await self._refuse_replay()
        before = {company.ticker: company for company in await self.companies()}
        after = before | {company.ticker: company for company in companies}
        await seed_companies(self._store, list(after.values()), [], now)
        return Followed(added=len(after) - len(before), updated=len(companies) - len(after) + len(before))

    async def relate(self, file: Path, now: datetime) -> int:
        """Relate companies as a CSV file says, as both see it, and return how many relations are new.

        Raises:
            Refused: the file is not what it should be, names a company that is not followed, or the database holds a
                replay.
        """
        await self._refuse_replay()
        edges = read_edges(_text(file), file.name, now)
        followed = {company.ticker for company in await self.companies()}
        if strangers := sorted({edge.src for edge in edges} - followed):
            raise Refused(f"{', '.join(strangers)}: not followed; see stonks companies add")
        async with self._store.transaction() as transaction:
            return await transaction.run("companies.seed_edges", edges=edges)

    async def _refuse_replay(self) -> None:
        if tape := await self._store.value("companies.replayed"):
            raise Refused(
                f"this database holds a replay of {tape}, which brings its own companies: "
                "give live mode a data directory of its own (--data)"
            )


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as wrong:
        raise Refused(f"{file} cannot be read: {wrong}") from wrong
