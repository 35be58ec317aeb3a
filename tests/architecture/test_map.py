"""ARCHITECTURE.md's tree is the real tree."""

import re
from pathlib import Path

ENTRY = re.compile(r"^(?P<lead>[│├└─ ]*)(?P<names>\S+(?: {1,2}\S+[/.]\S*)*)")


def drawn(text: str) -> set[Path]:
    """Paths in the first fenced block: a tree drawn with lines, names first on each line, then what they are for."""
    block = text.split("```")[1].splitlines()[1:]
    paths: set[Path] = set()
    above: list[str] = []
    for line in block:
        match = ENTRY.match(line)
        if match and line.strip():
            depth = len(match["lead"]) // 4
            names = [name for name in match["names"].split() if name.endswith("/") or "." in name]
            above[depth:] = names[-1:]
            paths |= {Path(*above[1:depth], name) for name in names if depth}
    return paths


def test_every_entry_of_the_map_exists(root: Path) -> None:
    missing = [path for path in drawn((root / "ARCHITECTURE.md").read_text()) if not (root / path).exists()]
    assert missing == []


def test_every_folder_beside_one_on_the_map_is_on_the_map(root: Path, files: list[Path]) -> None:
    entries = drawn((root / "ARCHITECTURE.md").read_text())
    folders = {parent for file in files for parent in file.parents if not str(parent).startswith(".")}
    opened = {entry.parent for entry in entries if (root / entry).is_dir()}
    assert sorted(folder for folder in folders if folder.parent in opened and folder not in entries) == []
