"""Programs around Alpaca's own client: place an order, try again where that fails, note that it is done.

Killed at the nth call that blocks, and started again until the note is there.
"""

import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from multiprocessing.connection import Connection
from pathlib import Path
from types import FrameType
from typing import Any
from uuid import uuid4

from alpaca.common.exceptions import APIError
from alpaca.trading.client import TradingClient
from alpaca.trading.enums import OrderSide, TimeInForce
from alpaca.trading.requests import MarketOrderRequest
from requests import RequestException

from benchmarks.deaths.cases import SHARES, TICKER
from benchmarks.deaths.mortal import Doom, Moment

_BLOCKING = {"connect", "sendall", "recv_into", "fsync"}
_TRIES = 3


class Way(StrEnum):
    """Which id an order gets."""

    NONE = "no client id"
    RANDOM = "uuid4 at each call"
    DERIVED = "derived id, no look-up"


def trader(address: str, notes: Path, way: Way, doom: Doom, line: Connection) -> None:
    """Carry out one decision unless it is noted as carried out; say how often it blocked."""
    if notes.exists():
        return
    client = TradingClient("any", "key", url_override=address)
    calls: list[str] = []
    sys.setprofile(_counting(doom, calls))
    note = "failed"
    for _ in range(_TRIES):
        with suppress(APIError, RequestException, TypeError):
            client.submit_order(_order(way))
            note = "done"
            break
    with notes.open("w") as file:
        file.write(note)
        file.flush()
        os.fsync(file.fileno())
    sys.setprofile(None)
    line.send(calls)


def _order(way: Way) -> MarketOrderRequest:
    name = {Way.NONE: None, Way.RANDOM: str(uuid4()), Way.DERIVED: "decision-1"}[way]
    return MarketOrderRequest(
        symbol=TICKER, qty=int(SHARES), side=OrderSide.BUY, time_in_force=TimeInForce.DAY, client_order_id=name
    )


def _counting(doom: Doom, calls: list[str]) -> Callable[[FrameType, str, Any], None]:
    """Return a profiler that counts calls which block, and kills at the chosen one: before it, or after it."""

    def profile(_frame: FrameType, event: str, called: Any) -> None:  # noqa: ANN401 - a profiler's
        if event not in {"c_call", "c_return"} or getattr(called, "__name__", "") not in _BLOCKING:
            return
        if event == "c_call":
            calls.append(called.__name__)
        moment = Moment.ASLEEP if event == "c_call" else Moment.AWAKE
        if (len(calls), moment) == (doom.nth, doom.moment):
            os.kill(os.getpid(), signal.SIGKILL)

    return profile
