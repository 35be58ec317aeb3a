"""How the exchange answers: JSON, Alpaca's error codes, who may ask and how often."""

from datetime import timedelta
from http import HTTPStatus
from uuid import uuid4

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from stonks.adapters.broker.exchange.venue import Unknown
from stonks.adapters.broker.paper import Insufficient
from stonks.model.errors import Conflict, Malformed, Refused, StonksError, Unreachable
from stonks.ports.clock import Clock

KEY_ID, SECRET = "APCA-API-KEY-ID", "APCA-API-SECRET-KEY"
_OURS = {"127.0.0.1", "localhost"}
_MINUTE = timedelta(minutes=1)
_CODES: tuple[tuple[type[StonksError], HTTPStatus, int], ...] = (
    (Unknown, HTTPStatus.NOT_FOUND, 40410000),
    (Insufficient, HTTPStatus.FORBIDDEN, 40310000),
    (Conflict, HTTPStatus.UNPROCESSABLE_ENTITY, 40010001),
    (Malformed, HTTPStatus.UNPROCESSABLE_ENTITY, 40010001),
    (Refused, HTTPStatus.UNPROCESSABLE_ENTITY, 42210000),
    (Unreachable, HTTPStatus.SERVICE_UNAVAILABLE, 50310000),
)


def answer(body: object, state: HTTPStatus = HTTPStatus.OK) -> web.Response:
    """Return a body as JSON."""
    return web.Response(body=msgspec.json.encode(body), status=state, content_type="application/json")


def problem(state: HTTPStatus, code: int, message: str) -> web.Response:
    """Return an error in Alpaca's words."""
    return answer({"code": code, "message": message}, state)


def problem_of(error: StonksError) -> web.Response:
    """Return what an error of ours is at Alpaca."""
    for kind, state, code in _CODES:
        if isinstance(error, kind):
            return problem(state, code, str(error))
    raise error


@web.middleware
async def explained(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer errors of ours with Alpaca's codes, and unknown paths as Alpaca does."""
    try:
        return await handler(request)
    except StonksError as error:
        return problem_of(error)
    except web.HTTPException as error:
        return problem(HTTPStatus(error.status), error.status * 100_000, error.reason)


class Turnstile:
    """Lets through who has a key, as often as the plan allows. Any key is good: it is paper money, on loopback.

    Pages in a browser are turned away whatever they ask: they could reach loopback without its owner's knowledge.
    """

    def __init__(self, wall: Clock, per_minute: int) -> None:
        """Count requests in whole minutes of the wall's clock."""
        self._wall = wall
        self._per_minute = per_minute
        self._minute = 0
        self._passed = 0

    def middleware(self) -> Middleware:
        """Return the middleware that stands at the door; the stream has a door of its own."""

        @web.middleware
        async def pass_through(request: web.Request, handler: Handler) -> web.StreamResponse:
            if "Origin" in request.headers or request.url.host not in _OURS:
                return problem(HTTPStatus.FORBIDDEN, 40310000, "not for browsers, nor under another name")
            if not request.path.startswith("/v2/"):
                return await handler(request)
            if not (request.headers.get(KEY_ID) and request.headers.get(SECRET)):
                return problem(HTTPStatus.UNAUTHORIZED, 40110000, "request is not authorized")
            headers = self._counted()
            if self._passed > self._per_minute:
                response: web.StreamResponse = problem(HTTPStatus.TOO_MANY_REQUESTS, 42910000, "too many requests.")
            else:
                response = await handler(request)
            response.headers.update(headers)
            return response

        return pass_through

    def _counted(self) -> dict[str, str]:
        minute = int(self._wall.now().timestamp() // _MINUTE.total_seconds())
        self._passed = self._passed + 1 if minute == self._minute else 1
        self._minute = minute
        return {
            "X-Request-ID": uuid4().hex,
            "X-RateLimit-Limit": str(self._per_minute),
            "X-RateLimit-Remaining": str(max(0, self._per_minute - self._passed)),
            "X-RateLimit-Reset": str(int((minute + 1) * _MINUTE.total_seconds())),
        }
