"""Which alert a person hears first."""

from collections.abc import Iterable

from stonks.model.alert import Alert, Severity

_LOUDNESS = {Severity.CRITICAL: 0, Severity.WARNING: 1, Severity.INFO: 2}


def loudest_first(alerts: Iterable[Alert]) -> list[Alert]:
    """Return alerts by severity, then in the order they were raised."""
    return sorted(alerts, key=lambda alert: (_LOUDNESS[alert.severity], alert.raised_at, alert.id))
