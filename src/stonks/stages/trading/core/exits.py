"""Gives positions up at their target or time limit, and raises the stops that trail; the stops rest at the exchange."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from stonks.model.alert import Alert, Severity
from stonks.model.identity import alert_id
from stonks.model.market import Bar
from stonks.model.order import Side
from stonks.model.recommendation import Mode
from stonks.risk.barrier import STOPS, Barrier, Reached, around, on_tick, reached, trailed, unstopped
from stonks.risk.facts import Proposal, Resting
from stonks.stages.trading.core.desk import Desk

STEP = 0.25
"""A stop is raised by at least so many ATRs (trading.md 3.9), so that it is not moved for nothing."""


class Split(msgspec.Struct, frozen=True):
    """A split in an account's books: new shares for one old, from a day on."""

    day: date
    ratio: Decimal


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A position with what entered it last, and where its barriers lie; dollars are of today's shares."""

    ticker: str
    sector: str
    quantity: Decimal
    average_price: Decimal
    opened_at: datetime
    decision_id: UUID | None
    """None where a person entered it."""
    stop_distance: float | None
    raised: float | None
    """Where its stop was raised to."""
    leaving: bool
    """Whether it is being given up already."""
    splits: tuple[Split, ...]
    """Since it was opened."""
    newest_bar_at: datetime | None


class Exit(msgspec.Struct, frozen=True, kw_only=True):
    """A position to give up, for the barrier it reached, and what a person hears about it."""

    ticker: str
    reason: str
    alert: Alert


class Raise(msgspec.Struct, frozen=True, kw_only=True):
    """Where the stop of a position goes, in dollars a share."""

    ticker: str
    opened_at: datetime
    level: Decimal


def hits(desk: Desk, held: Sequence[Held], bars: Mapping[str, Sequence[Bar]]) -> dict[str, Reached]:
    """Return the target or time limit each position has reached, by ticker; one whose entry set no stop has neither.

    Where the newest bar may have reached the stop as well, the exchange says first what became of it.
    """
    found: dict[str, Reached] = {}
    for position in held:
        barrier, since = _barrier(desk, position), _since(position, bars)
        if barrier is None or not since:
            continue
        hit, stopped = reached(unstopped(barrier), since), reached(barrier, since)
        perhaps_sold = stopped is not None and stopped.hit in STOPS and stopped.at == since[-1].ends_at
        if hit is not None and not perhaps_sold:
            found[position.ticker] = hit
    return found


def raises(desk: Desk, held: Sequence[Held], bars: Mapping[str, Sequence[Bar]]) -> tuple[Raise, ...]:
    """Return which stops trail after the newest bars, never down and never by less than a step."""
    found: list[Raise] = []
    for position in held:
        barrier = _barrier(desk, position)
        level = None if barrier is None else trailed(barrier, _since(position, bars))
        if barrier is None or level is None:
            continue
        atr = desk.markets[position.ticker].atr
        least = max(barrier.stop, position.raised or 0.0) + STEP * (atr or barrier.entry - barrier.stop)
        if level >= least:
            found.append(Raise(ticker=position.ticker, opened_at=position.opened_at, level=on_tick(level)))
    return tuple(found)


def leave(desk: Desk, held: Sequence[Held], found: Mapping[str, Reached]) -> tuple[tuple[Exit, ...], Desk]:
    """Return which positions at a barrier the gates let go now, and the desk after them.

    What may not go now, because a sale works already or there is no fresh price, is asked again at the next poll.
    """
    exits: list[Exit] = []
    for position in held:
        hit = found.get(position.ticker)
        if hit is None or position.leaving:
            continue
        if desk.judge(_proposal(desk, position)).primary_reason is None:
            exits.append(Exit(ticker=position.ticker, reason=hit.hit.value, alert=_alert(desk, position, hit)))
            desk = _selling(desk, position)
    return tuple(exits), desk


def _barrier(desk: Desk, position: Held) -> Barrier | None:
    if position.stop_distance is None or position.quantity <= 0:
        return None
    return around(float(position.average_price), position.stop_distance, desk.policy.sizes)


def _since(position: Held, bars: Mapping[str, Sequence[Bar]]) -> list[Bar]:
    """Return a position's bars since it was opened, in today's shares."""
    return [
        _adjusted(bar, position.splits) for bar in bars.get(position.ticker, ()) if bar.starts_at >= position.opened_at
    ]


def _adjusted(bar: Bar, splits: Sequence[Split]) -> Bar:
    for split in splits:
        if bar.starts_at.date() < split.day:
            prices = {name: getattr(bar, name) / split.ratio for name in ("open", "high", "low", "close")}
            bar = msgspec.structs.replace(bar, **prices)
    return bar


def _selling(desk: Desk, position: Held) -> Desk:
    """Return the desk with a position on its way out."""
    sale = Resting(
        ticker=position.ticker, sector=position.sector, side=Side.SELL, quantity=position.quantity, price=0.0
    )
    return msgspec.structs.replace(desk, book=msgspec.structs.replace(desk.book, resting=(*desk.book.resting, sale)))


def _proposal(desk: Desk, position: Held) -> Proposal:
    return Proposal(
        ticker=position.ticker,
        side=Side.SELL,
        mode=Mode.PAPER,
        generated_at=desk.now,
        reduce_only=True,
        quantity=desk.book.sellable(position.ticker),
    )


def _alert(desk: Desk, position: Held, hit: Reached) -> Alert:
    kind = f"{hit.hit.value}_reached"
    return Alert(
        id=alert_id(kind, position.ticker, desk.now),
        kind=kind,
        severity=Severity.INFO,
        subject=position.ticker,
        text=(
            f"{position.ticker} reached its {hit.hit.value.replace('_', ' ')} at {hit.level:.2f}: "
            f"selling {position.quantity} bought at {position.average_price:.2f}"
        ),
        raised_at=desk.now,
    )
