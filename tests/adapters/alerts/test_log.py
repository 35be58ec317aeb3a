import pytest
from structlog.testing import capture_logs

from stonks.adapters.alerts import open_alerts
from stonks.model.alert import Alert, Severity
from stonks.model.identity import alert_id
from tests.fakes.facts import NOW


@pytest.mark.parametrize("severity", list(Severity))
async def test_an_alert_is_one_line_at_its_own_level(severity: Severity) -> None:
    alert = Alert(
        id=alert_id("order_filled", "x", NOW),
        kind="order_filled",
        severity=severity,
        subject="AAPL",
        text="buy 3 AAPL at 100",
        raised_at=NOW,
    )

    with capture_logs() as lines:
        await open_alerts("log:").send(alert, "log", NOW)

    assert lines == [
        {
            "log_level": severity.value,
            "event": "buy 3 AAPL at 100",
            "kind": "order_filled",
            "subject": "AAPL",
            "raised_at": NOW.isoformat(),
        }
    ]
