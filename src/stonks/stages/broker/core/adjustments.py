"""What dividends and splits that are due do to the books."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

import msgspec

from stonks.model.adjustment import Adjustment, AdjustmentKind, start_of
from stonks.model.order import Fill
from stonks.risk.position import fold, in_lieu, split

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


def adjustments(
    actions: Iterable[Action], fills: Sequence[Fill], booked: Sequence[Adjustment]
) -> tuple[Adjustment, ...]:
    """Return what goes into the books for these actions: one each, also where nothing was held as it took effect.

    What counts is what was held at the start of the ex-date, however late the action became known. A fraction of a
    share is paid out at the last close divided by the ratio; without a close it is kept.
    """
    made: list[Adjustment] = []
    for action in sorted(actions, key=lambda each: (each.ex_date, each.ticker, each.type)):
        start = start_of(action.ex_date)
        before = fold(
            (fill for fill in fills if fill.ticker == action.ticker and fill.at < start),
            (known for known in [*booked, *made] if known.ticker == action.ticker and known.at < start),
        ).get(action.ticker)
        held = before.quantity if before else Decimal(0)
        adjustment = _split(action, held) if action.type == AdjustmentKind.SPLIT else _dividend(action, held)
        made += [adjustment] if adjustment else []
    return tuple(made)


def _split(action: Action, held: Decimal) -> Adjustment | None:
    if action.ratio is None or action.ratio <= 0:
        return None
    whole, rest = split(held, action.ratio)
    price = action.close / action.ratio if action.close else None
    return Adjustment(
        ticker=action.ticker,
        kind=AdjustmentKind.SPLIT,
        ex_date=action.ex_date,
        ratio=action.ratio,
        price=price,
        quantity_before=held,
        quantity_after=whole if price else whole + rest,
        cash=in_lieu(rest, price) if price else Decimal(0),
        known_at=action.known_at,
        source=action.source,
    )


def _dividend(action: Action, held: Decimal) -> Adjustment | None:
    if action.cash is None:
        return None
    return Adjustment(
        ticker=action.ticker,
        kind=AdjustmentKind.DIVIDEND,
        ex_date=action.ex_date,
        quantity_before=held,
        quantity_after=held,
        cash=(held * action.cash).quantize(_CENT, ROUND_HALF_UP),
        known_at=action.known_at,
        source=action.source,
    )
