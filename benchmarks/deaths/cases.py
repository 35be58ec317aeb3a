"""What is done to whom: orders of three kinds, everything that may befall a request, and where a process dies."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import msgspec

from benchmarks.deaths.mortal import POLL, SERVING, Doom
from stonks.model.identity import client_order_id, decision_id, intent_id
from stonks.model.order import Intent, OrderType, Side

ACCOUNT = "paper"
TICKER = "AAPL"
SHARES = Decimal(10)
_STOP = Decimal(95)
_PLACE = {"method": "POST", "path": "/v2/orders"}
_FIND = {"method": "GET", "path": "/v2/orders:by_client_order_id"}
_FILLS = {"method": "GET", "path": "/v2/account/activities/FILL"}
_LIST = {"method": "GET", "path": "/v2/orders"}
_HELD = {"method": "GET", "path": "/v2/positions"}

Fault = Mapping[str, object]

ORDER_FAULTS: dict[str, Sequence[Fault]] = {
    "none": (),
    "504 after": ({"kind": "504_after", **_PLACE},),
    "504 before": ({"kind": "504_before", **_PLACE},),
    "reset after": ({"kind": "reset_after", **_PLACE},),
    "reset before": ({"kind": "reset_before", **_PLACE},),
    "empty 200": ({"kind": "empty_200", **_PLACE},),
    "slow": ({"kind": "slow", "seconds": 0.3, **_PLACE},),
    "422 duplicate": ({"kind": "422_duplicate", **_PLACE},),
    "429": ({"kind": "429", **_PLACE},),
    "504 after, look-up 504": ({"kind": "504_after", **_PLACE}, {"kind": "504_before", **_FIND}),
    "504 after, look-up reset": ({"kind": "504_after", **_PLACE}, {"kind": "reset_before", **_FIND}),
    "504 after, look-up empty": ({"kind": "504_after", **_PLACE}, {"kind": "empty_200", **_FIND}),
    "504 before, look-up 429": ({"kind": "504_before", **_PLACE}, {"kind": "429", **_FIND}),
}
"""By name: what befalls the first request that places an order, or looks for one."""

BOOKING_FAULTS: dict[str, Sequence[Fault]] = {
    "none": (),
    "fills 504": ({"kind": "504_before", **_FILLS},),
    "fills empty": ({"kind": "empty_200", **_FILLS},),
    "orders reset": ({"kind": "reset_after", **_LIST},),
    "positions 504": ({"kind": "504_before", **_HELD},),
}
"""The same for the requests that ask what has been executed."""


class Kind(StrEnum):
    """What an order is for."""

    ENTRY = "market entry"
    STOP = "stop order"
    EXIT = "exit"


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One decision, what befalls its requests, and the end of the process that carries it out."""

    kind: Kind
    fault: str
    doom: Doom
    twins: bool = False
    """Whether two workers get the same job at once, rather than one that dies."""

    @property
    def books(self) -> bool:
        """Whether the process dies at booking, rather than at placing."""
        return self.doom.whose == POLL

    @property
    def dies_at_exchange(self) -> bool:
        """Whether it is the exchange that dies."""
        return self.doom.whose == SERVING

    @property
    def faults(self) -> Sequence[Fault]:
        """What the exchange is told to do wrong."""
        return (BOOKING_FAULTS if self.books else ORDER_FAULTS)[self.fault]

    @property
    def name(self) -> str:
        """The case in words."""
        if self.twins:
            return f"{self.kind}, {self.fault}, two at once"
        how = "frozen" if self.doom.frozen else "killed"
        return f"{self.kind}, {self.fault}, {self.doom.whose} {how} {self.doom.moment} at wait {self.doom.nth}"


def intent_for(kind: Kind, recommendation: UUID, shares: Decimal = SHARES) -> Intent:
    """Return the order that a decision on this recommendation leads to."""
    decision = decision_id(ACCOUNT, recommendation)
    leg = {Kind.ENTRY: "entry", Kind.STOP: "stop", Kind.EXIT: "exit"}[kind]
    intent = intent_id(ACCOUNT, decision, leg, 0)
    return Intent(
        id=intent,
        decision_id=decision,
        account=ACCOUNT,
        leg=leg,
        attempt=0,
        client_order_id=client_order_id(intent),
        ticker=TICKER,
        side=Side.BUY if kind is Kind.ENTRY else Side.SELL,
        type=OrderType.STOP if kind is Kind.STOP else OrderType.MARKET,
        quantity=shares,
        stop_price=_STOP if kind is Kind.STOP else None,
        time_in_force="gtc" if kind is Kind.STOP else "day",
        reduce_only=kind is not Kind.ENTRY,
        cause={Kind.ENTRY: "recommendation", Kind.STOP: "protection", Kind.EXIT: "time_limit"}[kind],
    )


def opens_at(kind: Kind) -> Decimal:
    """Return the price at which a bar opens that fills the order."""
    return _STOP - 1 if kind is Kind.STOP else Decimal(100)


class Tally(msgspec.Struct, kw_only=True):
    """What became of a case."""

    case: Case
    died: bool
    violations: list[str]
    seconds: float
    waits: int
    """How many waits the first worker's doomed coroutine had, where it lived."""
    places: list[str]
    """Where they were."""
