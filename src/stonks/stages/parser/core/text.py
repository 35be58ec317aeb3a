"""Bytes to text, and text to the one form that every offset refers to."""

import re
import unicodedata

MOST_BYTES = 20_000_000
"""A longer document is not read."""

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U0001bca0-\U0001bca3\U000e0000-\U000e0fff]"
)
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_ZERO_WIDTH = re.compile("[\u034f\u115f\u1160\u200b-\u200d\u2060-\u2064\u3164\ufeff\uffa0\U000e0000-\U000e0fff]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_BLANKS = re.compile("[ \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_LINE_END = re.compile(" ?(?:\r\n|[\n\r\x0c\x85\u2028\u2029]) ?")
_EMPTY_LINES = re.compile("\n{3,}")
_MISREAD = re.compile(
    "[\u00c2-\u00df][\u0080-\u00bf]|[\u00e0-\u00ef][\u0080-\u00bf]{2}|[\u00f0-\u00f4][\u0080-\u00bf]{3}"
)


def decode(raw: bytes, *, html: bool = False) -> str:
    """Return bytes as text: UTF-8 where they are, else what they look like; a page may say so itself."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        from resiliparse.parse.encoding import bytes_to_str, detect_encoding

        return str(bytes_to_str(raw, detect_encoding(raw, from_html_meta=html) or "utf-8"))


def normalize(text: str) -> tuple[str, frozenset[str]]:
    """Return text composed, without what cannot be seen, blanks and line ends made plain; and flags for what was odd.

    ``normalize(normalize(text)) == normalize(text)``: passes are made until one changes nothing.
    """
    flags: set[str] = set()
    previous = ""
    while text != previous:
        previous = text
        text = _pass(text, flags)
    return text, frozenset(flags)


def _pass(text: str, flags: set[str]) -> str:
    if not text.isascii():
        text = _visible(text, flags)
    text = _BLANKS.sub(" ", text) if "  " in text or "\t" in text or not text.isascii() else text
    if not text.isprintable():
        text = _EMPTY_LINES.sub("\n\n", _LINE_END.sub("\n", text))
        text = _CONTROL.sub("", text)
    return text.strip()


def _visible(text: str, flags: set[str]) -> str:
    if _MISREAD.search(text):
        repaired = _MISREAD.sub(_reread, text)
        if repaired != text:
            flags.add("misread_encoding")
            text = repaired
    if _INVISIBLE.search(text):
        flags |= {flag for flag, seen in (("bidi", _BIDI), ("zero_width", _ZERO_WIDTH)) if seen.search(text)}
        text = _INVISIBLE.sub("", text)
    return unicodedata.normalize("NFC", text)


def _reread(match: re.Match[str]) -> str:
    """Undo UTF-8 that someone read as Latin-1: three characters that stand for one."""
    try:
        return match.group().encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return match.group()
