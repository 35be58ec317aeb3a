"""Keyset pages: newest first by an instant, ties by id, the place in an opaque cursor."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, TypeVar
from uuid import UUID

import msgspec
from litestar.exceptions import ClientException
from litestar.params import QueryParameter

T = TypeVar("T")

Limit = Annotated[int, QueryParameter(ge=1, le=200, description="How many to return at most.")]
Cursor = Annotated[str | None, QueryParameter(max_length=200, description="next_cursor of the page before this one.")]


class Place(msgspec.Struct, frozen=True, array_like=True):
    """Where a page begins: after this id among rows of this instant, then everything older."""

    before_at: datetime = datetime.max.replace(tzinfo=UTC)
    after_id: UUID = UUID(int=0)


def place(cursor: str | None) -> Place:
    """Return the place a cursor stands for; none is the newest end.

    Raises:
        ClientException: this is no cursor of ours.
    """
    if cursor is None:
        return Place()
    try:
        return msgspec.json.decode(urlsafe_b64decode(cursor), type=Place)
    except ValueError as error:
        raise ClientException("this is not a cursor that this API gave out") from error


def page(
    rows: list[T], limit: int, instant: Callable[[T], datetime], key: Callable[[T], UUID]
) -> tuple[list[T], str | None]:
    """Return the first ``limit`` rows and the cursor after them; None where there was not one row more."""
    if len(rows) <= limit:
        return rows, None
    last = Place(instant(rows[limit - 1]), key(rows[limit - 1]))
    return rows[:limit], urlsafe_b64encode(msgspec.json.encode(last)).decode()
