"""Text as one byte a character: what an automaton of bytes searches, with every offset where it was."""

import re

_CYRILLIC = (
    "\u0410\u0412\u0415\u0405\u0406\u0408\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425\u0423\u0430"
    "\u0435\u0456\u0458\u043e\u0440\u0441\u0443\u0445\u0455"
)
_GREEK = "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03bf"
_LOOKALIKES = {
    **dict(zip(_CYRILLIC, "ABESIJKMHOPCTXYaeijopcyxs", strict=True)),
    **dict(zip(_GREEK, "ABEZHIKMNOPTYXo", strict=True)),
    **{chr(0xFF01 + n): chr(0x21 + n) for n in range(94)},
}
"""Letters that look like others, one for one. For matching only."""

_LOOKALIKE = re.compile(f"[{_CYRILLIC}{_GREEK}\uff01-\uff5e]")

_MIXED = re.compile(f"[A-Za-z][{_CYRILLIC}{_GREEK}\uff21-\uff5a]|[{_CYRILLIC}{_GREEK}\uff21-\uff5a][A-Za-z]")

_STRANGE = b"\x03\x04\xff"
"""The upper bytes of Greek, Cyrillic and wide letters in UTF-16."""


def is_disguised(text: str) -> bool:
    """Return whether a word has letters of two scripts that look alike; no language writes so."""
    return not text.isascii() and _MIXED.search(text) is not None


def fold(text: str) -> bytes:
    """Return a byte for each character: Latin-1, and letters of other scripts as what they look like.

    What is neither becomes a question mark; a name is found behind typographic signs by spelling them so, which saves
    looking at every character of every text.
    """
    if text.isascii():
        return text.encode()
    upper = text.encode("utf-16-le", "replace")[1::2]
    if any(byte in upper for byte in _STRANGE):
        text = _LOOKALIKE.sub(lambda found: _LOOKALIKES[found[0]], text)
    return text.encode("latin-1", "replace")
