"""An answer's bytes: read up to a cap, unpacked up to a cap and a ratio, while they arrive."""

import zlib
from collections.abc import AsyncIterator
from typing import NamedTuple

from stonks.model.errors import Malformed, Permanent, Transient, Unreachable

MOST_RAW = 10_000_000
"""Bytes as they travel; longer answers are not read."""

MOST_UNPACKED = 50_000_000
HIGHEST_RATIO = 100
_HARMLESS = 1_000_000  # bytes up to which no ratio is suspicious
_PIECE = 262_144


class Body(NamedTuple):
    """What was read. Where it is not whole, the problem says so and the data are the bytes as they came."""

    data: bytes
    problem: Transient | Permanent | None = None


async def read_body(chunks: AsyncIterator[bytes], encoding: str) -> Body:
    """Return a body unpacked as its Content-Encoding says; nothing is read beyond a cap."""
    raw = bytearray()
    unpacked: Unpacking | None
    match encoding.strip().lower():
        case "" | "identity":
            unpacked = None
        case "gzip" | "x-gzip" | "deflate":
            unpacked = Unpacking()
        case other:
            return Body(b"", Malformed(f"packed as {other[:20]!r}, which was not asked for"))
    try:
        async for chunk in chunks:
            raw += chunk
            if len(raw) > MOST_RAW:
                return Body(b"", Malformed(f"longer than {MOST_RAW // 1_000_000} MB"))
            if unpacked is not None:
                unpacked.feed(chunk, len(raw))
        return Body(bytes(raw) if unpacked is None else unpacked.finish())
    except (Malformed, Unreachable) as problem:
        return Body(bytes(raw), problem)


class Unpacking:
    """Gzip or zlib data, unpacked as they arrive."""

    def __init__(self) -> None:
        self._engine = self._fresh()
        self._data = bytearray()
        self._began = False

    @staticmethod
    def _fresh() -> "zlib._Decompress":
        return zlib.decompressobj(zlib.MAX_WBITS | 32)

    def feed(self, chunk: bytes, arrived: int) -> None:
        """Unpack a chunk; ``arrived`` counts every packed byte so far.

        Raises:
            Malformed: it is not packed data, or unpacks to too much.
        """
        while chunk:
            if self._engine.eof:  # a gzip file may be several, one behind the other
                self._engine = self._fresh()
            try:
                self._data += self._engine.decompress(chunk, _PIECE)
            except zlib.error as wrong:
                raise Malformed("not packed the way it says") from wrong
            self._began = True
            self._check(arrived)
            chunk = self._engine.unconsumed_tail or self._engine.unused_data

    def finish(self) -> bytes:
        """Return everything.

        Raises:
            Unreachable: the end is missing.
        """
        if self._began and not self._engine.eof:
            raise Unreachable("cut off: the end of its packed data is missing")
        return bytes(self._data)

    def _check(self, arrived: int) -> None:
        size = len(self._data)
        if size > MOST_UNPACKED:
            raise Malformed(f"unpacks to more than {MOST_UNPACKED // 1_000_000} MB")
        if size > _HARMLESS and size > HIGHEST_RATIO * arrived:
            raise Malformed(f"unpacks to more than {HIGHEST_RATIO} times its size")
