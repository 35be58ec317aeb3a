"""What ``stonks parse`` prints."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

from stonks.cli.parse import as_text, files_in
from stonks.model.document import DocumentStatus, DocumentType, Mention, Role, Section, Span
from stonks.model.file import FileRead


def test_folders_are_walked_in_order_and_hidden_files_left_out(tmp_path: Path) -> None:
    for name in ("b/z.html", "b/a.html", "a.txt", "b/.hidden", ".git/config"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()

    found = [str(path.relative_to(tmp_path)) for path in files_in([tmp_path, tmp_path / "none"])]

    assert found == ["a.txt", "b/a.html", "b/z.html", "none"]


def test_a_file_is_a_few_lines_for_people() -> None:
    found = FileRead(
        path="a\x1b.html",
        kind=DocumentType.FILING,
        form="10-Q",
        title="Boeing 10-Q",
        text="Boeing 10-Q\n\nBoeing built aircraft.",
        language="en",
        quality=0.8,
        flags=("form_10-Q",),
        mentions=(Mention(ticker="BA", role=Role.PRIMARY, spans=(Span(start=0, end=6), Span(start=13, end=19))),),
        items=(Section(item="I-2", title="Management", start=13, end=35),),
        status=DocumentStatus.PARSED,
    )

    assert as_text(found).splitlines() == [
        "a\\x1b.html  parsed",
        "  10-Q, en, quality 0.80, 35 characters",
        "  Boeing 10-Q",
        "  names BA primary (2)",
        "  items I-2",
        "  flags form_10-Q",
        "  Boeing built aircraft.",
    ]


async def test_every_file_is_a_line_of_json_and_the_exit_code_is_0(tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text("Acme (NYSE: ACME) shipped more anvils\n\nAcme shipped 45 anvils in March.")
    (tmp_path / "bad.html.gz").write_bytes(b"no gzip")
    companies = tmp_path / ".companies.csv"
    companies.write_text("ticker,name,aliases\nACME,Acme Corporation,Acme\n")

    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "stonks", "parse", "--json", "--universe", str(companies), str(tmp_path),
        stdout=PIPE, stderr=PIPE, env={"PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    printed, complaints = await process.communicate()

    bad, good = map(json.loads, printed.decode().splitlines())
    assert (process.returncode, complaints) == (0, b"")
    assert (bad["status"], good["status"]) == ("failed", "parsed")
    assert [one["ticker"] for one in good["mentions"]] == ["ACME"]
    assert set(good) >= {"path", "kind", "title", "text", "published_at", "language", "quality", "mentions", "items"}


async def test_a_list_of_companies_that_is_none_is_one_sentence(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "stonks", "parse", "--universe", str(tmp_path / "none.csv"), str(tmp_path),
        stdout=PIPE, stderr=PIPE, env={"PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    _, complaints = await process.communicate()

    assert process.returncode == 1
    assert complaints.decode().count("\n") == 1
    assert "none.csv cannot be read" in complaints.decode()
