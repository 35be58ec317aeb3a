"""The ``stonks`` command: one file a verb. Verbs import what they run only when they run."""

from stonks.cli.root import app

__all__ = ["app"]
