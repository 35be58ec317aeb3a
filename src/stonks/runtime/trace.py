"""The W3C ``traceparent`` of a job: which chain of work it belongs to, and which of its links led to it.

``00-<trace id, 32 hex digits>-<parent id, 16 hex digits>-<flags, 2 hex digits>``; ids of zeros alone stand for none.
"""

import re
from random import Random

_HEADER = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})")
_SAMPLED = "01"


def begun(random: Random) -> str:
    """Return the header of a chain that begins here."""
    return _header(_number(random, 128), _SAMPLED, random)


def continued(traceparent: str | None, random: Random) -> str:
    """Return the header of the next link of a chain; what is no header is the end of none, and a chain begins."""
    found = _HEADER.fullmatch(traceparent or "")
    return begun(random) if found is None else _header(found[1], found[2], random)


def trace_of(traceparent: str | None) -> str | None:
    """Return the id of the chain, or None where there is none to be read."""
    found = _HEADER.fullmatch(traceparent or "")
    return None if found is None else found[1]


def _header(trace: str, flags: str, random: Random) -> str:
    return f"00-{trace}-{_number(random, 64)}-{flags}"


def _number(random: Random, bits: int) -> str:
    return f"{random.getrandbits(bits) or 1:0{bits // 4}x}"
