"""The relational store: named queries in, frozen types out.

A query is named ``noun.verb`` and stands in ``adapters/store/sql/<noun>.sql``; its parameters are passed by name.
"""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class Reader(Protocol):
    """Runs named queries and returns what they select."""

    async def rows(self, shape: type[T], query: str, /, **parameters: object) -> list[T]:
        """Return every row as ``shape``, in the query's order."""
        ...

    async def row(self, shape: type[T], query: str, /, **parameters: object) -> T | None:
        """Return the first row as ``shape``, or None where there is none."""
        ...

    async def value(self, query: str, /, **parameters: object) -> Any:  # noqa: ANN401 - its type is the query's
        """Return the first column of the first row, or None where there is none."""
        ...


class Transaction(Reader, Protocol):
    """A reader whose writes all happen or none do."""

    async def run(self, query: str, /, **parameters: object) -> int:
        """Run a statement and return how many rows it touched."""
        ...


class Store(Reader, Protocol):
    """Where operational rows live."""

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        """Open a transaction: committed at the end of the block, rolled back on an error."""
        ...

    def listen(self, channel: str) -> AbstractAsyncContextManager[AsyncIterator[str]]:
        """Hear the payloads of a channel's notifications while the block runs.

        The iteration raises Unreachable once the connection is gone: what is said meanwhile is not heard.
        """
        ...
