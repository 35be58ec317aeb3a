"""Who asks for something, and what for he may ask."""

from enum import StrEnum

import msgspec


class Scope(StrEnum):
    """What a key may be good for; none includes another."""

    READ = "read"
    TRADE = "trade"
    RISK_APPROVE = "risk:approve"
    ADMIN = "admin"


LOCAL = "local"


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks: a key by its name, or ``local`` for a client of this machine that sends none."""

    name: str
    scopes: frozenset[str]
    key_id: str | None = None
    """The id of the key; None where there is none."""
