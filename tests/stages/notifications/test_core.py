from datetime import timedelta
from uuid import UUID

from hypothesis import given, strategies as st

from stonks.model.alert import Alert, Severity
from stonks.stages.notifications.core import loudest_first
from tests.fakes.facts import NOW

ALERTS = st.lists(
    st.builds(
        lambda number, severity, minutes: Alert(
            id=UUID(int=number),
            kind="k",
            severity=severity,
            subject="s",
            text="t",
            raised_at=NOW + timedelta(minutes=minutes),
        ),
        st.integers(0, 2**64),
        st.sampled_from(list(Severity)),
        st.integers(0, 9),
    )
)


@given(ALERTS)
def test_the_loudest_comes_first_whatever_the_order(alerts: list[Alert]) -> None:
    heard = loudest_first(alerts)

    loudness = [list(reversed(Severity)).index(alert.severity) for alert in heard]
    assert loudness == sorted(loudness)
    assert heard == loudest_first(reversed(alerts))
    assert sorted(alert.id for alert in heard) == sorted(alert.id for alert in alerts)
