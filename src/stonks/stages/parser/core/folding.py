"""Text as one byte a character: what an automaton of bytes searches, with every offset where it was."""

import codecs
from collections.abc import Iterable

_CYRILLIC = (
    "\u0410\u0412\u0415\u0405\u0406\u0408\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425\u0423\u0430"
    "\u0435\u0456\u0458\u043e\u0440\u0441\u0443\u0445\u0455"
)
_GREEK = "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03bf"
_IN_NAMES = "&'-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_LOOKALIKES = {
    **dict.fromkeys("\u2018\u2019\u201b\u02bc\u00b4\u2032", "'"),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2212", "-"),
    **dict(zip(_CYRILLIC, "ABESIJKMHOPCTXYaeijopcyxs", strict=True)),
    **dict(zip(_GREEK, "ABEZHIKMNOPTYXo", strict=True)),
    **{chr(ord(char) + 0xFEE0): char for char in _IN_NAMES},
}
"""Characters that look like others, one for one. For matching only."""

_PLAIN = frozenset({*range(32, 127), *b"\0\t\n\r"})
_NOTHING = "\ufffe"  # what a table of characters has where a byte stands for none


class Folding:
    """Folds texts for a set of names: what is in no name becomes a question mark, what looks alike becomes alike."""

    def __init__(self, names: Iterable[str]) -> None:
        """Give a byte to each character of these names, as far as bytes go: ASCII and some forty others."""
        letters = sorted(set("".join(names)) - set(map(chr, _PLAIN)) - _LOOKALIKES.keys())
        table = [chr(byte) if byte in _PLAIN else _NOTHING for byte in range(256)]
        alike = bytearray(range(256))
        free = (byte for byte in range(256) if byte not in _PLAIN)
        for byte, char in zip(free, [*_LOOKALIKES, *letters], strict=False):
            table[byte] = char
            alike[byte] = ord(_LOOKALIKES.get(char, chr(byte)))
        self._table = codecs.charmap_build("".join(table))
        self._alike = bytes(alike)

    def __call__(self, text: str) -> bytes:
        """Return a byte for each character."""
        if text.isascii():
            return text.encode()
        return codecs.charmap_encode(text, "replace", self._table)[0].translate(self._alike)
