"""Dead letters as they stand in ``stonks:dlq:<queue>``, read back into values."""

import hashlib
import re
from datetime import UTC, datetime, timedelta

import msgspec

from stonks.ports.queue import DeadLetter

# Quotes inside a JSON string are escaped, so these groups end where the strings end. The job comes last and is not
# parsed: it may be more than a parser takes.
_ENTRY = re.compile(rb'\{"reason":("[^"]*"),"at":(\d+),"error":("(?:[^"\\]|\\.)*"),"job":(.*)\}', re.DOTALL)
_KNOWN = re.compile(rb'(\s*)\{"_q":(\{"id":"[^"]*","n":\d+,"c":\d+[^{}]*\})(,?)(.*)', re.DOTALL)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class _Known(msgspec.Struct, frozen=True):
    id: str
    n: int
    c: int
    s: str | None = None


def read_letter(queue: str, place: int, entry: bytes) -> DeadLetter:
    """Return one entry; what someone else put there is shown whole, with the reason ``unknown``."""
    parts, digest = _ENTRY.fullmatch(entry), hashlib.sha1(entry, usedforsecurity=False).hexdigest()
    if parts is None:
        return DeadLetter(place=place, queue=queue, payload=entry, reason="unknown", error="", at=_EPOCH, id=digest)
    reason, at, error, job = parts.groups()
    known, payload = _read_job(job)
    return DeadLetter(
        place=place,
        queue=queue,
        reason=msgspec.json.decode(reason, type=str),
        at=_EPOCH + timedelta(milliseconds=int(at)),
        error=msgspec.json.decode(error, type=str),
        payload=payload,
        deliveries=known.n,
        crashes=known.c,
        ledger_id=known.id if known.s is not None else None,
        id=digest,
    )


def _read_job(text: bytes) -> tuple[_Known, bytes]:
    if text.startswith(b'"'):
        # Each character stands for one byte.
        return _Known("", 0, 0), msgspec.json.decode(text, type=str).encode("latin-1")
    parts = _KNOWN.fullmatch(text)
    if parts is None:
        return _Known("", 0, 0), text
    lead, known, _, rest = parts.groups()
    return msgspec.json.decode(known, type=_Known), lead + b"{" + rest
