from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given, strategies as st

from stonks.model.document import Action, DocumentStatus, DocumentType, FetchedDocument
from stonks.model.identity import document_id
from stonks.stages.ingestion.core import Revision, take_in

NOW = datetime(2025, 4, 7, 12, tzinfo=UTC)


def fetched(text: str, revision: int = 1, action: Action = Action.CREATED, external_id: str = "a") -> FetchedDocument:
    return FetchedDocument(
        external_id=external_id,
        revision=revision,
        action=action,
        document_type=DocumentType.NEWS,
        publisher="Reuters",
        published_at=NOW,
        known_at=NOW,
        content_type="application/json",
        raw=text.encode(),
        title="Title",
    )


def known(*earlier: FetchedDocument) -> list[Revision]:
    return [
        Revision(
            external_id=document.external_id,
            revision=document.revision,
            action=document.action,
            content_hash=document.content_hash,
        )
        for document in take_in("wire", earlier, []).documents
    ]


FIRST = fetched("first")
SECOND = fetched("second", 2, Action.UPDATED)
REMOVAL = fetched("", 3, Action.REMOVED)


@pytest.mark.parametrize(
    ("again", "revision", "action"),
    [
        (FIRST, None, None),
        (SECOND, None, None),
        (fetched("second", 7, Action.UPDATED), None, None),
        (fetched("first", 3, Action.UPDATED), 3, Action.UPDATED),
        (fetched("third", 3), 3, Action.UPDATED),
        (fetched("silently changed", 1), 3, Action.UPDATED),
        (REMOVAL, 3, Action.REMOVED),
        (fetched("first", external_id="b"), 1, Action.CREATED),
    ],
)
def test_only_what_is_new_is_taken_in(again: FetchedDocument, revision: int | None, action: Action | None) -> None:
    intake = take_in("wire", [again], known(FIRST, SECOND))

    assert [(one.revision, one.action) for one in intake.documents] == (
        [] if revision is None else [(revision, action)]
    )
    assert intake.duplicates == (revision is None)


def test_a_removal_is_stored_as_withdrawn_once() -> None:
    (removal,) = take_in("wire", [REMOVAL], known(FIRST)).documents

    assert (removal.status, removal.status_reason) == (DocumentStatus.WITHDRAWN, "removed by the publisher")
    assert (
        take_in("wire", [msgspec.structs.replace(REMOVAL, revision=4, raw=b"x")], known(FIRST, REMOVAL)).duplicates == 1
    )


def test_raw_bytes_are_kept_under_their_hash() -> None:
    intake = take_in("wire", [FIRST], [])

    sha256 = intake.documents[0].raw_sha256
    assert intake.raw == {f"raw/sha256/{sha256[:2]}/{sha256[2:]}": b"first"}


def test_a_title_is_stored_without_what_no_database_takes() -> None:
    (document,) = take_in("wire", [msgspec.structs.replace(FIRST, title="A\x00B \ud800")], []).documents

    assert document.title == "AB ?"


@given(st.lists(st.tuples(st.integers(1, 4), st.sampled_from("abc"), st.sampled_from(Action)), max_size=12))
def test_a_second_delivery_of_a_fetch_brings_nothing_and_every_revision_has_its_own_id(
    drawn: list[tuple[int, str, Action]],
) -> None:
    documents = [fetched(text, revision, action) for revision, text, action in drawn]
    once = take_in("wire", documents, [])

    assert len({document.id for document in once.documents}) == len(once.documents)
    assert len(once.documents) + once.duplicates == len(documents)
    assert all(one.id == document_id("wire", "a", one.revision) for one in once.documents)
    stored = [
        Revision(external_id="a", revision=one.revision, action=one.action, content_hash=one.content_hash)
        for one in once.documents
    ]
    if documents:
        assert take_in("wire", documents[-1:], stored).documents == ()
