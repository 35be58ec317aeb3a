"""Documents, what was read from them, and their bytes."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery, QueryParameter

from stonks.api.answers.documents import DocumentDetail, DocumentPage, DocumentRow, IntelligenceRow
from stonks.api.artifacts import object_key
from stonks.api.paging import Cursor, Limit, page, place
from stonks.api.reading import OpenPorts, read
from stonks.api.signals import EventFilter, events, signals
from stonks.model.document import DocumentStatus, DocumentType, Mention
from stonks.model.errors import Refused
from stonks.ports.bundle import Ports

_SANDBOX = {
    "content-security-policy": "sandbox; default-src 'none'",
    "cache-control": "private, max-age=31536000, immutable",
}


@read("/documents", "listDocuments", "documents")
async def list_documents(  # noqa: PLR0913, PLR0917 - one parameter a filter of the query string
    ports: OpenPorts,
    limit: Limit = 50,
    cursor: Cursor = None,
    status: FromQuery[DocumentStatus | None] = None,
    document_type: Annotated[DocumentType | None, QueryParameter(name="type")] = None,
    ticker: Annotated[str | None, QueryParameter(max_length=12)] = None,
    source: Annotated[str | None, QueryParameter(max_length=80)] = None,
) -> DocumentPage:
    """Documents, newest first."""
    start = place(cursor)
    rows = await ports.store.rows(
        DocumentRow,
        "read_documents.page",
        before_at=start.before_at,
        after_id=start.after_id,
        status=status,
        document_type=document_type,
        ticker=ticker,
        source=source,
        limit=limit + 1,
    )
    items, after = page(rows, limit, lambda row: row.known_at, lambda row: row.id)
    return DocumentPage(items=items, next_cursor=after)


class _Parsed(DocumentRow, frozen=True, kw_only=True):
    external_id: str
    content_type: str
    content_hash: str
    raw_sha256: str
    normalized_sha256: str | None
    story_cluster_id: UUID | None
    feed_tickers: list[str]
    flags: list[str]
    quality_features: dict[str, Any]
    status_at: datetime
    mentions: list[Mention]


@read("/documents/{document_id:uuid}", "getDocument", "documents")
async def get_document(ports: OpenPorts, document_id: FromPath[UUID]) -> DocumentDetail:
    """One document with its mentions, everything that was read from it, and the signals that came of it."""
    found = await ports.store.row(_Parsed, "read_documents.detail", id=document_id)
    if found is None:
        raise NotFoundException(f"there is no document {document_id}")
    fields = msgspec.structs.asdict(found)
    row = DocumentRow(**{name: fields.pop(name) for name in DocumentRow.__struct_fields__})
    return DocumentDetail(
        document=row,
        **fields,
        intelligence=await ports.store.rows(IntelligenceRow, "read_documents.intelligence", id=document_id),
        signals=await signals(ports.store, 200, document_id=document_id),
        events=await events(ports.store, 50, None, EventFilter(document_id=document_id)),
    )


class _Object(msgspec.Struct, frozen=True):
    raw_sha256: str
    normalized_sha256: str | None
    content_type: str


@read("/documents/{document_id:uuid}/text", "getDocumentText", "documents", media_type="text/plain")
async def get_document_text(
    ports: OpenPorts, request: Request[Any, Any, Any], document_id: FromPath[UUID]
) -> Response[bytes]:
    """The normalized text: every offset counts its characters."""
    found = await _object(ports, document_id)
    if found.normalized_sha256 is None:
        raise NotFoundException(f"document {document_id} has no normalized text")
    return await _bytes(ports, request, "normalized", found.normalized_sha256, {})


@read("/documents/{document_id:uuid}/raw", "getDocumentRaw", "documents", media_type="application/octet-stream")
async def get_document_raw(
    ports: OpenPorts, request: Request[Any, Any, Any], document_id: FromPath[UUID]
) -> Response[bytes]:
    """The bytes as they came, as a download: a browser is never to run them."""
    found = await _object(ports, document_id)
    name = {
        "content-disposition": f'attachment; filename="{found.raw_sha256}"',
        "x-source-content-type": found.content_type,
    }
    return await _bytes(ports, request, "raw", found.raw_sha256, name)


async def _object(ports: Ports, document_id: UUID) -> _Object:
    found = await ports.store.row(_Object, "read_documents.object", id=document_id)
    if found is None:
        raise NotFoundException(f"there is no document {document_id}")
    return found


async def _bytes(
    ports: Ports, request: Request[Any, Any, Any], kind: str, sha256: str, more: dict[str, str]
) -> Response[bytes]:
    headers = {**_SANDBOX, **more, "etag": f'"{sha256}"'}
    if request.headers.get("if-none-match") == headers["etag"]:
        return Response(b"", status_code=304, headers=headers)
    try:
        body = await ports.objects.get(object_key(kind, sha256))
    except Refused as error:
        raise NotFoundException(f"the {kind} bytes {sha256} are not in the object store") from error
    media_type = "text/plain; charset=utf-8" if kind == "normalized" else "application/octet-stream"
    return Response(body, headers=headers, media_type=media_type)
