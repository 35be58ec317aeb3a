"""Gives positions up when one of their barriers is reached."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from stonks.model.alert import Alert, Severity
from stonks.model.identity import alert_id, client_order_id, intent_id
from stonks.model.market import Bar
from stonks.model.order import Intent, Side
from stonks.model.recommendation import Mode
from stonks.risk.barrier import STOPS, Reached, around, reached
from stonks.risk.facts import Proposal
from stonks.stages.trading.core.desk import EXIT, Desk, Errand, market_order


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A position with the decision that entered it last, its stop distance in dollars, and exits tried for it."""

    ticker: str
    sector: str
    quantity: Decimal
    average_price: Decimal
    opened_at: datetime
    decision_id: UUID | None
    stop_distance: float | None
    exits_tried: int
    newest_bar_at: datetime | None


class Exit(msgspec.Struct, frozen=True, kw_only=True):
    """An order that gives a position up, and what a person hears about it."""

    intent: Intent
    alert: Alert


def hits(desk: Desk, held: Sequence[Held], bars: Mapping[str, Sequence[Bar]]) -> dict[str, Reached]:
    """Return the barrier each position has reached, by ticker; one whose entry set no stop has none to reach."""
    found: dict[str, Reached] = {}
    for position in held:
        if position.stop_distance is None or position.quantity <= 0:
            continue
        barrier = around(float(position.average_price), position.stop_distance, desk.policy.sizes)
        since = [bar for bar in bars.get(position.ticker, ()) if bar.starts_at >= position.opened_at]
        hit = reached(barrier, since)
        if hit is not None:
            found[position.ticker] = hit
    return found


def leave(desk: Desk, held: Sequence[Held], found: Mapping[str, Reached]) -> tuple[tuple[Exit, ...], Desk]:
    """Return an exit for each position at a barrier that the gates let go now, and the desk after them.

    What may not go now, because a sale works already or there is no fresh price, is asked again at the next poll.
    """
    exits: list[Exit] = []
    for position in held:
        hit = found.get(position.ticker)
        if hit is None or position.decision_id is None:
            continue
        evaluation = desk.judge(_proposal(desk, position))
        if evaluation.primary_reason is None:
            intent = _intent(desk, position, position.decision_id, hit, evaluation.quantity)
            exits.append(Exit(intent=intent, alert=_alert(desk, position, hit)))
            desk = desk.with_order(intent)
    return tuple(exits), desk


def _proposal(desk: Desk, position: Held) -> Proposal:
    return Proposal(
        ticker=position.ticker,
        side=Side.SELL,
        mode=Mode.PAPER,
        generated_at=desk.now,
        reduce_only=True,
        quantity=desk.book.sellable(position.ticker),
    )


def _intent(desk: Desk, position: Held, decision: UUID, hit: Reached, quantity: Decimal) -> Intent:
    attempt = position.exits_tried + 1
    order = intent_id(desk.account, decision, EXIT, attempt)
    errand = Errand(
        id=order,
        client_order_id=client_order_id(order),
        decision_id=decision,
        leg=EXIT,
        attempt=attempt,
        cause=hit.hit.value,
    )
    return market_order(desk, errand, position.ticker, quantity)


def _alert(desk: Desk, position: Held, hit: Reached) -> Alert:
    kind = f"{hit.hit.value}_reached"
    return Alert(
        id=alert_id(kind, position.ticker, desk.now),
        kind=kind,
        severity=Severity.WARNING if hit.hit in STOPS else Severity.INFO,
        subject=position.ticker,
        text=(
            f"{position.ticker} reached its {hit.hit.value.replace('_', ' ')} at {hit.level:.2f}: "
            f"selling {position.quantity} bought at {position.average_price:.2f}"
        ),
        raised_at=desk.now,
    )
