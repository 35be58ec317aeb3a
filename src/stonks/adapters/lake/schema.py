"""Fact types as columns of a lake, with the types that every engine reading Parquet knows."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

import msgspec

from stonks.model.errors import Malformed

if TYPE_CHECKING:
    import polars as pl

DECIMALS = 12
"""Digits after the point that a decimal column keeps."""


def parquet_of(fact: type[msgspec.Struct], rows: Sequence[msgspec.Struct]) -> bytes:
    """Return rows of one type as a Parquet file.

    Raises:
        Malformed: a decimal has more digits than a column keeps.
    """
    buffer = BytesIO()
    _frame_of(fact, rows).write_parquet(buffer, compression="zstd", compression_level=3)
    return buffer.getvalue()


def _frame_of(fact: type[msgspec.Struct], rows: Sequence[msgspec.Struct]) -> "pl.DataFrame":
    """Return rows of one type as a frame whose columns are the type's fields, in order; there may be none."""
    import polars as pl

    schema = {name: _column(hint) for name, hint in get_type_hints(fact).items()}
    values = {name: [_value(getattr(row, name), name) for row in rows] for name in schema}
    return pl.DataFrame(values, schema=schema)


def _column(hint: Any) -> "pl.DataType":  # noqa: ANN401 - an annotation may be any form of type
    import polars as pl

    columns: dict[Any, pl.DataType] = {
        str: pl.String(),
        int: pl.Int64(),
        float: pl.Float64(),
        bool: pl.Boolean(),
        date: pl.Date(),
        datetime: pl.Datetime("us", "UTC"),
        Decimal: pl.Decimal(38, DECIMALS),
        tuple[str, ...]: pl.List(pl.String()),
    }
    plain = [part for part in get_args(hint) if part is not type(None)] if type(None) in get_args(hint) else [hint]
    return columns[plain[0]]


def _value(value: Any, name: str) -> Any:  # noqa: ANN401 - a fact's field
    match value:
        case Decimal() if value != value.quantize(Decimal(1).scaleb(-DECIMALS)):
            raise Malformed(f"{name} {value}: the lake keeps {DECIMALS} digits after the point")
        case tuple():
            return list(value)
        case _:
            return value
