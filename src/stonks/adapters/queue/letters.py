"""Dead letters as they stand in ``stonks:dlq:<queue>``, read back into values; no bytes are too strange for that."""

import hashlib
import re
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import msgspec

from stonks.ports.queue import DeadLetter

# Quotes inside a JSON string are escaped, so these groups end where the strings end. The job comes last and is not
# parsed: it may be more than a parser takes.
_ENTRY = re.compile(rb'\{"reason":("[^"]*"),"at":(\d{1,14}),"error":("(?:[^"\\]|\\.)*"),"job":(.*)\}', re.DOTALL)
# What job.lua takes for its own.
_TAGGED = re.compile(
    rb'(\s*)\{"_q":\{"id":"([^"]*)","n":(\d{1,4}),"c":(\d{1,4}),"t":\d{1,14}'
    rb'((?:,"(?:s|why)":"[^"]*"|,"(?:h|w)":[1-9]\d{0,11})*)\}(?:,|(?=\s*\}))(.*)',
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\u00([0-9a-f]{2})")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class _Job(NamedTuple):
    payload: bytes
    deliveries: int = 0
    crashes: int = 0
    ledger_id: str | None = None


def read_letter(queue: str, place: int, entry: bytes) -> DeadLetter:
    """Return one entry; what someone else put there is shown whole, with the reason ``unknown``."""
    digest = hashlib.sha1(entry, usedforsecurity=False).hexdigest()
    parts = _ENTRY.fullmatch(entry)
    try:
        reason, at, error, text = parts.groups() if parts else (b'"unknown"', b"0", b'""', entry)
        job = _read_job(text) if parts else _Job(entry)
        return DeadLetter(
            place=place,
            queue=queue,
            reason=msgspec.json.decode(reason, type=str),
            at=_EPOCH + timedelta(milliseconds=int(at)),
            error=msgspec.json.decode(error, type=str),
            payload=job.payload,
            deliveries=job.deliveries,
            crashes=job.crashes,
            ledger_id=job.ledger_id,
            id=digest,
        )
    except (msgspec.DecodeError, UnicodeError):
        return DeadLetter(place=place, queue=queue, payload=entry, reason="unknown", error="", at=_EPOCH, id=digest)


def _read_job(text: bytes) -> _Job:
    if text.startswith(b'"'):
        # Each character stands for one byte.
        return _Job(msgspec.json.decode(text, type=str).encode("latin-1"))
    parts = _TAGGED.fullmatch(text)
    if parts is None:
        return _Job(text)
    lead, identity, deliveries, crashes, more, rest = parts.groups()
    ledger_id = _unescaped(identity) if b',"s":"' in more else None
    return _Job(lead + b"{" + rest, int(deliveries), int(crashes), ledger_id)


def _unescaped(text: bytes) -> str:
    return _ESCAPE.sub(lambda escape: chr(int(escape[1], 16)), text.decode(errors="replace"))
