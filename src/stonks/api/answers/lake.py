"""What the lake holds."""

from datetime import date, datetime

import msgspec


class LakeTable(msgspec.Struct, frozen=True, kw_only=True):
    """One fact table of the lake and how much of it is published."""

    table: str
    days: int
    rows: int
    bytes: int
    first_day: date
    last_day: date
    published_at: datetime


class LakeTableList(msgspec.Struct, frozen=True, kw_only=True):
    """Every fact table that holds something."""

    items: list[LakeTable]
