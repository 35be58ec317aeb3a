"""How one company event is told: the form in which all rules are written."""

from typing import NamedTuple

from stonks.model.signal import EventType


class Rule(NamedTuple):
    """One way an event is told, by words that must stand in the sentence and a pattern over it."""

    type: EventType
    polarity: float
    triggers: str
    """Beginnings, of four letters at most, of words without which the pattern cannot match."""
    pattern: str
    about: str = "near"
    """Whom it befalls: who is "near", the verb's "object", all "parties" of it, or the sides of a deal: in a "deal" the
    buyer stands before the verb, where one is "sold" after it, and in a "sale" the seller before and the buyer last."""
    veto: str = ""
    """A pattern that must not stand in the sentence."""
