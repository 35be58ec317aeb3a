"""Headers of every answer, errors and pages included."""

from litestar.datastructures import MutableScopeHeaders
from litestar.types import Message, Scope

from stonks.api.problems import request_id

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; frame-ancestors 'none'; object-src 'none'; base-uri 'none'"
)
_DEFAULTS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}


async def harden(message: Message, scope: Scope) -> None:
    """Add what an answer does not say itself: security headers, no-store, and the request's id."""
    if message["type"] != "http.response.start":
        return
    headers = MutableScopeHeaders.from_message(message)
    for name, value in _DEFAULTS.items():
        headers.setdefault(name, value)
    headers["x-request-id"] = request_id(scope)
