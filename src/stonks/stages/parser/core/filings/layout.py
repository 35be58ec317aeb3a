"""A filing's bytes to lines of text: paragraphs as they are, and a table's rows with their cells told apart."""

import re

from stonks.stages.parser.core.hostile import refuse_hostile, refuse_vast
from stonks.stages.parser.core.text import MOST_BYTES, collapse, decode, normalize

MOST_TEXT = 3_000_000
"""Characters of a report that are read; the longest of a bank has about two million."""

_MOST_ELEMENTS = 200_000
"""Elements of a report without its looks; the largest we know has 28,000."""

CELL = " | "
"""Between two cells of a table's row."""

_INLINE = re.compile(r"</?(?:ix:\w+|span|font|[abiu]|em|strong|sup|sub|SPAN|FONT|[ABIU]|EM|STRONG|SUP|SUB)\b[^<>]*>")
_LOOKS = re.compile(
    r" (?:style|v?align|width|height|bgcolor|colspan|STYLE|V?ALIGN|WIDTH|HEIGHT|BGCOLOR|COLSPAN)=\"[^\"<>]*\""
)
_MARKER = re.compile(r"^([^\w\s|$(]|o|\(?\w{1,4}[.)])\t", re.MULTILINE)
_SGML = re.compile(r"</?(?:PAGE|TABLE|S|C|CAPTION|FN|F\d{1,2}|PRE|TEXT)>", re.IGNORECASE)
_GAP = re.compile(r"(?<=[^\s.])(?: {3,}+(?:\.++ *+)?|(?: ?\.){4,}+[ .]*+)(?=[^\s.])")
"""Between two columns; it gives nothing back, so that no line of dots is gone through twice."""

_WRAPPED = re.compile(r"\n(?<=[^\n|]{60}\n)(?=[^\s|])(?!items? |part )", re.IGNORECASE)


def lay_out(raw: bytes, *, html: bool) -> tuple[str, frozenset[str]]:
    """Return a report's normalized text and flags for what was odd; XBRL's own header is left out.

    Raises:
        Malformed: its markup is built to exhaust a parser.
    """
    text = _text_of(raw) if html else decode(raw)
    plain, flags = normalize((_rows if html else _columns)(text[:MOST_TEXT]))
    return plain, flags | {"truncated"} if len(text) > MOST_TEXT else flags


def _text_of(raw: bytes) -> str:
    from resiliparse.extract.html2text import extract_plain_text

    page = _slim(_without_header(decode(raw, html=True)))
    refuse_vast(page, characters=MOST_BYTES, elements=_MOST_ELEMENTS)
    refuse_hostile(page)
    return str(
        extract_plain_text(
            page, preserve_formatting=True, main_content=False, list_bullets=False, alt_texts=False, form_fields=False
        )
    )


def _without_header(page: str) -> str:
    """Return a page without the facts that inline XBRL hides in it."""
    start = page.find("<ix:header")
    end = page.find("</ix:header>", start)
    return page[:start] + page[end:] if 0 <= start < end else page


def _slim(page: str) -> str:
    """Return a page without what does not change its text: two thirds of a report, and half of a parser's memory."""
    return _LOOKS.sub("", _INLINE.sub("", page))


def _rows(text: str) -> str:
    """Return text in which a row's empty cells are gone, and signs stand at their figures.

    Replacing plain strings costs a tenth of what regular expressions do on half a million characters.
    """
    text = text.strip().replace("\u00a0", " ").replace("\u2009", " ").replace("\u200b", "")
    text = collapse(text, "  ", " ").replace(" \t", "\t").replace("\t ", "\t").replace(" \n", "\n")
    text = collapse(text, "\t\t", "\t").replace("\n\t", "\n").replace("\t\n", "\n")
    for sign in ("$", "(", "€", "£"):
        text = text.replace(f"{sign}\t", sign)
    for sign in (")", "%"):
        text = text.replace(f"\t{sign}", sign)
    return _MARKER.sub(r"\1 ", text).replace("\t", CELL) if "\t" in text else text


def _columns(text: str) -> str:
    """Return plain text whose columns are cells and whose wrapped lines are one."""
    text = collapse(_SGML.sub("", text).replace("\r\n", "\n").expandtabs(), " \n", "\n")
    return _WRAPPED.sub(" ", _GAP.sub(CELL, text))
