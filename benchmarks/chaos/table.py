"""How the campaign's outcome is printed: a line a fault, then what was compared."""

import statistics
from collections.abc import Iterable, Sequence

from benchmarks.chaos.campaign import Verdict
from benchmarks.chaos.facts import NAMED, Difference
from benchmarks.chaos.fleet import STAGES
from benchmarks.chaos.journal import Fault
from benchmarks.chaos.storm import FLUSH, KINDS, WORKER
from benchmarks.chaos.trap import Point

_HEAD = ("fault", "point", "of", "kills", "jobs", "polls", "lost", "twice", "p50", "max")
_WIDTHS = (19, 15, 8, 6, 7, 6, 5, 6, 8, 8)


def lines(verdict: Verdict) -> list[str]:
    """Return everything there is to say."""
    return [
        "",
        "of: how often the moment came in peace; jobs, polls: interrupted; p50, max: until these were done and settled",
        _line(_HEAD),
        *_rows(verdict),
        "",
        *_comparison(verdict.differences),
        *verdict.samples,
        "",
        *_end(verdict),
    ]


def _rows(verdict: Verdict) -> list[str]:
    faults = verdict.journal.faults
    rows = []
    for stage in STAGES:
        for point in Point:
            met = [fault for fault in faults if (fault.kind, fault.point) == (stage, point)]
            if met:
                rows.append(_row(stage, point, verdict.passed[stage][point], met))
        outside = [fault for fault in faults if (fault.kind, fault.point) == (WORKER, stage)]
        if outside:
            rows.append(_row(stage, "from outside", "", outside))
    for kind in KINDS:
        met = [fault for fault in faults if fault.kind == kind != WORKER]
        if met:
            rows.append(_row(kind, "" if kind == FLUSH else "kill -9", "", met))
    return [*rows, _all(verdict)]


def _all(verdict: Verdict) -> str:
    """Return the last row, in which every row of the comparison counts beside the jobs."""
    faults = verdict.journal.faults
    return _line(("all", "and every row", "", *_interrupted(faults), verdict.lost, verdict.twice, *_waits(faults)))


def _row(kind: str, point: str, of: object, faults: Sequence[Fault]) -> str:
    lost, twice = sum(fault.lost for fault in faults), sum(fault.twice for fault in faults)
    return _line((kind, point, of, *_interrupted(faults), lost, twice, *_waits(faults)))


def _interrupted(faults: Sequence[Fault]) -> tuple[int, int, int]:
    polls = sum(fault.turn is not None for fault in faults)
    return len(faults), sum(len(fault.jobs) for fault in faults), polls


def _waits(faults: Sequence[Fault]) -> tuple[str, str]:
    waits = sorted(fault.drained for fault in faults if fault.drained is not None)
    return (f"{statistics.median(waits):.1f} s", f"{waits[-1]:.1f} s") if waits else ("-", "-")


def _line(cells: Iterable[object]) -> str:
    pairs = list(zip(cells, _WIDTHS, strict=True))
    names = "".join(f"{cell!s:<{width}}" for cell, width in pairs[:2])
    return names + "".join(f"{cell!s:>{width}}" for cell, width in pairs[2:])


def _comparison(differences: Sequence[Difference]) -> list[str]:
    """Return a line for each table that is named, and one for all others, with a line for each that differs."""
    shown = [each for each in differences if each.table in NAMED or each.missing or each.duplicated or each.changed]
    others = [each for each in differences if each not in shown]
    told = [
        f"{each.table:<24}{each.rows:>8} rows  {len(each.missing)} missing, {len(each.changed)} changed, "
        f"{len(each.extra)} too many, {each.twins} twice"
        for each in shown
    ]
    return [*told, f"{len(others)} others{sum(each.rows for each in others):>23} rows  equal (tables and files)"]


def _end(verdict: Verdict) -> list[str]:
    journal = verdict.journal
    again = sum(count - 1 for count in journal.sent.values())
    ledger = f"{verdict.open_jobs} open, {verdict.dead_jobs} dead, {verdict.redone_jobs} done twice"
    return [
        f"undisturbed {verdict.seconds[0]:.0f} s, disturbed {verdict.seconds[1]:.0f} s",
        f"digests     {' and '.join(verdict.digests)}",
        f"ledger      {ledger}; {len(verdict.leftovers)} keys left in the queue",
        *verdict.leftovers[:5],
        f"alerts      {len(journal.sent)} said, {again} of them again, as their teller died before it could note it",
        f"starts      {journal.turned_away} met a server that was away, and were repeated",
        f"findings    {len(journal.findings)}",
        *journal.findings,
        *([f"{verdict.unmet} faults did not come: the tape was too short"] if verdict.unmet else []),
        f"lost {verdict.lost}, duplicated {verdict.twice}: {'holds' if verdict.holds else 'DOES NOT HOLD'}",
    ]
