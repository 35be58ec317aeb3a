import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from stonks.adapters.sources.tape import read_tape
from stonks.model.errors import Refused
from stonks.model.tape import Tape
from stonks.replay.build import build_djia

FIRST, LAST = date(2025, 3, 3), date(2025, 5, 30)


@pytest.fixture(scope="session")
def built(recorded: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("djia") / "tape"
    build_djia(recorded, directory, FIRST, LAST)
    return directory


@pytest.fixture(scope="session")
def tape(built: Path) -> Tape:
    return read_tape(built)


@pytest.mark.recorded
def test_three_months_of_news_filings_and_statements_are_on_it(tape: Tape) -> None:
    kinds = {
        kind: sum(document.kind == kind for document in tape.documents) for kind in ("news", "filing", "macro_event")
    }

    assert len(tape.documents) >= 2300
    assert kinds["filing"] == 3
    assert kinds["macro_event"] == 2
    assert len({bar.ticker for bar in tape.bars}) == 20


@pytest.mark.recorded
def test_no_document_was_known_before_it_was_published_or_outside_the_span(tape: Tape) -> None:
    for document in tape.documents:
        assert document.known_at is not None
        assert document.published_at is not None
        assert document.published_at < document.known_at
        assert tape.manifest.span.start <= document.known_at < tape.manifest.span.end


@pytest.mark.recorded
def test_a_report_of_the_rally_of_9_april_was_not_known_before_the_rally(tape: Tape) -> None:
    # The pause of the tariffs, and with it the rally, was announced at 17:18 UTC; the record dates this report 15:00.
    reports = [
        document for document in tape.documents if "2,125-point" in document.title or "2125-point" in document.title
    ]

    assert reports
    assert all(report.known_at > datetime(2025, 4, 9, 17, 18, tzinfo=UTC) for report in reports if report.known_at)


@pytest.mark.recorded
def test_building_twice_gives_the_same_bytes(recorded: Path, built: Path, tmp_path: Path) -> None:
    build_djia(recorded, tmp_path / "again", FIRST, LAST)

    files = sorted(file.relative_to(built) for file in built.rglob("*") if file.is_file())
    assert len(files) >= 8
    assert all((built / file).read_bytes() == (tmp_path / "again" / file).read_bytes() for file in files)


def test_a_folder_without_the_data_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="djia-2025"):
        build_djia(tmp_path, tmp_path / "out", FIRST, LAST)


def test_a_directory_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "precious.json").write_text(json.dumps([]))

    with pytest.raises(Refused, match="not empty"):
        build_djia(tmp_path, tmp_path, FIRST, LAST)
