"""The seeded world is here for every test of this folder."""

from tests.fakes.world import field, world

__all__ = ["field", "world"]
