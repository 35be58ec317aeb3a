"""The committed description of the API is the one that the code gives."""

from pathlib import Path

from stonks.api.server import description


def test_the_committed_openapi_document_is_current(root: Path) -> None:
    assert (root / "docs/reference/openapi.json").read_bytes() == description(), "run: stonks openapi"
