"""What an answer means: its status as an error that says what to do, and its body as what was due."""

import re
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from http import HTTPStatus
from typing import TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import msgspec

from stonks.model.errors import Malformed, Permanent, Refused, Throttled, Transient, Unreachable

S = TypeVar("S")

PATIENCE_UNTOLD = timedelta(minutes=1)
"""How long to wait where an outside party asks for it without saying how long."""

UNDECODABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What reading JSON raises: for what is none, what is no UTF-8, and what is nested without end."""

_LONGEST_WAIT = timedelta(days=1)
_SECRET = re.compile(
    r"(?:^|[_-])(?:api)?(?:key|token|secret|sig|signature|password|pwd|auth|credential)s?$", re.IGNORECASE
)
_KEY = re.compile(r"^(?:api|access|app|auth|secret)[a-z]*(?:key|token|secret|id)$", re.IGNORECASE)
_PAGE_TOKENS = {"page_token", "next_page_token"}
_KNOWN = {status.value for status in HTTPStatus}
_MARKUP = (b"<!doctype", b"<html", b"<head", b"<body", b"<!--")
_PAGE_TYPES = {"text/html", "application/xhtml+xml", "text/plain"}


class Missing(Refused):
    """Raised when there is nothing, or nothing any more, at an address."""


class Due(StrEnum):
    """What an answer was asked to be."""

    JSON = "JSON"
    XML = "XML"
    PAGE = "a page"
    TEXT = "text"
    """Any text, also none."""


class WebAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An answer whose status was good: its body unpacked, its URL without secrets; 304 has no body."""

    url: str
    status: int
    headers: dict[str, str]
    content_type: str
    body: bytes
    fetched_at: datetime

    @property
    def unchanged(self) -> bool:
        """Whether nothing is new since the validators that were sent."""
        return self.status == HTTPStatus.NOT_MODIFIED

    def json(self, shape: type[S]) -> S:
        """Return the body as what its JSON must be.

        Raises:
            Malformed: it is something else.
        """
        try:
            return msgspec.json.decode(self.body, type=shape)
        except UNDECODABLE as wrong:
            raise Malformed(f"{self.url}: {wrong}") from wrong


def check_kind(answer: WebAnswer, due: Due) -> None:
    """Return if an answer may be what was due.

    Raises:
        Malformed: it is empty, or plainly something else.
    """
    if due is Due.TEXT:
        return
    if not answer.body.strip():
        raise Malformed(f"{answer.url}: the answer is empty, and {due} was due")
    kind = answer.content_type.partition(";")[0].strip().lower()
    is_page = kind in {"text/html", "application/xhtml+xml"} or answer.body[:200].lstrip().lower().startswith(_MARKUP)
    match due:
        case Due.JSON if is_page or kind.endswith("xml"):
            raise Malformed(f"{answer.url}: an HTML page where JSON was due")
        case Due.XML if answer.body[:200].lstrip().lower().startswith(_MARKUP[:2]):
            raise Malformed(f"{answer.url}: an HTML page where XML was due")
        case Due.PAGE if kind and kind not in _PAGE_TYPES:
            raise Malformed(f"{answer.url}: {kind[:60]} where a page was due")
        case _:
            return


def error_of(answer: WebAnswer, setting: str) -> Transient | Permanent | None:
    """Return what a status means, or None where it is good; a refusal names the setting to look at."""
    where, status, wait = answer.url, answer.status, retry_after(answer)
    error: Transient | Permanent | None = Refused(f"{where} answers {status}")
    match HTTPStatus(status) if status in _KNOWN else status:
        case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN:
            error = Refused(f"{where} refuses us ({status}): check {setting}")
        case HTTPStatus.NOT_FOUND | HTTPStatus.GONE:
            error = Missing(f"{where}: there is nothing ({status})")
        case HTTPStatus.TOO_MANY_REQUESTS:
            error = Throttled(f"{where} asks us to slow down ({status})", wait or PATIENCE_UNTOLD)
        case HTTPStatus.REQUEST_TIMEOUT | HTTPStatus.TOO_EARLY:
            error = Unreachable(f"{where} gave no answer in time ({status})")
        case _ if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            gone = f"{where} is not available ({status})"
            error = Unreachable(gone) if wait is None else Throttled(gone, wait)
        case _ if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES or status == HTTPStatus.NOT_MODIFIED:
            error = None
        case _:
            pass
    return error


def retry_after(answer: WebAnswer) -> timedelta | None:
    """Return how long an answer asks to wait, in seconds or until a date; None where it does not say."""
    text = answer.headers.get("retry-after", "").strip()
    if not text:
        return None
    wait: timedelta | None = None
    if re.fullmatch(r"\d{1,9}(?:\.\d{1,9})?", text):
        wait = timedelta(seconds=float(text))
    elif (until := http_date(text)) is not None:
        wait = until - (http_date(answer.headers.get("date", "")) or answer.fetched_at)
    return None if wait is None else min(max(wait, timedelta(seconds=1)), _LONGEST_WAIT)


def http_date(text: str) -> datetime | None:
    """Return the instant that a header or a feed writes in the manner of mail, or None where it does not."""
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return at if at.tzinfo else None


def without_secrets(url: str) -> str:
    """Return a URL as it may be shown: without user information and without the values of what look like keys."""
    try:
        parts = urlsplit(url)
        pairs = parse_qsl(parts.query, keep_blank_values=True)
    except ValueError:
        return "a URL that cannot be read"
    host = parts.netloc.rpartition("@")[2]
    if not any(_is_secret(name) for name, _ in pairs):
        return urlunsplit((parts.scheme, host, parts.path, parts.query, ""))
    shown = urlencode([(name, "-" if _is_secret(name) else value) for name, value in pairs])
    return urlunsplit((parts.scheme, host, parts.path, shown, ""))


def _is_secret(name: str) -> bool:
    return name.lower() not in _PAGE_TOKENS and bool(_SECRET.search(name) or _KEY.match(name))
