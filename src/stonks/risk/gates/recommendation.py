"""Gates on the recommendation itself: is it new enough, is it sure enough."""

from datetime import timedelta

from stonks.risk.facts import Facts
from stonks.risk.gates.ruling import Ruling, answer, at_least, at_most
from stonks.risk.hours import covers, tradable_time

_MINUTE = timedelta(minutes=1)


def age(facts: Facts) -> Ruling:
    """Young enough in minutes in which one could have entered, and still the newest of its ticker and window.

    One that was made later than now, or where the calendar is unknown, has no age.
    """
    proposal, limit = facts.proposal, facts.policy.limits.max_age
    made = proposal.generated_at
    known = made is not None and made <= facts.now and covers(facts.sessions, facts.now)
    waited = tradable_time(facts.sessions, facts.policy.limits, made, facts.now) / _MINUTE if made and known else None
    newest = answer(
        "age",
        "REC_SUPERSEDED",
        passed=not proposal.superseded,
        observed="there is a newer one" if proposal.superseded else "newest",
        limit="newest",
        as_of=made,
    )
    return Ruling(checks=(at_most("age", "REC_STALE", waited, limit / _MINUTE, made), newest))


def confidence(facts: Facts) -> Ruling:
    """Sure enough, from enough independent sources, with little contradiction."""
    proposal, limits = facts.proposal, facts.policy.limits
    made = proposal.generated_at
    return Ruling(
        checks=(
            at_least("confidence", "CONFIDENCE_LOW", proposal.confidence, limits.min_confidence, made),
            at_least("confidence", "SOURCES_FEW", proposal.sources, limits.min_sources, made),
            at_most("confidence", "CONTRADICTION_HIGH", proposal.contradiction, limits.max_contradiction, made),
        )
    )
