"""What is made of real annual, quarterly and current reports; figures are printed with ``-s``."""

import gzip
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import pytest

from stonks.model.document import Section
from stonks.stages.parser.core.filings import NO_ITEMS, outline_of, read_filing
from stonks.stages.parser.core.filings.difference import Filed, differences, packed
from stonks.stages.parser.core.filings.forms import FORMS
from stonks.stages.parser.core.filings.layout import CELL
from stonks.stages.parser.core.filings.sentences import sentences_of

pytestmark = pytest.mark.recorded


class Report(NamedTuple):
    """A recorded filing as it is read."""

    name: str
    form: str
    text: str
    items: dict[str, Section]
    flags: frozenset[str]

    def told(self, item: str) -> str:
        """Return an item's text."""
        section = self.items[item]
        return self.text[section.start : section.end]


def read(file: Path, form: str) -> Report:
    text = read_filing(gzip.decompress(file.read_bytes()), "").body
    outline = outline_of(text, "")
    assert outline.kind is not None
    assert outline.kind.form == form
    return Report(str(file), form, text, {one.item: one for one in outline.items}, outline.flags)


def report(figures: str) -> None:
    print(f"\n{figures}")  # noqa: T201 - what this test is also for


@pytest.fixture(scope="module")
def labelled(recorded: Path) -> list[tuple[Report, set[str]]]:
    """Reports of 2023 with the items that are expected of them; one without any characters is expected to be absent."""
    found = []
    for file in sorted((recorded / "filings-html" / "2023-with-sections").glob("*/*/*/primary-document.html.gz")):
        listed = json.loads((file.parent / "expected-top-level-sections.json").read_text())
        expected = {code(one["identifier"]) for one in listed if one["character_count"]}
        found.append((read(file, file.parts[-4]), expected))
    return found


def code(identifier: str) -> str:
    found = re.fullmatch(r"part([12])item(\w+)", identifier)
    return f"{'I' * int(found[1])}-{found[2].upper()}" if found else identifier


@pytest.fixture(scope="module")
def annual(recorded: Path) -> dict[str, Report]:
    files = sorted((recorded / "filings-html" / "2024-2025").glob("*-10-k-*.html.gz"))
    return {file.name.partition("-")[0]: read(file, "10-K") for file in files}


def test_every_expected_item_is_found(labelled: list[tuple[Report, set[str]]]) -> None:
    missing = [
        (one.name, sorted(expected - one.items.keys())) for one, expected in labelled if expected - one.items.keys()
    ]
    report(f"{sum(len(expected) for _, expected in labelled)} items of {len(labelled)} filings; missing: {missing}")

    assert len(labelled) == 13
    assert missing == []


def test_annual_reports_have_risk_factors_and_discussion_unless_they_say_where_these_are(
    annual: dict[str, Report],
) -> None:
    short = {
        ticker: item
        for ticker, one in annual.items()
        for item in ("1A", "7")
        if len(one.told(item)) < 14_000 and not one.items[item].by_reference
    }

    assert len(annual) == 21
    assert short == {}
    assert annual["ibm"].items["7"].by_reference
    assert annual["ibm"].items["8"].by_reference
    assert "by_reference" in annual["ibm"].flags
    assert len(annual["ma"].told("7")) > 50_000
    assert all(NO_ITEMS not in one.flags for one in annual.values())


def test_the_rows_of_a_balance_sheet_can_be_read(annual: dict[str, Report]) -> None:
    rows = [line for line in annual["ba"].told("8").split("\n") if line.startswith("Inventories")]

    assert any(re.fullmatch(r"Inventories( \| \$?[\d,]+){2}", row) for row in rows), rows
    assert CELL.strip() not in annual["ba"].told("7").split("\n")[0]


def other_forms(recorded: Path) -> Iterator[tuple[Path, str, set[str]]]:
    folder = recorded / "filings-html"
    yield folder / "8-K" / "BuckleInc.8-K.html.gz", "8-K", {"2.02", "9.01"}
    yield folder / "8-K" / "afcgamma.8K.html.gz", "8-K", {"5.02", "7.01", "9.01"}
    yield folder / "parity" / "8-K" / "0001104659-03-004925.html.gz", "8-K", {"9"}
    yield folder / "parity" / "10-K" / "0000950153-99-001234.html.gz", "10-K", {"1", "2", "3", "7", "14"}
    yield folder / "parity" / "20-F" / "0000928385-01-500187.html.gz", "20-F", {"3", "4", "5", "7"}
    yield folder / "parity" / "20-F" / "0001062993-16-008650.html.gz", "20-F", {"3", "4", "5", "16A", "16F", "18"}


def test_current_foreign_and_old_reports_have_their_items(recorded: Path) -> None:
    for file, form, items in other_forms(recorded):
        assert items <= read(file, form).items.keys(), file.name


def test_an_exhibit_is_read_whole(recorded: Path) -> None:
    text = read_filing(
        gzip.decompress((recorded / "filings-html/8-K/BuckleInc.8-K.EX99.1.html.gz").read_bytes()), ""
    ).body
    outline = outline_of(text, "")

    assert outline.kind is not None
    assert (outline.kind.name, outline.items) == ("8-K EX-99.1", ())
    assert "net income" in text.lower()


def test_of_the_next_years_report_less_than_half_is_new(
    labelled: list[tuple[Report, set[str]]], annual: dict[str, Report]
) -> None:
    shares = {}
    for before, _ in labelled:
        ticker = before.name.rsplit("/", 3)[1].lower()
        if before.form == "10-K" and ticker in annual and ticker != "aapl":  # the same report twice
            shares[ticker] = share_new(before, annual[ticker])
    report(f"share of the sentences that carry news that is new a year later: {shares}")

    assert set(shares) == {"ba", "ibm", "unh"}
    assert all(0.05 < share < 0.6 for share in shares.values())
    assert share_new(annual["aapl"], annual["aapl"]) == 0


def share_new(before: Report, after: Report) -> float:
    filed = []
    for number, one in enumerate((before, after)):
        sentences = sentences_of(one.text, 0, FORMS["10-K"], list(one.items.values()))
        filed.append(
            Filed(
                id=UUID(int=number),
                name=str(number),
                known_at=datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days=number),
                amends=False,
                sentences=packed(sentences),
                waiting=True,
            )
        )
    (fresh,) = differences(filed[1], filed[:1], "10-K")
    return sum(span.end - span.start for span in fresh.spans or ()) / sum(one.end - one.start for one in sentences)
