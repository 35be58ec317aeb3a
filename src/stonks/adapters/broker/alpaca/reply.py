"""What an answer to a request means: yes, no, there is none, it is there already, or nothing for certain."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from http import HTTPStatus
from typing import TypeVar

import msgspec

from stonks.model.errors import Refused, Unreachable, Unwelcome

S = TypeVar("S")

_UNTOLD_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(minutes=5)
_LONGEST_TOLD = 300  # characters of the server's own words in an error
_DIGITS = 12
_UNDECODABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_NO = {HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}


class Outcome(StrEnum):
    """What became of a request."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    ABSENT = "absent"
    """A refusal too: what it names is not there."""
    DUPLICATE = "duplicate"
    """The client order id was used before, perhaps by this very request."""
    DOUBTFUL = "doubtful"
    """A refusal that has been seen of orders which were executed: look before believing it."""
    UNKNOWN = "unknown"


class Said(msgspec.Struct, frozen=True):
    """How Alpaca refuses; what is no such JSON was not said by it."""

    message: str
    code: int = 0


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """One whole answer; header names are lower case."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    hide: Callable[[str], str]
    """Takes our keys out of words."""

    @property
    def said(self) -> Said | None:
        """The refusal in its body, or None where there is none."""
        try:
            return msgspec.json.decode(self.body, type=Said)
        except _UNDECODABLE:
            return None

    @property
    def words(self) -> str:
        """One short line for people, without our keys."""
        told = self.said
        return self.hide(" ".join((told.message if told else "in no words of its own").split()))[:_LONGEST_TOLD]

    @property
    def outcome(self) -> Outcome:
        """What became of the request; only an answer that is plainly Alpaca's own says no."""
        if HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES:
            return Outcome.ACCEPTED
        told, outcome = self.said, Outcome.UNKNOWN
        if told is None or not HTTPStatus.BAD_REQUEST <= self.status < HTTPStatus.INTERNAL_SERVER_ERROR:
            return Outcome.UNKNOWN
        match self.status:
            case HTTPStatus.REQUEST_TIMEOUT | HTTPStatus.TOO_MANY_REQUESTS | HTTPStatus.TOO_EARLY:
                outcome = Outcome.UNKNOWN
            case HTTPStatus.NOT_FOUND:
                outcome = Outcome.ABSENT
            case HTTPStatus.UNAUTHORIZED:
                outcome = Outcome.REFUSED
            case _ if "client_order_id" in told.message and "unique" in told.message:
                outcome = Outcome.DUPLICATE
            case _ if self.status in _NO:
                outcome = Outcome.REFUSED
            case _:
                outcome = Outcome.DOUBTFUL
        return outcome

    @property
    def refusal(self) -> Refused:
        """The error for a no."""
        if self.status == HTTPStatus.UNAUTHORIZED:
            return Unwelcome(f"{self.url} refuses us (401): check STONKS_BROKER_KEY_ID and STONKS_BROKER_SECRET")
        told = self.said
        return Refused(f"{self.words} ({self.status}, {told.code if told else 0})")

    def read(self, shape: type[S]) -> S:
        """Return the body of a good answer as what it must be.

        Raises:
            Unreachable: nothing certain was answered: a failure, nothing at all, or something else.
            Refused: the answer is no.
        """
        if self.outcome is Outcome.UNKNOWN:
            raise Unreachable(f"{self.url} answers {self.status}: {self.words}")
        if self.outcome is not Outcome.ACCEPTED:
            raise self.refusal
        try:
            return msgspec.json.decode(self.body, type=shape)
        except _UNDECODABLE as wrong:
            raise Unreachable(
                f"{self.url} answers {self.status} with {self.hide(str(wrong))[:_LONGEST_TOLD]}"
            ) from None


def told_wait(headers: Mapping[str, str]) -> timedelta:
    """Return how long an answer asks to wait, within 1 second and 5 minutes; a minute where it does not say.

    ``Retry-After`` has seconds; ``X-RateLimit-Reset`` is the second of the Unix era at which it is over.
    """
    after, reset, date = (headers.get(name, "").strip() for name in ("retry-after", "x-ratelimit-reset", "date"))
    wait = _UNTOLD_WAIT
    if _is_count(after):
        wait = timedelta(seconds=int(after))
    elif _is_count(reset) and (sent := _instant(date)) is not None:
        wait = datetime.fromtimestamp(int(reset), UTC) - sent
    return min(max(wait, timedelta(seconds=1)), _LONGEST_WAIT)


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < _DIGITS


def _instant(date: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(date)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return at if at.tzinfo else None
