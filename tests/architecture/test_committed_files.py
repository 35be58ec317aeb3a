"""What no committed file may hold."""

import re
from pathlib import Path

# Written in pieces, so that this file does not hold them either.
HOSTS = ("pypi" + ".org", "python" + "hosted.org", "registry.npm" + "js.org", "deb.de" + "bian.org")
FOLDERS = ("/wor" + "k/", "/roo" + "t/", "/hom" + "e/")
TEXT = re.compile("|".join(re.escape(piece) for piece in HOSTS + FOLDERS))


def test_no_file_names_a_registrys_host_or_a_folder_of_somebodys_machine(root: Path, files: list[Path]) -> None:
    guilty = [f"{file}: {found.group()}" for file in files if (found := TEXT.search(text_of(root / file)))]
    assert guilty == []


def test_no_file_is_larger_than_a_megabyte(root: Path, files: list[Path]) -> None:
    assert [file for file in files if (root / file).stat().st_size > 2**20] == []


def text_of(file: Path) -> str:
    return file.read_bytes().decode(errors="ignore")
