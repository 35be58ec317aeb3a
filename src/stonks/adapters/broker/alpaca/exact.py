"""Figures from outside that may be reckoned with."""

from decimal import Decimal

from stonks.model.errors import Unreachable

_MOST_DIGITS = 18
_FINEST = -12


def exact(figure: Decimal) -> Decimal:
    """Return a figure as it was written, digit by digit.

    Raises:
        Unreachable: it is not finite, 10^18 or more, or finer than 10^-12: whoever wrote it is not the broker.
    """
    exponent = figure.as_tuple().exponent
    if not isinstance(exponent, int) or figure.adjusted() >= _MOST_DIGITS or exponent < _FINEST:
        raise Unreachable(f"{str(figure)[:40]} is no figure of an account")
    return figure
