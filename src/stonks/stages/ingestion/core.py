"""Decides which fetched revisions are new, and what a stored revision does to earlier ones."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import msgspec

from stonks.model.document import Action, Document, DocumentStatus, FetchedDocument
from stonks.model.identity import content_hash, document_id, object_key

REMOVED = "removed by the publisher"
"""Why a document is withdrawn."""


class Revision(msgspec.Struct, frozen=True, kw_only=True):
    """A stored revision as far as it matters for the next one."""

    external_id: str
    revision: int
    action: Action
    content_hash: str


class Intake(msgspec.Struct, frozen=True):
    """What a fetch comes to: documents to store with their raw bytes' key, and how many were known already."""

    documents: tuple[Document, ...]
    raw: dict[str, bytes]
    duplicates: int


def take_in(source: str, fetched: Sequence[FetchedDocument], known: Iterable[Revision]) -> Intake:
    """Return what of a fetch is new, in its order.

    A revision with a number of its own is new unless it says what the newest one says. Content that comes under a known
    number is a second delivery, or, if it was never seen, the publisher's silent change: that is the next revision.
    """
    history: dict[str, list[Revision]] = defaultdict(list)
    for stored in sorted(known, key=lambda stored: stored.revision):
        history[stored.external_id].append(stored)
    documents: list[Document] = []
    raw: dict[str, bytes] = {}
    for one in fetched:
        revision = _revision(one, history[one.external_id])
        if revision is None:
            continue
        history[one.external_id].append(revision)
        document = _document(source, one, revision)
        documents.append(document)
        raw[object_key("raw", document.raw_sha256)] = one.raw
    return Intake(tuple(documents), raw, len(fetched) - len(documents))


def _revision(fetched: FetchedDocument, history: Sequence[Revision]) -> Revision | None:
    """Return the revision that a fetched document is, or None where it is known."""
    digest = content_hash(b"\x00".join((_storable(fetched.title).encode(), fetched.raw)))
    number, action = fetched.revision, fetched.action
    if history:
        newest = history[-1]
        if _is_known(digest, action, history if number <= newest.revision else [newest]):
            return None
        number = max(number, newest.revision + 1)
        action = Action.UPDATED if action is Action.CREATED else action
    return Revision(external_id=fetched.external_id, revision=number, action=action, content_hash=digest)


def _is_known(digest: str, action: Action, history: Sequence[Revision]) -> bool:
    """Whether one of these revisions says the same; a removal says the same whatever its bytes."""
    if action is Action.REMOVED:
        return history[-1].action is Action.REMOVED
    return any(one.content_hash == digest and one.action is not Action.REMOVED for one in history)


def _document(source: str, fetched: FetchedDocument, revision: Revision) -> Document:
    removed = revision.action is Action.REMOVED
    return Document(
        id=document_id(source, fetched.external_id, revision.revision),
        source=source,
        external_id=fetched.external_id,
        revision=revision.revision,
        action=revision.action,
        document_type=fetched.document_type,
        publisher=_storable(fetched.publisher),
        url=_storable(fetched.url) if fetched.url else None,
        title=_storable(fetched.title),
        published_at=fetched.published_at,
        known_at=fetched.known_at,
        content_hash=revision.content_hash,
        raw_sha256=content_hash(fetched.raw),
        content_type=fetched.content_type,
        feed_tickers=fetched.feed_tickers,
        language=fetched.language,
        status=DocumentStatus.WITHDRAWN if removed else DocumentStatus.STORED,
        status_reason=REMOVED if removed else None,
    )


def _storable(text: str) -> str:
    """Return a feed's words without what no database takes; the raw bytes keep it."""
    return text.replace("\x00", "").encode(errors="replace").decode()
