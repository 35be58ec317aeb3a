"""The companies that are followed: those in their table, whoever put them there."""

from collections.abc import Sequence
from datetime import datetime
from importlib.resources import files

from stonks.model.company import Company, CompanyEdge
from stonks.model.tape import parse_companies
from stonks.ports.store import Store
from stonks.stages.scheduler.core import sub_industry_edges


def sp500() -> tuple[Company, ...]:
    """Return the companies of the S&P 500 as of August 2026, by ticker, with the names that texts give them."""
    return parse_companies(files(__package__).joinpath("sp500.csv").read_text())


async def seed_companies(
    store: Store, companies: Sequence[Company], edges: Sequence[CompanyEdge], since: datetime
) -> None:
    """Follow these companies, related as told and within each sub-industry; what is known is brought up to date."""
    async with store.transaction() as transaction:
        await transaction.run("companies.seed", companies=companies)
        await transaction.run("companies.seed_edges", edges=[*edges, *sub_industry_edges(companies, since)])
