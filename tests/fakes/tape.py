"""A small tape on disk, for tests that need one."""

from collections.abc import Iterable
from pathlib import Path

import msgspec

from stonks.model.tape import TapeDocument

MANIFEST = """\
name = "small"
title = "A tape for a test"
universe = ["BA", "V"]
sources = [{ name = "newswire" }, { name = "filings" }]

[span]
start = 2025-04-07T00:00:00Z
end = 2025-04-12T00:00:00Z
"""
SESSIONS = """\
day,opens_at,closes_at
2025-04-07,2025-04-07T13:30:00Z,2025-04-07T20:00:00Z
2025-04-08,2025-04-08T13:30:00Z,2025-04-08T20:00:00Z
2025-04-09,2025-04-09T13:30:00Z,2025-04-09T20:00:00Z
"""
BARS = """\
ticker,date,open,high,low,close,volume
BA,2025-04-07,135.0,140.2,128.9,136.1,9000000
V,2025-04-07,308.1,318.0,299.0,313.2,8000000
BA,2025-04-08,140.0,143.5,134.0,139.0,8500000
"""
CALENDAR = '{"type":"earnings","ticker":"BA","date":"2025-04-23","when":"bmo","known_at":"2025-04-05T15:00:00Z"}\n'
COMPANIES = """\
ticker,name,cik,gics_sector,gics_sub_industry,aliases
BA,Boeing,0000012927,Industrials,Aerospace & Defense,The Boeing Company|737 MAX
V,Visa Inc.,0001403161,Financials,Transaction & Payment Processing Services,Visa
"""


def write_tape(directory: Path, documents: Iterable[TapeDocument]) -> Path:
    """Write a tape of two companies and three sessions with these documents, and return its directory."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in (
        ("manifest.toml", MANIFEST),
        ("sessions.csv", SESSIONS),
        ("bars.csv", BARS),
        ("calendar.jsonl", CALENDAR),
        ("companies.csv", COMPANIES),
    ):
        (directory / name).write_text(text)
    (directory / "documents.jsonl").write_bytes(b"".join(msgspec.json.encode(one) + b"\n" for one in documents))
    return directory
