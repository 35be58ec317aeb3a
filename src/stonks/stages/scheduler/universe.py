"""Puts the companies that are followed into their table, where the composition root brings them from."""

from collections.abc import Sequence
from datetime import datetime

from stonks.model.company import Company, CompanyEdge
from stonks.ports.store import Store
from stonks.stages.scheduler.core import sub_industry_edges


async def seed_companies(
    store: Store, companies: Sequence[Company], edges: Sequence[CompanyEdge], since: datetime
) -> None:
    """Follow these companies, related as told and within each sub-industry; what is known is brought up to date."""
    async with store.transaction() as transaction:
        await transaction.run("companies.seed", companies=companies)
        await transaction.run("companies.seed_edges", edges=[*edges, *sub_industry_edges(companies, since)])
