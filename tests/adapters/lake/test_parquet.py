from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import polars as pl
import pytest

from stonks.adapters.lake import open_lake
from stonks.model.errors import Malformed, SettingError
from stonks.model.fact import FACTS, Fact, FillFact, TrendFact
from stonks.ports.lake import Lake
from tests.fakes.pool import InlinePool

DAY = date(2025, 4, 9)
AT = datetime(2025, 4, 9, 20, 0, 0, 123456, tzinfo=UTC)
EXAMPLES: dict[Any, Any] = {
    str: "text",
    int: 7,
    float: 0.1,
    bool: True,
    date: DAY,
    datetime: AT,
    Decimal: Decimal("1.000000000001"),
    tuple[str, ...]: ("a", "b"),
}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return open_lake(f"file://{tmp_path}/objects", InlinePool())


def example(fact: type[Fact], *, bare: bool = False) -> Fact:
    """A row whose optional fields are all there, or all absent."""
    kinds = {field.name: field.type for field in msgspec.structs.fields(fact)}
    optional = {name for name, kind in kinds.items() if type(None) in getattr(kind, "__args__", ())}
    plain = {name: kind.__args__[0] if name in optional else kind for name, kind in kinds.items()}
    values = {name: None if bare and name in optional else EXAMPLES[kind] for name, kind in plain.items()}
    return fact(**values)


def read(tmp_path: Path, table: str) -> list[dict[str, Any]]:
    files = f"{tmp_path}/objects/lakehouse/{table}/**/*.parquet"
    return pl.read_parquet(files, hive_partitioning=False).to_dicts()


@pytest.mark.parametrize("table", FACTS)
async def test_rows_come_back_as_they_were_written(lake: Lake, tmp_path: Path, table: str) -> None:
    rows = [example(FACTS[table]), example(FACTS[table], bare=True)]

    file = await lake.publish(table, DAY, rows)

    assert [msgspec.convert(row, FACTS[table]) for row in read(tmp_path, table)] == rows
    assert file.rows == 2
    assert file.bytes == (tmp_path / "objects" / file.key).stat().st_size


async def test_a_day_lies_where_hive_looks_for_it(lake: Lake, tmp_path: Path) -> None:
    file = await lake.publish("fills", DAY, [example(FillFact)])

    assert file.key.startswith("lakehouse/fills/year=2025/month=04/day=09/part-")
    found = pl.read_parquet(f"{tmp_path}/objects/lakehouse/fills/", hive_partitioning=True)
    assert found.select("year", "month", "day").row(0) == (2025, 4, 9)


async def test_publishing_a_day_again_replaces_that_day_alone(lake: Lake, tmp_path: Path) -> None:
    await lake.publish("fills", DAY, [example(FillFact)] * 3)
    await lake.publish("fills", DAY + timedelta(days=1), [example(FillFact)])

    again = await lake.publish("fills", DAY, [example(FillFact, bare=True)])

    assert len(read(tmp_path, "fills")) == 2
    assert [file.name for file in (tmp_path / "objects" / again.key).parent.iterdir()] == [Path(again.key).name]


async def test_the_same_rows_are_the_same_file(lake: Lake) -> None:
    assert await lake.publish("fills", DAY, [example(FillFact)]) == await lake.publish(
        "fills", DAY, [example(FillFact)]
    )


async def test_a_day_without_rows_is_a_file_with_columns(lake: Lake, tmp_path: Path) -> None:
    file = await lake.publish("trends", DAY, [])

    schema = pl.read_parquet_schema(tmp_path / "objects" / file.key)
    assert list(schema) == [field.name for field in msgspec.structs.fields(TrendFact)]
    assert schema["as_of"] == pl.Datetime("us", "UTC")


async def test_a_figure_that_would_lose_digits_is_refused(lake: Lake) -> None:
    fill = msgspec.structs.replace(example(FillFact), price=Decimal("0.1234567890123"))

    with pytest.raises(Malformed, match="price"):
        await lake.publish("fills", DAY, [fill])


@pytest.mark.parametrize("url", ["ftp://host/x", "file://relative/path", "s3://", "s3://bucket?colour=red"])
def test_a_url_that_names_no_lake_is_a_setting_error(url: str) -> None:
    with pytest.raises(SettingError, match="STONKS_OBJECTS_URL"):
        open_lake(url, InlinePool())
