"""How much each event type weighs and how long it stays news, as data."""

from typing import NamedTuple

from stonks.model.signal import EventType as E, HalfLife as H


class Character(NamedTuple):
    """An event type's weight among others and the time in which it is half forgotten (signals.md 4.1)."""

    prior: float
    half_life: H


CHARACTER: dict[E, Character] = {
    E.EARNINGS_BEAT: Character(0.9, H.B3),
    E.EARNINGS_MISS: Character(0.9, H.B3),
    E.EARNINGS_REPORT: Character(0.7, H.B2),
    E.GUIDANCE_RAISE: Character(0.95, H.B3),
    E.GUIDANCE_CUT: Character(0.95, H.B3),
    E.M_AND_A_TARGET: Character(1.0, H.B3),
    E.M_AND_A_ACQUIRER: Character(0.6, H.B3),
    E.DIVESTITURE: Character(0.5, H.B3),
    E.FDA_CLINICAL_POS: Character(0.9, H.B3),
    E.FDA_CLINICAL_NEG: Character(0.9, H.B3),
    E.LITIGATION_REGULATORY: Character(0.6, H.B2),
    E.ANTITRUST: Character(0.6, H.B2),
    E.LAYOFFS: Character(0.5, H.B2),
    E.RESTRUCTURING: Character(0.5, H.B4),
    E.BUYBACK: Character(0.6, H.B3),
    E.DIVIDEND_UP: Character(0.6, H.B4),
    E.DIVIDEND_CUT: Character(0.8, H.B4),
    E.DIVIDEND_REGULAR: Character(0.2, H.B1),
    E.CAPITAL_RAISE: Character(0.6, H.B3),
    E.DEBT_RATING: Character(0.6, H.B3),
    E.MANAGEMENT_CHANGE: Character(0.5, H.B2),
    E.PRODUCT: Character(0.4, H.B1),
    E.CONTRACT_WIN: Character(0.6, H.B1),
    E.PARTNERSHIP: Character(0.4, H.B1),
    E.CYBER: Character(0.7, H.B2),
    E.RECALL: Character(0.6, H.B2),
    E.OUTAGE: Character(0.5, H.B1),
    E.SUPPLY_DISRUPTION: Character(0.6, H.B2),
    E.RATING_UP: Character(0.6, H.B0),
    E.RATING_DOWN: Character(0.6, H.B0),
    E.PRICE_TARGET: Character(0.5, H.B0),
    E.INSIDER: Character(0.4, H.B2),
    E.ACTIVIST: Character(0.7, H.B3),
    E.SHORT_REPORT: Character(0.8, H.B3),
    E.BANKRUPTCY: Character(1.0, H.B3),
    E.INDEX_CHANGE: Character(0.5, H.B1),
    E.STOCK_SPLIT: Character(0.4, H.B1),
    E.MACRO_LINK: Character(0.5, H.B1),
    E.OTHER: Character(0.5, H.B1),
}
