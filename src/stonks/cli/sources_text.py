"""How sources are printed."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from stonks.cli.letters import escaped
from stonks.model.standing import Overview

_SHORT = 40  # characters of a cursor that are shown


def sources_as_text(overview: Sequence[Overview], now: datetime) -> str:
    """Return a line a source with its figures, and below it what keeps it back."""
    if not overview:
        return "no sources"
    lines = []
    for one in overview:
        age = one.age_seconds
        success = "no success yet" if age is None else f"last success {_span(timedelta(seconds=age))} ago"
        lines.append(f"{one.name}  {state_of(one)}  adapter {one.adapter}, every {_cadence(one)}, {success}")
        lines.append(
            f"  freshness {_span(one.freshness_slo)}, failures in a row {one.failures}, next {_next(one, now)},"
            f" cursor {escaped(one.cursor or 'none')[:_SHORT]}"
        )
        if one.stopped is not None:
            lines.append(f"  stopped: {escaped(one.stopped)}")
        if one.last_error:
            lines.append(f"  last error: {escaped(one.last_error)}")
    return "\n".join(lines)


def state_of(one: Overview) -> str:
    """Return in one word how a source stands."""
    states = (
        ("stopped", one.stopped is not None),
        ("running", one.running_since is not None),
        ("paused", one.paused),
        ("failing", one.failures > 0),
        ("late", one.late),
    )
    return next((word for word, holds in states if holds), "fresh")


def _cadence(one: Overview) -> str:
    closed = "" if one.closed_cadence is None else f" ({_span(one.closed_cadence)} when the market is closed)"
    return _span(one.cadence) + closed


def _next(one: Overview, now: datetime) -> str:
    if one.asked_at is not None:
        return "at once: somebody asked"
    if one.stopped is not None or one.paused:
        return "never"
    if one.due_at is None or one.due_at <= now:
        return "at the scheduler's next look"
    return f"in {_span(one.due_at - now)}"


def _span(span: timedelta) -> str:
    """Return a span in its largest round unit."""
    seconds = span.total_seconds()
    for limit, unit, name in ((120, 1, "s"), (7200, 60, "min"), (172_800, 3600, "h")):
        if seconds < limit:
            return f"{seconds / unit:.0f} {name}"
    return f"{seconds / 86_400:.0f} d"
