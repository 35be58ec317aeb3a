"""What came of one delivery, as a value; and which error leads to which."""

from dataclasses import dataclass
from datetime import timedelta
from random import Random

from stonks.model import errors
from stonks.model.errors import Conflict, Permanent, Server, Superseded, Throttled, Transient, Unreachable, Waiting

_BASE = timedelta(seconds=1)
_BASE_OF_A_LOST_RACE = timedelta(milliseconds=20)
_CAP = timedelta(minutes=5)
_SHORTEST_PAUSE, _LONGEST_PAUSE = timedelta(milliseconds=125), timedelta(seconds=5)
_LONGEST = 2000  # characters of a message


@dataclass(frozen=True, slots=True)
class Done:
    """The work is committed."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """Another delivery has done it."""


@dataclass(frozen=True, slots=True)
class Retried:
    """It is to be tried again after a while; a bug is what nobody raised on purpose."""

    delay: timedelta
    reason: str
    error: str
    bug: bool = False


@dataclass(frozen=True, slots=True)
class Buried:
    """It will never succeed."""

    reason: str
    error: str


@dataclass(frozen=True, slots=True)
class Crashed:
    """The process that did the work died of it; this one lives and says so."""

    error: str


@dataclass(frozen=True, slots=True)
class Stalled:
    """It cannot be done now, because one of our own servers did not answer or something else is first.

    That is no fault of the job, which is given back as it was.
    """

    error: str
    server: Server | None = None


@dataclass(frozen=True, slots=True)
class Released:
    """This process ends before the work did."""


@dataclass(frozen=True, slots=True)
class Lost:
    """The lease is gone, and with it the right to say anything about the job."""


Outcome = Done | Skipped | Retried | Buried | Crashed | Stalled | Released | Lost


def outcome_of(error: Exception, deliveries: int, random: Random) -> Outcome:
    """Return what an error asks for; waits grow with the deliveries that were in vain."""
    reason, text = type(error).__name__.lower(), _printable(str(error))
    match error:
        case Superseded() | errors.Crashed() | Waiting() | Unreachable(server=Server()):
            return _without_failure(error, text)
        case Throttled():
            return Retried(error.retry_after, reason, text)
        case Conflict():
            return Retried(backoff(deliveries, random, _BASE_OF_A_LOST_RACE), reason, text)
        case Transient():
            return Retried(backoff(deliveries, random), reason, text)
        case Permanent():
            return Buried(reason, text)
        case _:
            return Retried(backoff(deliveries, random), reason, _where(error), bug=True)


def _without_failure(error: Superseded | errors.Crashed | Waiting | Unreachable, text: str) -> Outcome:
    """Return what comes of a delivery whose handler did nothing wrong."""
    match error:
        case Superseded():
            return Skipped()
        case Unreachable(server=server):
            return Stalled(text, server)
        case Waiting():
            return Stalled(text)
        case _:
            return Crashed(text)


def backoff(failures: int, random: Random, base: timedelta = _BASE) -> timedelta:
    """Return min(5 minutes, base * 2^failures) * U(0.5, 1.5): no two that failed together come back together."""
    wait = min(_CAP, base * 2.0 ** min(failures, 16))
    return wait * random.uniform(0.5, 1.5)


def pause(failures: int, random: Random) -> timedelta:
    """Return how long to leave a server of ours alone that did not answer so many times in a row: up to 5 seconds."""
    wait = min(_LONGEST_PAUSE, _SHORTEST_PAUSE * 2.0 ** min(failures, 8))
    return wait * random.uniform(0.5, 1.0)


def _where(error: Exception) -> str:
    """Say what a bug is and the innermost line it comes from."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    place = f" ({frame.tb_frame.f_code.co_qualname}:{frame.tb_lineno})" if frame is not None else ""
    return _printable(f"{type(error).__name__}: {error}{place}")


def _printable(text: str) -> str:
    """Cut a message to a length that can be read, and to characters that can be written."""
    return text[:_LONGEST].encode(errors="replace").decode()
