"""Keys of the API: made, listed and revoked, on record; only a hash of the secret is kept."""

import hashlib
import re
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from stonks.model.audit import AuditEntry
from stonks.model.errors import Refused
from stonks.model.principal import LOCAL, Scope
from stonks.ports.audit import append_audit
from stonks.ports.store import Reader, Transaction

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_LONGEST = timedelta(days=3650)


class KeyRow(msgspec.Struct, frozen=True, kw_only=True):
    """A key as everybody who may list keys sees it: nothing of its secret."""

    id: str
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


class NewKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key with its token, which is shown this once and kept by nobody here."""

    id: str
    name: str
    scopes: tuple[str, ...]
    expires_at: datetime | None
    token: str


class Asking(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks for something to be done to a key, when and why."""

    by: str
    reason: str
    now: datetime
    request_id: str | None = None


def hash_secret(secret: str) -> str:
    """Return what the table keeps of a secret; it is random and long, so a fast hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


async def create_key(
    transaction: Transaction, name: str, scopes: Sequence[Scope], expires: timedelta | None, asking: Asking
) -> NewKey:
    """Make a key of 256 random bits and return it with its token.

    Raises:
        Refused: the name is none or taken by a live key, there is no scope, or it would end before it begins.
    """
    if not _NAME.fullmatch(name) or name == LOCAL:
        raise Refused("a key's name is up to 40 letters, digits, dots, dashes and underscores, and not 'local'")
    if not scopes:
        raise Refused(f"a key needs a scope: {', '.join(Scope)}")
    if expires is not None and not timedelta(0) < expires <= _LONGEST:
        raise Refused("a key ends within ten years, and not before it begins")
    await transaction.run("keys.lock")
    if await transaction.value("keys.taken", name=name, now=asking.now):
        raise Refused(f"there is a live key {name}: revoke it first, or choose another name")
    secret = secrets.token_urlsafe(32)
    key = NewKey(
        id=secrets.token_hex(6),
        name=name,
        scopes=tuple(sorted(set(scopes))),
        expires_at=None if expires is None else asking.now + expires,
        token="",
    )
    await transaction.run(
        "keys.create",
        id=key.id,
        name=name,
        secret_hash=hash_secret(secret),
        scopes=list(key.scopes),
        now=asking.now,
        expires_at=key.expires_at,
    )
    seen: dict[str, object] = {
        "name": name,
        "scopes": list(key.scopes),
        "expires_at": key.expires_at and key.expires_at.isoformat(),
    }
    await append_audit(transaction, _entry("key.create", key.id, asking, None, seen))
    return msgspec.structs.replace(key, token=f"stk_{key.id}_{secret}")


async def list_keys(reader: Reader) -> list[KeyRow]:
    """Return every key there ever was, the newest first."""
    return await reader.rows(KeyRow, "keys.all")


async def revoke_key(transaction: Transaction, wanted: str, asking: Asking) -> KeyRow:
    """Make a key, by its id or by the name of a live one, good for nothing, and return it.

    Raises:
        Refused: there is no such key that is not revoked.
    """
    key = await transaction.row(KeyRow, "keys.revoke", wanted=wanted, now=asking.now)
    if key is None:
        raise Refused(f"there is no key {wanted} that is not revoked")
    await append_audit(transaction, _entry("key.revoke", key.id, asking, {"name": key.name}, None))
    return key


def _entry(
    action: str, key: str, asking: Asking, before: dict[str, object] | None, after: dict[str, object] | None
) -> AuditEntry:
    return AuditEntry(
        at=asking.now,
        actor=asking.by,
        action=action,
        object=key,
        before=before,
        after=after,
        reason=asking.reason,
        request_id=asking.request_id,
    )
