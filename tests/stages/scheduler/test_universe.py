from datetime import timedelta

from stonks.adapters.store.postgres import PostgresStore
from stonks.model.company import Company
from stonks.stages.scheduler.universe import Roster
from tests.fakes.rows import open_database
from tests.fakes.signals import NOW

DAY = timedelta(days=1)


def boeing(**exposures: float) -> Company:
    named = {name.replace("_", ":", 1): value for name, value in exposures.items()}
    return Company(ticker="BA", name="Boeing", exposures=named)


async def test_exposures_count_from_when_they_were_told(store: PostgresStore) -> None:
    roster = Roster(store)
    await roster.follow([boeing(geo_US=0.6)], NOW)
    await roster.follow([boeing(geo_US=0.4, geo_CN=0.3)], NOW + DAY)
    await roster.follow([Company(ticker="V", name="Visa")], NOW + 2 * DAY)

    known = [
        (await store.rows(Company, "extraction.companies", now=NOW + days * DAY))[0].exposures for days in (-1, 0, 1, 9)
    ]

    later = {"geo:US": 0.4, "geo:CN": 0.3}
    assert known == [{}, {"geo:US": 0.6}, later, later]
    assert [company.exposures for company in await roster.companies()] == [later, {}]


async def test_what_a_user_says_goes_before_what_was_read(store: PostgresStore, database_url: str) -> None:
    await Roster(store).follow([boeing(geo_US=0.6)], NOW)
    async with open_database(database_url) as database:
        read = {"ticker": "BA", "source": "10-K", "valid_from": NOW, "known_at": NOW + DAY}
        await database.insert("company_exposures", read | {"facet": "geo", "figures": {"US": 0.1, "EU": 0.9}})
        await database.insert("company_exposures", read | {"facet": "fx", "figures": {"EUR": 0.2}})

    (company,) = await store.rows(Company, "extraction.companies", now=NOW + 2 * DAY)

    assert company.exposures == {"geo:US": 0.6, "fx:EUR": 0.2}
