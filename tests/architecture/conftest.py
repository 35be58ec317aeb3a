"""The repository as its tests see it: its files, and its modules parsed."""

import ast
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Module:
    """A Python file of the package, as a path below `src/stonks`."""

    path: Path
    text: str
    tree: ast.Module

    def functions(self) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
        return [node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def files() -> list[Path]:
    """Every file that is committed or about to be, relative to the root."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--deduplicate"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return [Path(name) for name in names if (ROOT / name).is_file()]


@pytest.fixture(scope="session")
def modules(files: list[Path]) -> list[Module]:
    """Every module of the package."""
    inside = [file for file in files if file.is_relative_to("src/stonks") and file.suffix == ".py"]
    texts = {file.relative_to("src/stonks"): (ROOT / file).read_text() for file in inside}
    return [Module(path, text, ast.parse(text)) for path, text in texts.items()]
