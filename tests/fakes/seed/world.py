"""Companies, prices and sources of the seeded world."""

import csv
from datetime import date, timedelta
from decimal import Decimal

from stonks.model.identity import source_run_id
from tests.fakes.seed.sower import NOW, TAPE, Sower, at


def sow_companies(s: Sower) -> None:
    for row in s.companies:
        s.add(
            "companies",
            ticker=row["ticker"],
            name=row["name"],
            cik=row["cik"],
            sector=row["gics_sector"],
            sub_industry=row["gics_sub_industry"],
            aliases=row["aliases"].split("|"),
        )
        s.add(
            "company_exposures",
            ticker=row["ticker"],
            facet="geo",
            source="user",
            figures={"US": round(s.random.uniform(0.4, 0.9), 2), "CN": round(s.random.uniform(0.0, 0.2), 2)},
            valid_from=at(date(2024, 1, 1), 0),
            known_at=at(date(2024, 1, 1), 0),
        )
    for left in s.companies:
        for right in s.companies:
            if left is not right and left["gics_sector"] == right["gics_sector"]:
                s.add(
                    "company_edges",
                    src=left["ticker"],
                    dst=right["ticker"],
                    relation="sector_peer",
                    weight=0.4,
                    confidence=0.7,
                    valid_from=at(date(2024, 1, 1), 0),
                    known_at=at(date(2024, 1, 1), 0),
                    source="sectors",
                )


def sow_prices(s: Sower) -> None:
    with TAPE.joinpath("bars.csv").open() as file:
        for row in csv.DictReader(file):
            day = date.fromisoformat(row["date"])
            if row["ticker"] not in s.tickers or day > NOW.date():
                continue
            figures = {name: Decimal(row[name]) for name in ("open", "high", "low", "close", "volume")}
            s.closes[row["ticker"]][day] = figures["close"]
            s.add(
                "bars",
                ticker=row["ticker"],
                resolution="1d",
                starts_at=at(day, 13, 30),
                ends_at=at(day, 20),
                known_at=at(day, 20),
                **figures,
            )
    for number, ticker in enumerate(s.tickers):
        s.add(
            "calendar_events",
            type="earnings",
            ticker=ticker,
            day=date(2025, 5, 1 + number),
            known_at=at(date(2025, 4, 1), 0),
        )


def sow_sources(s: Sower) -> None:
    for name, adapter in (("newswire", "tape"), ("filings", "tape"), ("macro_news", "tape"), ("bars", "tape")):
        s.add(
            "sources",
            name=name,
            adapter=adapter,
            cadence=timedelta(minutes=5),
            freshness_slo=timedelta(minutes=30),
            paused=name == "bars",
            failures=2 if name == "filings" else 0,
            last_success_at=NOW - timedelta(hours=3 if name == "filings" else 0, minutes=2),
            next_run_at=NOW + timedelta(minutes=3),
        )
        for back in range(12):
            began = NOW - timedelta(minutes=5 * back + 2)
            failed = name == "filings" and back < 2
            s.add(
                "ingestion_runs",
                id=source_run_id(name, began),
                source=name,
                started_at=began,
                ended_at=began + timedelta(seconds=1),
                fetched=back % 3,
                stored=0 if failed else back % 3,
                duplicates=back % 2,
                error="HTTP 503 from the filings index" if failed else None,
            )
