"""Faults that the exchange can be told to have, each for so many requests or trade updates."""

import asyncio
import math
import struct
from enum import StrEnum
from http import HTTPStatus
from socket import SO_LINGER, SOL_SOCKET

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from stonks.adapters.broker.exchange.answers import problem

_AT_ONCE = struct.pack("ii", 1, 0)


class FaultKind(StrEnum):
    """What can go wrong with a request; ``after`` means that it was carried out all the same."""

    GATEWAY_AFTER = "504_after"
    GATEWAY_BEFORE = "504_before"
    RESET_AFTER = "reset_after"
    RESET_BEFORE = "reset_before"
    EMPTY_AFTER = "empty_200"
    SLOW = "slow"
    DUPLICATE_AFTER = "422_duplicate"
    THROTTLED = "429"
    UNAUTHORIZED = "401"


class StreamFault(StrEnum):
    """What can go wrong with trade updates."""

    DROPPED = "dropped"
    MUTED = "muted"
    DUPLICATED = "duplicated"
    REORDERED = "reordered"


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """A fault of the requests with this method and path; ``skip`` of them pass first, ``times`` of them fail."""

    kind: FaultKind
    method: str = "POST"
    path: str = "/v2/orders"
    times: int = 1
    skip: int = 0
    seconds: float = 1.0
    """How late a slow answer is, and after how long a 429 says to come again."""


class Faults:
    """Those that are still to come."""

    def __init__(self) -> None:
        """Begin without any."""
        self._coming: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Have a fault from the next request on."""
        self._coming.append(fault)

    def clear(self) -> None:
        """Have none any more."""
        self._coming.clear()

    def take(self, method: str, path: str) -> Fault | None:
        """Return the fault that a request has, and count it; None where it has none."""
        for place, fault in enumerate(self._coming):
            if (fault.method, fault.path) != (method, path):
                continue
            if fault.skip:
                self._coming[place] = msgspec.structs.replace(fault, skip=fault.skip - 1)
                return None
            if fault.times > 1:
                self._coming[place] = msgspec.structs.replace(fault, times=fault.times - 1)
            else:
                del self._coming[place]
            return fault
        return None

    def middleware(self) -> Middleware:
        """Return the middleware that has the faults."""

        @web.middleware
        async def faulted(request: web.Request, handler: Handler) -> web.StreamResponse:
            fault = self.take(request.method, request.path)
            if fault is None:
                return await handler(request)
            return _before(fault, request) or await _after(fault, request, await handler(request))

        return faulted


def _before(fault: Fault, request: web.Request) -> web.StreamResponse | None:
    """Return the answer to a request that is not carried out, or None for one that is."""
    match fault.kind:
        case FaultKind.GATEWAY_BEFORE:
            return _gateway()
        case FaultKind.RESET_BEFORE:
            return _reset(request)
        case FaultKind.THROTTLED:
            return _throttled(fault.seconds)
        case FaultKind.UNAUTHORIZED:
            return problem(HTTPStatus.UNAUTHORIZED, 40110000, "request is not authorized")
        case _:
            return None


async def _after(fault: Fault, request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    """Return what comes back from a request that was carried out."""
    match fault.kind:
        case FaultKind.GATEWAY_AFTER:
            return _gateway()
        case FaultKind.RESET_AFTER:
            return _reset(request)
        case FaultKind.EMPTY_AFTER:
            return web.Response()
        case FaultKind.DUPLICATE_AFTER:
            return problem(HTTPStatus.UNPROCESSABLE_ENTITY, 40010001, "client_order_id must be unique")
        case _:
            await asyncio.sleep(fault.seconds)
            return response


def _throttled(seconds: float) -> web.Response:
    response = problem(HTTPStatus.TOO_MANY_REQUESTS, 42910000, "too many requests.")
    response.headers["Retry-After"] = str(math.ceil(seconds))
    return response


def _gateway() -> web.Response:
    return web.Response(status=HTTPStatus.GATEWAY_TIMEOUT, text="<html>504 Gateway Time-out</html>")


def _reset(request: web.Request) -> web.Response:
    """Break the connection with a reset; what is returned is never sent."""
    if request.transport is not None:
        request.transport.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, _AT_ONCE)
        request.transport.abort()
    return web.Response()
