"""What a dividend or a split does to what is held."""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

import msgspec

from stonks.model.adjustment import Adjustment, AdjustmentKind
from stonks.risk.position import in_lieu, split

_CENT = Decimal("0.01")


class Action(msgspec.Struct, frozen=True, kw_only=True):
    """A dividend or a split as it is known, with the last close before it."""

    ticker: str
    type: str
    ex_date: date
    ratio: Decimal | None
    cash: Decimal | None
    known_at: datetime
    source: str
    close: Decimal | None


def effect(action: Action, held: Decimal) -> Adjustment | None:
    """Return what an action does to so many shares; None where its figure is missing.

    A fraction of a share is paid out at the last close divided by the ratio; without a close it is kept.
    """
    if action.type == AdjustmentKind.SPLIT and action.ratio is not None and action.ratio > 0:
        return _split(action, action.ratio, held)
    if action.type == AdjustmentKind.DIVIDEND and action.cash is not None:
        return _dividend(action, action.cash, held)
    return None


def _split(action: Action, ratio: Decimal, held: Decimal) -> Adjustment:
    whole, rest = split(held, ratio)
    price = action.close / ratio if action.close else None
    return Adjustment(
        ticker=action.ticker,
        kind=AdjustmentKind.SPLIT,
        ex_date=action.ex_date,
        ratio=ratio,
        price=price,
        quantity_before=held,
        quantity_after=whole if price else whole + rest,
        cash=in_lieu(rest, price) if price else Decimal(0),
        known_at=action.known_at,
        source=action.source,
    )


def _dividend(action: Action, each: Decimal, held: Decimal) -> Adjustment:
    return Adjustment(
        ticker=action.ticker,
        kind=AdjustmentKind.DIVIDEND,
        ex_date=action.ex_date,
        quantity_before=held,
        quantity_after=held,
        cash=(held * each).quantize(_CENT, ROUND_HALF_UP),
        known_at=action.known_at,
        source=action.source,
    )
