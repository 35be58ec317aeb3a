"""The object store: a directory or an S3 bucket, chosen by URL."""

from urllib.parse import urlsplit

from stonks.model.errors import SettingError
from stonks.ports.objects import Objects


def open_objects(url: str) -> Objects:
    """Return the object store at a ``file:///directory`` or ``s3://bucket/prefix`` URL.

    An S3 URL may carry ``key:secret@`` and ``?endpoint=&region=``; S3 clients' own places fill in the rest.

    Raises:
        SettingError: the URL's scheme is not one of these.
    """
    match urlsplit(url).scheme:
        case "file":
            from stonks.adapters.objects.directory import open_directory

            return open_directory(url)
        case "s3":
            from stonks.adapters.objects.bucket import open_bucket

            return open_bucket(url)
        case other:
            raise SettingError("STONKS_OBJECTS_URL", f"no object store for {other!r}: use file:///path or s3://bucket")


__all__ = ["open_objects"]
