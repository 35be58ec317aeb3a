"""The relational store: PostgreSQL, embedded or external, in one SQL dialect."""

from stonks.adapters.store.migrate import migrate, pending
from stonks.adapters.store.postgres import open_store

__all__ = ["migrate", "open_store", "pending"]
