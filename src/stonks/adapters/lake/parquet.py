"""Facts as Hive-partitioned Parquet: one file a table and day, zstd level 3, replaced as a whole."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, cast
from urllib.parse import unquote, urlsplit

import msgspec
import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from stonks.adapters.lake.schema import parquet_of
from stonks.model.errors import SettingError, Unreachable
from stonks.model.fact import FACTS
from stonks.ports.lake import LakeFile
from stonks.ports.pool import Pool
from stonks.settings import parse_bucket

if TYPE_CHECKING:
    from obstore.store import S3Config


class ParquetLake:
    """Fact tables under ``lakehouse/<table>/year=YYYY/month=MM/day=DD/``, each day in one file named by its content."""

    def __init__(self, store: LocalStore | S3Store, pool: Pool) -> None:
        """Keep the files in this store, and have them made in this pool: polars never enters our own process."""
        self._store = store
        self._pool = pool

    async def publish(self, table: str, day: date, rows: Sequence[msgspec.Struct]) -> LakeFile:
        """Write a day of a table, then remove every other file of that day; a day without rows is an empty file.

        Whoever publishes the same day at the same time must wait: the file of one would be removed by the other.

        Raises:
            Malformed: a row does not fit its column.
            Crashed: making the file ended its process.
            Unreachable: the store gave no answer; what was published before may still be there, or both.
        """
        data = await self._pool.run(parquet_of, FACTS[table], list(rows))
        folder = f"lakehouse/{table}/year={day:%Y}/month={day:%m}/day={day:%d}"
        key = f"{folder}/part-{hashlib.blake2b(data, digest_size=16).hexdigest()}.parquet"
        with _translated(key):
            await obstore.put_async(self._store, key, data, use_multipart=False)
            there = await obstore.list(self._store, folder).collect_async()
            stale = [entry["path"] for entry in there if entry["path"] != key]
            if stale:
                await obstore.delete_async(self._store, stale)
        return LakeFile(table=table, day=day, key=key, rows=len(rows), bytes=len(data))


@contextmanager
def _translated(key: str) -> Iterator[None]:
    try:
        yield
    except (BaseError, OSError) as error:
        raise Unreachable(f"lake {key}: {error}") from error


def open_directory(url: str, pool: Pool) -> ParquetLake:
    """Return the lake of a ``file:///directory`` URL; the directory is made where it is missing."""
    path = unquote(urlsplit(url).path)
    if not path.startswith("/") or urlsplit(url).netloc:
        raise SettingError("STONKS_OBJECTS_URL", f"{url}: a directory is written file:///absolute/path")
    with _translated(path):
        return ParquetLake(LocalStore(path, mkdir=True), pool)


def open_bucket(url: str, pool: Pool) -> ParquetLake:
    """Return the lake of an ``s3://key:secret@bucket/prefix?endpoint=&region=`` URL."""
    bucket = parse_bucket(url)
    try:
        store = S3Store(
            bucket.name,
            prefix=bucket.prefix or None,
            config=cast("S3Config", bucket.config),
            client_options={"allow_http": bucket.plain_http},
        )
    except BaseError as error:
        raise SettingError("STONKS_OBJECTS_URL", str(error)) from error
    return ParquetLake(store, pool)
