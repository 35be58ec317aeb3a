"""Which failures are the same one: an error's text without what differs from job to job."""

import hashlib
import re

_LONGEST = 300  # characters that tell one error from another
_VARYING = (
    (re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|`[^`]*`"), "<text>"),
    (re.compile(r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b"), "<id>"),
    (re.compile(r"\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?"), "<time>"),
    (re.compile(r"\b0x[0-9a-fA-F]+\b|\b(?=[a-fA-F]*\d)(?=\d*[a-fA-F])[0-9a-fA-F]{8,}\b"), "<hex>"),
    (re.compile(r"(?<![\w.])[a-z_]+:(?!//)[^\s,;()]*\d[^\s,;()]*"), "<key>"),
    (re.compile(r"[+-]?\d+(?:[.,]\d+)*(?:[eE][+-]?\d+)?"), "<number>"),
    (re.compile(r"\s+"), " "),
)
"""What an error says of this one job, and what stands for it; in this order."""


def normalised(error: str) -> str:
    """Return an error's text with ids, keys, instants, numbers and quoted parts replaced by what they are."""
    for pattern, word in _VARYING:
        error = pattern.sub(word, error)
    return error.strip()[:_LONGEST]


def fingerprint(reason: str, error: str) -> str:
    """Return ten hexadecimal digits that are the same for every job that failed in the same way, on any queue."""
    text = f"{reason}\n{normalised(error)}"
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:10]
