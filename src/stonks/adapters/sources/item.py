"""A news item as JSON, for what reaches us in another form: the parser reads it like any news API's."""

from datetime import datetime

import msgspec


class NewsItem(msgspec.Struct, frozen=True, kw_only=True):
    """What a feed says of one document; its encoding is the document's raw bytes."""

    id: str
    title: str
    body: str
    publisher: str
    published_at: datetime | None
    url: str | None
    language: str | None
    tickers: tuple[str, ...] = ()

    def encode(self) -> bytes:
        """Return the item as a news API would deliver it."""
        return msgspec.json.encode(self)
