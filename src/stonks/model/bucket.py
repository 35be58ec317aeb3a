"""S3 URLs: which bucket, which prefix of it, and what a client must be told to reach it."""

from urllib.parse import parse_qs, unquote, urlsplit

import msgspec

from stonks.model.errors import SettingError


class Bucket(msgspec.Struct, frozen=True, kw_only=True):
    """What an S3 URL says; an S3 client's own places fill in what ``config`` leaves out."""

    name: str
    prefix: str
    config: dict[str, str]
    plain_http: bool


def parse_bucket(url: str) -> Bucket:
    """Return what an ``s3://key:secret@bucket/prefix?endpoint=&region=`` URL says; its scheme is not looked at.

    Raises:
        SettingError: it names no bucket, or says something else.
    """
    parts = urlsplit(url)
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    unknown = options.keys() - {"endpoint", "region"}
    if unknown or not parts.hostname:
        raise SettingError("STONKS_OBJECTS_URL", f"s3://bucket?endpoint=&region= takes no {', '.join(sorted(unknown))}")
    secrets = {"access_key_id": parts.username, "secret_access_key": parts.password}
    given = {name: unquote(value) for name, value in secrets.items() if value}
    return Bucket(
        name=parts.hostname,
        prefix=parts.path.strip("/"),
        config=options | given,
        plain_http=options.get("endpoint", "").startswith("http:"),
    )
