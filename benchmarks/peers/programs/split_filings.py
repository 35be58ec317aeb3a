"""Splits filings into items with ours or with edgartools, one a line of standard input, and says what that took.

    python split_filings.py ours|edgartools

Each line is JSON: ``file`` (gzip), ``form``, and ``times``, how often its bytes are read over. The answer has the items
with their texts, CPU seconds, bytes, and by how much the process grew at its peak while it read the file.
"""

import gzip
import json
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

Split = Callable[[bytes, str], dict[str, str]]

WARM_UP = b"<html><body><p>FORM 10-K</p><p>Item 1. Business</p><p>Jets.</p></body></html>"
STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
NAMED = {
    "business": "1",
    "risk_factors": "1A",
    "unresolved_staff_comments": "1B",
    "cybersecurity": "1C",
    "properties": "2",
    "legal_proceedings": "3",
    "mda": "7",
    "market_risk": "7A",
    "financial_statements": "8",
    "controls_procedures": "9A",
}
NUMBERED = re.compile(r"(?:part_([iv]+)_)?item_(\d+[a-k]?)$")


def ours() -> Split:
    """Return our way: what the parser does with a report's bytes."""
    from stonks.stages.parser.core.filings import NO_ITEMS, outline_of, read_filing

    def split(raw: bytes, form: str) -> dict[str, str]:
        text = read_filing(raw, form).body
        outline = outline_of(text, form)
        found = {one.item: text[one.start : one.end] for one in outline.items}
        return found | ({"": ""} if NO_ITEMS in outline.flags else {})

    return split


def edgartools() -> Split:
    """Return edgartools' way: its parser and the text of its sections."""
    from edgar.documents import HTMLParser, ParserConfig

    def split(raw: bytes, form: str) -> dict[str, str]:
        sections = HTMLParser(ParserConfig(form=form)).parse(raw.decode("utf-8", errors="replace")).sections
        told = {code(key, form): section.text() for key, section in sections.items()}
        return {item: text for item, text in told.items() if item}

    return split


def code(key: str, form: str) -> str:
    """Return an item's name as ours writes it, or nothing for what is no item."""
    found = NUMBERED.match(key)
    if found is None:
        return NAMED.get(key, "") if form == "10-K" else ""
    part, number = (found.group(1) or "").upper(), found.group(2).upper()
    if form == "8-K" and len(number) == len("202"):
        return f"{number[0]}.{number[1:]}"
    return f"{part}-{number}" if form == "10-Q" else number


def status(name: str) -> int:
    """Return a figure of this process's memory in bytes."""
    found = re.search(rf"^{name}:\s+(\d+) kB", STATUS.read_text(), re.MULTILINE)
    return int(found.group(1)) * 1024 if found else 0


def repeated(raw: bytes, times: int) -> bytes:
    """Return a page whose middle, as notes of a report, comes this many times."""
    lo = raw.find(b"<div", len(raw) // 3)
    hi = raw.find(b"<div", 2 * len(raw) // 3)
    return raw[:lo] + raw[lo:hi] * times + raw[hi:]


def main() -> None:
    """Answer line after line."""
    split = {"ours": ours, "edgartools": edgartools}[sys.argv[1]]()
    split(WARM_UP, "10-K")
    print(json.dumps({"resident": status("VmRSS")}), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        raw = repeated(gzip.decompress(Path(asked["file"]).read_bytes()), asked.get("times", 1))
        CLEAR.write_text("5")  # the peak begins anew
        before, started = status("VmRSS"), time.process_time()
        items = split(raw, asked["form"])
        seconds = time.process_time() - started
        grown, peak = status("VmHWM") - before, status("VmHWM")
        print(
            json.dumps({"items": items, "seconds": seconds, "bytes": len(raw), "grown": grown, "peak": peak}),
            flush=True,
        )


if __name__ == "__main__":
    main()
