"""Bytes to text, and text to the one form that every offset refers to."""

import re
import unicodedata
from functools import cache

MOST_BYTES = 20_000_000
"""A longer document is not read."""

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U0001bca0-\U0001bca3\U000e0000-\U000e0fff]"
)
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_ZERO_WIDTH = re.compile("[\u034f\u115f\u1160\u200b-\u200d\u2060-\u2064\u3164\ufeff\uffa0\U000e0000-\U000e0fff]")
_MAY_BE_PILED = re.compile("[\u0300-\U0001f000]{31}")
"""What every pile of marks is; a range is looked for in a fiftieth of the time that a thousand marks take."""

_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_BLANKS = "\t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_LINE_ENDS = ("\r\n", "\r", "\x0c", "\x85", "\u2028", "\u2029")
_MISREAD_AT_ALL = re.compile("[\u00c2-\u00f4][\u0080-\u00bf]")
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

    ``normalize(normalize(text)) == normalize(text)``: where something was taken out or composed, passes are made until
    one changes nothing.
    """
    flags: set[str] = set()
    previous = ""
    while text != previous:
        previous = text
        visible = text if text.isascii() else _visible(text, flags)
        plain = _plain(visible)
        text = plain if plain.replace("\n", "").isprintable() else _CONTROL.sub("", plain)
        if visible is previous and text is plain:
            break
    return text.strip(), frozenset(flags)


def _plain(text: str) -> str:
    """Return text in which one blank is a space, one line end a line feed, and none stand beside each other.

    Replacing plain strings takes a tenth of the time of regular expressions.
    """
    for blank in _BLANKS[:1] if text.isascii() else _BLANKS:
        text = text.replace(blank, " ")
    text = collapse(text, "  ", " ")
    for end in _LINE_ENDS:
        text = text.replace(end, "\n")
    return collapse(text.replace(" \n", "\n").replace("\n ", "\n"), "\n\n\n", "\n\n").strip()


def collapse(text: str, run: str, to: str) -> str:
    """Return text in which what stands for a run of itself is no longer found."""
    while run in text:
        text = text.replace(run, to)
    return text


def _visible(text: str, flags: set[str]) -> str:
    if _MISREAD_AT_ALL.search(text):
        repaired = _MISREAD.sub(_reread, text)
        if repaired != text:
            flags.add("misread_encoding")
            text = repaired
    if _INVISIBLE.search(text):
        flags |= {flag for flag, seen in (("bidi", _BIDI), ("zero_width", _ZERO_WIDTH)) if seen.search(text)}
        text = _INVISIBLE.sub("", text)
    if _MAY_BE_PILED.search(text) and _piles().search(text):
        flags.add("piled_marks")
        text = _piles().sub(r"\1", text)
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


@cache
def _piles() -> re.Pattern[str]:
    """Return what finds more marks on one letter than any language writes: to compose them takes their square.

    Thirty is the limit of Unicode's stream-safe text (UAX 15).
    """
    marks = "".join(char for char in map(chr, range(0x300, 0x1F000)) if unicodedata.combining(char))
    return re.compile(f"([{marks}]{{30}})[{marks}]+")


def _reread(match: re.Match[str]) -> str:
    """Undo UTF-8 that someone read as Latin-1: three characters that stand for one."""
    try:
        return match.group().encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return match.group()
