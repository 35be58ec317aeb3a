"""Deterministic identity: the same thing seen twice has the same id, so a second delivery writes the same row."""

import hashlib
from datetime import datetime
from uuid import UUID, uuid5

_NAMESPACE = UUID("6f1a3c1e-52f4-5d0b-9a57-0c6f0a6f7b1d")


def _identity(kind: str, *parts: object) -> UUID:
    return uuid5(_NAMESPACE, "\x1f".join((kind, *map(str, parts))))


def source_run_id(source: str, started_at: datetime) -> UUID:
    """Return the id of one poll of one source."""
    return _identity("run", source, started_at.isoformat())


def document_id(source: str, external_id: str, revision: int) -> UUID:
    """Return the id of one revision of one document."""
    return _identity("document", source, external_id, revision)


def intelligence_id(document: UUID, extractor_version: str) -> UUID:
    """Return the id of one extraction of one document."""
    return _identity("intelligence", document, extractor_version)


def impact_id(intelligence: UUID, ticker: str) -> UUID:
    """Return the id of what one extraction says of one company."""
    return _identity("impact", intelligence, ticker)


def call_id(agent: str, subject: object, nonce: str, attempt: int, said: str) -> UUID:
    """Return the id of one call to a model: what it said, or why it said nothing, is part of it."""
    return _identity("call", agent, subject, nonce, attempt, said)


def event_id(document: UUID, event_type: str, extractor_version: str) -> UUID:
    """Return the id of a macro event read from a document."""
    return _identity("event", document, event_type, extractor_version)


def signal_id(layer: str, origin: UUID, ticker: str, event_type: str, extractor_version: str) -> UUID:
    """Return the id of one weighted signal; its origin is a document, an event or another signal."""
    return _identity("signal", layer, origin, ticker, event_type, extractor_version)


def trend_id(ticker: str, window: str, as_of: datetime) -> UUID:
    """Return the id of one version of one trend."""
    return _identity("trend", ticker, window, as_of.isoformat())


def recommendation_id(ticker: str, window: str, input_hash: str) -> UUID:
    """Return the id of the recommendation that these inputs lead to."""
    return _identity("recommendation", ticker, window, input_hash)


def evaluation_id(subject: UUID, stage: str) -> UUID:
    """Return the id of the risk verdict that a stage gave on a subject."""
    return _identity("evaluation", subject, stage)


def decision_id(account: str, recommendation: UUID) -> UUID:
    """Return the id of the one decision an account takes on a recommendation."""
    return _identity("decision", account, recommendation)


def intent_id(account: str, decision: UUID, leg: str, attempt: int) -> UUID:
    """Return the id of an order intent: one leg of one decision, at its nth attempt."""
    return _identity("intent", account, decision, leg, attempt)


def request_id(account: str, asked_by: str, wish: str, key: str) -> UUID:
    """Return the id of the answer to somebody who wants an order placed, or only to hear what would become of it."""
    return _identity("request", account, asked_by, wish, key)


def override_id(request: UUID) -> UUID:
    """Return the id of the order that a request leads to."""
    return _identity("override", request)


def approval_id(subject: UUID, body_hash: str) -> UUID:
    """Return the id of the question whether a person lets a subject pass on these terms."""
    return _identity("approval", subject, body_hash)


def external_order_id(account: str, client_order: str) -> UUID:
    """Return the id under which we keep an order that somebody else placed in an account of ours."""
    return _identity("external", account, client_order)


def recon_run_id(account: str, started_at: datetime, findings: str) -> UUID:
    """Return the id of one comparison of an account's books with the broker's, which found this."""
    return _identity("reconciliation", account, started_at.isoformat(), findings)


def client_order_id(intent: UUID) -> str:
    """Return the id we send to the broker: derived, so that a repeat is recognised (23 characters)."""
    return "so-" + hashlib.blake2b(intent.bytes, digest_size=10).hexdigest()


def fill_id(broker: str, execution: str) -> UUID:
    """Return the id of one execution reported by a broker."""
    return _identity("fill", broker, execution)


def alert_id(kind: str, subject: object, at: datetime) -> UUID:
    """Return the id of an alert: one a kind, subject and instant."""
    return _identity("alert", kind, subject, at.isoformat())


def content_hash(text: bytes) -> str:
    """Return the sha256 of these bytes in hex: their name in the object store."""
    return hashlib.sha256(text).hexdigest()


def object_key(kind: str, sha256: str) -> str:
    """Return where the object store keeps the bytes of this digest: ``normalized/sha256/ab/cdef...``."""
    return f"{kind}/sha256/{sha256[:2]}/{sha256[2:]}"


def input_hash(*parts: object) -> str:
    """Return a digest of what a derived row was computed from; order matters."""
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        digest.update(str(part).encode())
        digest.update(b"\x1f")
    return digest.hexdigest()
