"""Frozen types that travel between stages; nothing here does I/O or knows who uses it."""
