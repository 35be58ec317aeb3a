"""ARCHITECTURE.md's tree is the real tree."""

import re
from pathlib import Path

import pytest

ENTRY = re.compile(r"^(?P<lead>[│├└─ ]*)(?P<name>\S+)")


def drawn(text: str) -> set[Path]:
    """Paths in the first fenced block: a root, and under it a tree drawn with lines, a name first on each line."""
    top, *rest = text.split("```")[1].splitlines()[1:]
    paths: set[Path] = set()
    above = [top.strip()]
    for match in filter(None, map(ENTRY.match, rest)):
        depth = len(match["lead"]) // 4
        above[depth:] = [match["name"]]
        paths.add(Path(*above))
    return paths


@pytest.fixture
def entries(root: Path) -> set[Path]:
    return drawn((root / "ARCHITECTURE.md").read_text())


def test_every_entry_of_the_map_exists(root: Path, entries: set[Path]) -> None:
    assert [entry for entry in sorted(entries) if not (root / entry).exists()] == []


def test_every_folder_beside_one_on_the_map_is_on_the_map(root: Path, files: list[Path], entries: set[Path]) -> None:
    opened = {entry.parent for entry in entries if (root / entry).is_dir()}
    folders = {parent for file in files for parent in file.parents if parent.parent in opened}
    assert sorted(folders - entries) == []
