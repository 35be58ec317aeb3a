"""What news of one company means for a related one: the table of relation and kind of event (signals.md 4.8).

A relation is read as what the source of the news is to the other company: under ``customer``, news of a customer moves
its supplier. The numbers are small priors of the literature's sign; outcomes are to set them.
"""

from enum import StrEnum

import msgspec

from stonks.model.signal import EventType, HalfLife


class EventClass(StrEnum):
    """What kind of news an event is for those around the company."""

    MISFORTUNE = "idiosyncratic_bad"
    SUCCESS = "idiosyncratic_good"
    DEMAND = "demand_or_industry"
    TAKEOVER = "takeover_target"


class Relation(msgspec.Struct, frozen=True):
    """How news passes along one relation: the factor by kind of event, and how long it takes to be felt."""

    misfortune: float
    success: float
    demand: float
    takeover: float
    half_life: HalfLife = HalfLife.B2
    lag: float = 1.0
    """Days until it is felt, as far as the literature says: at once by rivals, over a month along supply chains."""
    vague: bool = False
    """Whether it says no more than that two companies are alike: it counts only where nothing closer is known."""

    def factor(self, kind: EventClass) -> float:
        """Return the share of an effect that passes on; negative where one company's loss is the other's gain."""
        match kind:
            case EventClass.MISFORTUNE:
                return self.misfortune
            case EventClass.SUCCESS:
                return self.success
            case EventClass.DEMAND:
                return self.demand
            case EventClass.TAKEOVER:
                return self.takeover


RELATIONS: dict[str, Relation] = {
    "competitor": Relation(-0.25, -0.20, 0.35, 0.20),
    "customer": Relation(0.30, 0.30, 0.45, 0.0, HalfLife.B3, lag=20.0),
    "supplier": Relation(0.20, 0.10, -0.05, 0.0, HalfLife.B3, lag=10.0),
    "partner": Relation(0.25, 0.25, 0.20, 0.10, lag=5.0),
    "parent": Relation(0.70, 0.70, 0.70, 0.70),
    "subsidiary": Relation(0.70, 0.70, 0.70, 0.70),
    "sub_industry": Relation(0.0, 0.0, 0.20, 0.05, lag=5.0, vague=True),
    "co_mention": Relation(0.0, 0.0, 0.15, 0.05, lag=5.0, vague=True),
}
"""Every relation along which signals pass."""

_BY_EVENT: dict[EventType, EventClass] = {
    EventType.EARNINGS_BEAT: EventClass.DEMAND,
    EventType.EARNINGS_MISS: EventClass.DEMAND,
    EventType.EARNINGS_REPORT: EventClass.DEMAND,
    EventType.GUIDANCE_RAISE: EventClass.DEMAND,
    EventType.GUIDANCE_CUT: EventClass.DEMAND,
    EventType.MACRO_LINK: EventClass.DEMAND,
    EventType.SUPPLY_DISRUPTION: EventClass.DEMAND,
    EventType.M_AND_A_TARGET: EventClass.TAKEOVER,
    EventType.FDA_CLINICAL_POS: EventClass.SUCCESS,
    EventType.CONTRACT_WIN: EventClass.SUCCESS,
    EventType.PARTNERSHIP: EventClass.SUCCESS,
    EventType.FDA_CLINICAL_NEG: EventClass.MISFORTUNE,
    EventType.LITIGATION_REGULATORY: EventClass.MISFORTUNE,
    EventType.ANTITRUST: EventClass.MISFORTUNE,
    EventType.CYBER: EventClass.MISFORTUNE,
    EventType.RECALL: EventClass.MISFORTUNE,
    EventType.OUTAGE: EventClass.MISFORTUNE,
    EventType.SHORT_REPORT: EventClass.MISFORTUNE,
    EventType.BANKRUPTCY: EventClass.MISFORTUNE,
}
_EITHER_WAY = frozenset({EventType.PRODUCT, EventType.MANAGEMENT_CHANGE})


def class_of(event_type: str, direction: float) -> EventClass | None:
    """Return what kind of news this is for others, or None where it concerns the company alone."""
    try:
        event = EventType(event_type)
    except ValueError:
        return None
    if event in _EITHER_WAY:
        return EventClass.SUCCESS if direction > 0.0 else EventClass.MISFORTUNE
    return _BY_EVENT.get(event)
