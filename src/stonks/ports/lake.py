"""The lake: analytical facts as partitioned Parquet."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

import msgspec


class LakeFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that now holds one table's facts of one day."""

    table: str
    day: date
    key: str
    rows: int
    bytes: int


class Lake(Protocol):
    """Writes fact tables."""

    async def publish(self, table: str, day: date, rows: Sequence[msgspec.Struct]) -> LakeFile:
        """Write a day of a table, replacing what was published for it before."""
        ...
