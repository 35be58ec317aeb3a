"""The lake: fact tables as Parquet beside the objects, in a directory or an S3 bucket chosen by URL."""

from urllib.parse import urlsplit

from stonks.model.errors import SettingError
from stonks.ports.lake import Lake
from stonks.ports.pool import Pool


def open_lake(url: str, pool: Pool) -> Lake:
    """Return the lake under a ``file:///directory`` or ``s3://bucket/prefix`` URL; its files are made in the pool.

    Raises:
        SettingError: the URL's scheme is not one of these.
    """
    match urlsplit(url).scheme:
        case "file":
            from stonks.adapters.lake.parquet import open_directory

            return open_directory(url, pool)
        case "s3":
            from stonks.adapters.lake.parquet import open_bucket

            return open_bucket(url, pool)
        case other:
            raise SettingError("STONKS_OBJECTS_URL", f"no lake for {other!r}: use file:///path or s3://bucket")


__all__ = ["open_lake"]
