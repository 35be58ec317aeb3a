"""What dividends and splits that are due do to the books."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from stonks.model.adjustment import Adjustment, start_of
from stonks.model.order import Fill
from stonks.risk.corporate_actions import Action, effect
from stonks.risk.position import fold


def adjustments(
    actions: Iterable[Action], fills: Sequence[Fill], booked: Sequence[Adjustment]
) -> tuple[Adjustment, ...]:
    """Return what goes into the books for these actions: one each, also where nothing was held as it took effect.

    What counts is what was held at the start of the ex-date, however late the action became known.
    """
    made: list[Adjustment] = []
    for action in sorted(actions, key=lambda each: (each.ex_date, each.ticker, each.type)):
        start = start_of(action.ex_date)
        before = fold(
            (fill for fill in fills if fill.ticker == action.ticker and fill.at < start),
            (known for known in [*booked, *made] if known.ticker == action.ticker and known.at < start),
        ).get(action.ticker)
        adjustment = effect(action, before.quantity if before else Decimal(0))
        made += [adjustment] if adjustment else []
    return tuple(made)
