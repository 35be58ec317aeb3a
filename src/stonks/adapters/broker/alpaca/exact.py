"""Figures from outside that may be reckoned with."""

from decimal import Decimal

from stonks.model.errors import Unreachable

_MOST_DIGITS = 18
_FINEST = -12
_NANO = Decimal("0.000000001")


def exact(figure: Decimal) -> Decimal:
    """Return a figure as it was written, digit by digit.

    Raises:
        Unreachable: it is not finite, 10^18 or more, or finer than 10^-12: whoever wrote it is not the broker.
    """
    exponent = figure.as_tuple().exponent
    if not isinstance(exponent, int) or figure.adjusted() >= _MOST_DIGITS or exponent < _FINEST:
        raise Unreachable(f"{str(figure)[:40]} is no figure of an account")
    return figure


def average(figure: Decimal | None) -> Decimal | None:
    """Return an average price to nine decimals, however many it was written with; None where there is none."""
    if figure is None or not figure.is_finite() or figure <= 0 or figure.adjusted() >= _MOST_DIGITS:
        return None
    return figure.quantize(_NANO).normalize()
