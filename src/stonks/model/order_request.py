"""Orders that somebody asks for, and the risk verdict that each is answered with."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import msgspec

from stonks.model.decision import Check, Clamp
from stonks.model.errors import Malformed
from stonks.model.identity import input_hash
from stonks.model.order import OrderType, Side
from stonks.model.recommendation import Mode

_LIVES = frozenset({"day", "gtc"})


class Asker(StrEnum):
    """Who asks: the engine for a recommendation, or a person."""

    ENGINE = "engine"
    MANUAL = "manual"


class OrderRequest(msgspec.Struct, frozen=True, kw_only=True):
    """An order as it is asked for, in shares or in dollars; a purchase is of whole shares."""

    intent_id: str
    """Which order this is: the same one asked for twice has the same answer."""
    account: str
    mode: Mode
    source: Asker
    ticker: str
    side: Side
    quantity: Decimal | None = None
    notional: Decimal | None = None
    type: OrderType = OrderType.MARKET
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    time_in_force: str = "day"
    reduce_only: bool = False
    recommendation_id: UUID | None = None
    as_of: datetime | None = None
    """As of when the asker knows what he asks by."""

    @property
    def body_hash(self) -> str:
        """A digest of all that is asked for; 40 and 40.0 shares are the same."""
        body = {name: _plain(value) for name, value in msgspec.structs.asdict(self).items()}
        return input_hash(msgspec.json.encode(body, order="sorted").decode())


def _plain(value: object) -> object:
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value


class RiskVerdict(StrEnum):
    """What a request came to."""

    APPROVED = "approved"
    CLAMPED = "clamped"
    DENIED = "denied"
    NEEDS_APPROVAL = "needs_approval"


class OrderVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """A row of ``risk_evaluations`` that answers a request: every gate, and how many shares may be traded."""

    id: UUID
    request: OrderRequest
    asked_by: str
    verdict: RiskVerdict
    quantity: Decimal
    """Shares that may be traded; of an order that waits for a person, those that he may allow."""
    primary_reason: str | None
    checks: tuple[Check, ...]
    clamps: tuple[Clamp, ...]
    sizing: dict[str, float]
    policy_version: str
    portfolio_hash: str
    """Which book it was judged on: holdings, working orders, cash, state and breakers."""
    evaluated_at: datetime
    expires_at: datetime
    order_id: UUID | None = None
    approval_id: UUID | None = None


def check_request(request: OrderRequest) -> None:
    """Pass over a request that makes sense by itself.

    Raises:
        Malformed: it asks for no quantity or for two, for prices that its type has not, or for a part of a share.
    """
    for wrong, why in _faults(request):
        if wrong:
            raise Malformed(why)


def _faults(request: OrderRequest) -> tuple[tuple[bool, str], ...]:
    amount = request.quantity if request.quantity is not None else request.notional
    return (
        ((request.quantity is None) == (request.notional is None), "give either a quantity or a notional"),
        (not _is_positive(amount), "the quantity or notional must be a number above 0"),
        (request.side is Side.BUY and not _is_whole(request.quantity), "shares are bought whole"),
        (request.side is Side.BUY and request.reduce_only, "a purchase reduces nothing in an account without shorts"),
        (request.time_in_force not in _LIVES, f"time_in_force is one of {', '.join(sorted(_LIVES))}"),
        (request.source is Asker.ENGINE and request.recommendation_id is None, "the engine names its recommendation"),
        *_price_faults(request),
    )


def _price_faults(request: OrderRequest) -> tuple[tuple[bool, str], ...]:
    needs_limit, needs_stop = request.type is OrderType.LIMIT, request.type is OrderType.STOP
    return (
        (request.type not in _PRICED, f"an order of type {request.type} is not asked for here"),
        (needs_limit != (request.limit_price is not None), "a limit order has a limit_price, and no other has"),
        (needs_stop != (request.stop_price is not None), "a stop order has a stop_price, and no other has"),
        (not all(map(_is_positive, _prices(request))), "a price must be a number above 0"),
    )


_PRICED = frozenset({OrderType.MARKET, OrderType.LIMIT, OrderType.STOP})


def _prices(request: OrderRequest) -> list[Decimal]:
    return [price for price in (request.limit_price, request.stop_price) if price is not None]


def _is_positive(number: Decimal | None) -> bool:
    return number is not None and number.is_finite() and number > 0


def _is_whole(quantity: Decimal | None) -> bool:
    return quantity is None or not quantity.is_finite() or quantity == quantity.to_integral_value()
