"""What keeps a position protected at the exchange, and what gives it up: pure functions of our rows.

Each ticker is looked at as it stands. What is held and not being sold has stops for exactly as many shares; a further
fill gets a further stop, so that the first one is never gone. A position that somebody wants given up has one sale at a
time until it is flat: whoever brings that sale to the broker takes back the stops whose shares it needs.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

import msgspec

from stonks.model.identity import client_order_id, intent_id
from stonks.model.order import Intent, OrderStatus as Status, OrderType, Side
from stonks.risk.barrier import Hit, on_tick
from stonks.risk.facts import TradingState

STOP = "stop"
EXIT = "exit"
PROTECTION = "protection"
EMERGENCY = "emergency_exit"
PASSED = "STOP_PASSED"
"""The reason for which a stop is denied whose price the market has passed: there is nothing left to wait for."""
TRIES = 2
"""Stops that may come to nothing before a position is given up."""
AGAIN = timedelta(seconds=30)
"""How long after a sale that came to nothing the next one is tried."""
STUCK = timedelta(minutes=5)
"""How long a sale may go unsent before it is taken back: its job may be dead, and no other is made beside it."""
_NOTHING = Decimal(0)


class Stake(msgspec.Struct, frozen=True, kw_only=True):
    """A ticker with something held, working or asked for, and the entry of ours that its newest fill belongs to."""

    ticker: str
    quantity: Decimal
    average_price: Decimal
    opened_at: datetime
    entry_id: UUID | None
    decision_id: UUID | None
    stop_distance: float | None
    """Dollars a share below the average price, by its decision or a person's order; None where neither says."""
    raised: float | None
    """How far the stop was raised since, in dollars."""
    leaving: str | None
    """Why somebody wants it given up."""
    stops_made: int
    exits_made: int
    last_exit_at: datetime | None


class Sale(msgspec.Struct, frozen=True, kw_only=True):
    """What is left of a working order of a ticker."""

    id: UUID
    ticker: str
    leg: str
    side: Side
    status: Status
    quantity: Decimal
    stop_price: Decimal | None
    created_at: datetime
    cancel_requested: str | None


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """How many stops of a ticker came to nothing lately that we did not take back, and why the last one did."""

    ticker: str
    count: int
    reason: str | None


class Scene(msgspec.Struct, frozen=True, kw_only=True):
    """The account at one instant, and which stops have been on their way for too long."""

    account: str
    now: datetime
    state: TradingState
    open: bool
    """Whether a session runs."""
    stop_share: float
    """How far below the average price a stop lies where no decision says so; a share of it."""
    late: frozenset[UUID] = frozenset()
    paused: frozenset[str] = frozenset()
    """Tickers that a split is about to change: their stops are taken back, for their prices are of old shares."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What to do about one ticker: orders to make and to take back, and why to give it up, where that is new.

    A position is bare that has no stop and may not have one, because the account is halted.
    """

    ticker: str
    entry_id: UUID | None = None
    """The order that entered the position: what is made here belongs to it."""
    intents: tuple[Intent, ...] = ()
    recalled: tuple[UUID, ...] = ()
    give_up: str | None = None
    why: str = ""
    bare: bool = False


def plan(stake: Stake, orders: Sequence[Sale], failure: Failure | None, scene: Scene) -> Plan:
    """Return what one ticker needs now; nothing where all is as it should be."""
    return msgspec.structs.replace(_plan(stake, orders, failure, scene), entry_id=stake.entry_id)


def _plan(stake: Stake, orders: Sequence[Sale], failure: Failure | None, scene: Scene) -> Plan:
    known = [order for order in orders if order.status is not Status.UNKNOWN]
    if stake.quantity <= 0:
        return Plan(ticker=stake.ticker, recalled=_ids(known, STOP, everything=stake.leaving is not None))
    if stake.leaving is not None:
        return _leave(stake, known, failure, scene)
    if stake.ticker in scene.paused:
        return Plan(ticker=stake.ticker, recalled=_ids(known, STOP))
    trouble = _trouble(stake, known, failure, scene)
    return trouble or _cover(stake, known, scene)


def _ids(orders: Sequence[Sale], leg: str, *, everything: bool = False) -> tuple[UUID, ...]:
    return tuple(each.id for each in orders if each.cancel_requested is None and (everything or each.leg == leg))


def _trouble(stake: Stake, orders: Sequence[Sale], failure: Failure | None, scene: Scene) -> Plan | None:
    """Return that a position cannot be protected: its stop is passed, was refused twice, or does not become live."""
    if stake.entry_id is None or scene.state is TradingState.HALTED:
        return None
    if failure is not None and failure.reason == PASSED:
        return Plan(ticker=stake.ticker, give_up=Hit.STOP.value, why="the market has passed its stop")
    if failure is not None and failure.count >= TRIES:
        why = f"{failure.count} stops came to nothing, the last one because: {failure.reason}"
        return Plan(ticker=stake.ticker, give_up=EMERGENCY, why=why)
    if any(order.id in scene.late for order in orders if order.leg == STOP):
        return Plan(ticker=stake.ticker, give_up=EMERGENCY, why="its stop is not known to be live in time")
    return None


# ------------------------------------------------------------------------------------------------ leaving


def _leave(stake: Stake, orders: Sequence[Sale], failure: Failure | None, scene: Scene) -> Plan:
    """Sell all there is, one sale at a time; while that cannot be, stops stay, and missing ones are made."""
    buys = tuple(order.id for order in orders if order.side is Side.BUY and order.cancel_requested is None)
    if _sales(orders):
        return Plan(ticker=stake.ticker, recalled=(*buys, *_stuck(orders, scene.now)))
    recent = stake.last_exit_at is not None and scene.now - stake.last_exit_at < AGAIN
    if scene.open and scene.state is not TradingState.HALTED and not recent:
        return Plan(ticker=stake.ticker, recalled=buys, intents=(_exit(stake, scene),))
    if failure is not None or scene.open:
        return Plan(ticker=stake.ticker, recalled=buys)
    covered = _cover(stake, orders, scene)
    return msgspec.structs.replace(covered, recalled=(*buys, *covered.recalled))


def _sales(orders: Sequence[Sale]) -> list[Sale]:
    return [order for order in orders if order.side is Side.SELL and order.leg != STOP]


def _stuck(orders: Sequence[Sale], now: datetime) -> list[UUID]:
    unsent = [sale for sale in _sales(orders) if sale.status is Status.INITIALIZED and sale.cancel_requested is None]
    return [sale.id for sale in unsent if now - sale.created_at > STUCK]


def _exit(stake: Stake, scene: Scene) -> Intent:
    reason = stake.leaving or EMERGENCY
    sale = _sale(stake, scene, EXIT, stake.exits_made + 1, stake.quantity)
    return msgspec.structs.replace(sale, cause=reason if reason in {*Hit, EMERGENCY} else "given_up")


def _sale(stake: Stake, scene: Scene, leg: str, attempt: int, quantity: Decimal) -> Intent:
    """Return an order to sell so many shares of a position at the market."""
    order = intent_id(scene.account, _origin(stake), leg, attempt)
    return Intent(
        id=order,
        decision_id=stake.decision_id,
        account=scene.account,
        leg=leg,
        attempt=attempt,
        client_order_id=client_order_id(order),
        ticker=stake.ticker,
        side=Side.SELL,
        type=OrderType.MARKET,
        quantity=quantity,
        reduce_only=True,
    )


def _origin(stake: Stake) -> UUID:
    """Return what an order's id is derived from: the decision, or the entry where a person made it without one.

    A position that somebody else has built goes by the instant it was opened.
    """
    return stake.decision_id or stake.entry_id or intent_id("", UUID(int=0), stake.opened_at.isoformat(), 0)


# ------------------------------------------------------------------------------------------------ stops


def _cover(stake: Stake, orders: Sequence[Sale], scene: Scene) -> Plan:
    """Make up what is missing of the stops, raise them where they trail, take back what is too much."""
    stops = [order for order in orders if order.leg == STOP]
    kept = [order for order in stops if order.cancel_requested is None]
    need = stake.quantity - sum((sale.quantity for sale in _sales(orders)), _NOTHING)
    covered = sum((order.quantity for order in kept), _NOTHING)
    unpromised = need - sum((order.quantity for order in stops), _NOTHING)
    missing = min(need - covered, unpromised) if stake.entry_id is not None else _NOTHING
    if missing > 0 and scene.state is TradingState.HALTED:
        return Plan(ticker=stake.ticker, bare=True)
    if missing > 0:
        return Plan(ticker=stake.ticker, intents=(_stop(stake, missing, scene, PROTECTION),))
    if any(order.status in {Status.INITIALIZED, Status.SUBMITTING, Status.SUBMITTED} for order in stops):
        return Plan(ticker=stake.ticker)
    if covered > need and not _sales(orders):
        return Plan(ticker=stake.ticker, recalled=_excess(kept, covered - need))
    if missing == 0 and covered == need > 0 and _trails(stake, kept, scene):
        return Plan(ticker=stake.ticker, intents=(_stop(stake, need, scene, Hit.TRAILING.value),))
    return Plan(ticker=stake.ticker)


def _excess(kept: Sequence[Sale], much: Decimal) -> tuple[UUID, ...]:
    """Return the newest stops that together are for at least so many shares."""
    recalled: list[UUID] = []
    for order in reversed(kept):
        if much > 0:
            recalled.append(order.id)
            much -= order.quantity
    return tuple(recalled)


def _trails(stake: Stake, kept: Sequence[Sale], scene: Scene) -> bool:
    """Return whether a stop rests below where the position's stop has been raised to."""
    if stake.raised is None or scene.state is TradingState.HALTED:
        return False
    level = stop_level(stake, scene)
    return any(order.stop_price is not None and order.stop_price < level for order in kept)


def stop_level(stake: Stake, scene: Scene) -> Decimal:
    """Return the price at which a position is given up: its entry's distance below what it cost, or where it trails.

    Where the entry's verdict knew no distance it is the policy's share of the price.
    """
    paid = float(stake.average_price)
    distance = stake.stop_distance if stake.stop_distance is not None else scene.stop_share * paid
    return on_tick(max(paid - distance, stake.raised or 0.0))


def _stop(stake: Stake, quantity: Decimal, scene: Scene, cause: str) -> Intent:
    return msgspec.structs.replace(
        _sale(stake, scene, STOP, stake.stops_made + 1, quantity),
        type=OrderType.STOP,
        stop_price=stop_level(stake, scene),
        time_in_force="gtc",
        cause=cause,
    )
