"""Errors say what to do next: retry what is Transient, dead-letter what is Permanent.

StonksError
+-- Transient            try again later
|   +-- Unreachable      nobody answered
|   +-- Throttled        answered: not now; carries how long to wait
|   +-- Conflict         lost a race; the next read shows why
|   +-- Waiting          it may not be done yet: no fault of its own, and it does not count as a try
+-- Permanent            the same input fails again
    +-- Malformed        the input is not what its type says
    +-- Refused          understood, and the answer is no
    +-- SettingError     a setting is missing or wrong; carries its name
+-- Crashed              the process that did the work died; counts against the crash budget
+-- Superseded           the work was done by someone else; nothing is left to do

Anything else is a bug: the runtime retries it and counts it apart.
"""

from datetime import timedelta
from enum import StrEnum


class StonksError(Exception):
    """Root of every error this package raises on purpose."""


class Transient(StonksError):
    """Raised when the same call may succeed later."""


class Server(StrEnum):
    """The servers that the pipeline itself stands on."""

    POSTGRESQL = "postgresql"
    REDIS = "redis"


class Unreachable(Transient):
    """Raised when an outside party, or one of the pipeline's own servers, gave no usable answer."""

    def __init__(self, message: str, server: Server | None = None) -> None:
        """Say which of our own servers it is, where it is one: no job is to blame for that."""
        super().__init__(message)
        self.server = server


class Throttled(Transient):
    """Raised when an outside party asked us to slow down."""

    def __init__(self, message: str, retry_after: timedelta) -> None:
        """Carry how long the other side wants us to wait."""
        super().__init__(message)
        self.retry_after = retry_after

    def __reduce__(self) -> tuple[type["Throttled"], tuple[str, timedelta]]:
        """Come through a pickle whole."""
        return type(self), (str(self), self.retry_after)


class Conflict(Transient):
    """Raised when someone else changed the same thing first."""


class Waiting(Transient):
    """Raised when work may not be done yet, for a reason that lies outside it."""


class Permanent(StonksError):
    """Raised when the same input fails every time."""


class Malformed(Permanent):
    """Raised when input does not have the shape its type promises."""


class Refused(Permanent):
    """Raised when a valid request is answered with no."""


class Unwelcome(Refused):
    """Raised when whoever is asked does not take our credentials."""


class SettingError(Permanent):
    """Raised at start when a setting is missing or wrong."""

    def __init__(self, name: str, why: str) -> None:
        """Name the setting as its user writes it."""
        super().__init__(f"{name}: {why}")
        self.name = name
        self.why = why

    def __reduce__(self) -> tuple[type["SettingError"], tuple[str, str]]:
        """Come through a pickle whole."""
        return type(self), (self.name, self.why)


class Crashed(StonksError):
    """Raised when the process that did the work died of it: of a signal, out of memory, over its CPU time."""


class Superseded(StonksError):
    """Raised when the work in hand has been finished by another delivery."""
