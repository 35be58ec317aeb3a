"""Gates on what the account would carry: each leaves some room, and fails when there is none."""

import math

from stonks.model.order import Side
from stonks.risk import exposure as carried
from stonks.risk.facts import Facts
from stonks.risk.gates.ruling import Ruling, answer, missing, positive


def name(facts: Facts) -> Ruling:
    """So much in one name."""
    return _capped(facts, "name", "NAME_CAP", facts.policy.limits.name_cap)


def sector(facts: Facts) -> Ruling:
    """So much in one sector."""
    return _capped(facts, "sector", "SECTOR_CAP", facts.policy.limits.sector_cap)


def gross_and_net(facts: Facts) -> Ruling:
    """So much in all, and so much in one direction."""
    gross = _capped(facts, "gross_net", "GROSS_CAP", facts.policy.limits.gross_cap)
    net = _capped(facts, "gross_net", "NET_CAP", facts.policy.limits.net_cap)
    return Ruling(checks=gross.checks + net.checks, caps=gross.caps | net.caps)


def _capped(facts: Facts, gate: str, code: str, cap: float) -> Ruling:
    as_of = facts.book.as_of
    if not _known(facts) or (code == "SECTOR_CAP" and facts.market.sector is None):
        return Ruling(checks=(missing(gate, code, cap, as_of),))
    taken = _taken(facts, code)
    check = answer(gate, code, passed=taken < cap, observed=taken, limit=cap, as_of=as_of)
    return Ruling(checks=(check,), caps={code: max(0.0, cap - taken)})


def _known(facts: Facts) -> bool:
    """Return whether equity and every holding have a worth."""
    return positive(facts.book.equity) is not None and all(map(math.isfinite, carried.weights(facts.book).values()))


def _taken(facts: Facts, code: str) -> float:
    gross, net = carried.gross_and_net(facts.book)
    match code:
        case "NAME_CAP":
            return carried.name_weight(facts)
        case "SECTOR_CAP":
            return carried.sector_weight(facts)
        case "GROSS_CAP":
            return gross
        case _:
            return net


def correlation(facts: Facts) -> Ruling:
    """Little likeness to the book: above the limit the room shrinks, beside a heavy twin there is none."""
    limits, as_of = facts.policy.limits, facts.market.bars_as_of
    if not _known(facts) or not all(map(math.isfinite, facts.market.correlations.values())):
        return Ruling(checks=(missing("correlation", "CORR_HIGH", limits.max_correlation, as_of),))
    mean, twin = carried.correlation_to_book(facts), carried.heaviest_twin(facts)
    check = answer(
        "correlation",
        "CORR_HIGH",
        passed=twin is None and mean < 1,
        observed=mean if twin is None else f"{twin[1]:.2f} with {twin[0]}",
        limit=limits.max_correlation if twin is None else limits.twin_correlation,
        as_of=as_of,
    )
    if mean <= limits.max_correlation:
        return Ruling(checks=(check,))
    left = max(0.0, (1 - mean) / (1 - limits.max_correlation))
    return Ruling(checks=(check,), caps={"CORR_HIGH": limits.name_cap * left})


def power(facts: Facts) -> Ruling:
    """No more than the cash that working orders leave, with a margin for costs; a sale costs nothing."""
    if facts.proposal.reduce_only and facts.proposal.side is Side.SELL:
        check = answer("buying_power", "INSUFFICIENT_BP", passed=True, observed=0.0, limit=None, as_of=facts.book.as_of)
        return Ruling(checks=(check,))
    free, equity = carried.buying_power(facts.book), positive(facts.book.equity)
    if free is None or not math.isfinite(free) or equity is None:
        return Ruling(checks=(missing("buying_power", "INSUFFICIENT_BP", "free cash", facts.book.as_of),))
    cap = max(0.0, free / carried.COST_MARGIN / equity)
    check = answer(
        "buying_power",
        "INSUFFICIENT_BP",
        passed=cap > 0,
        observed=free,
        limit="above 0",
        as_of=facts.book.as_of,
    )
    return Ruling(checks=(check,), caps={"INSUFFICIENT_BP": cap})
