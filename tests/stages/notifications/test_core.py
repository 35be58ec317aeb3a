from datetime import timedelta

import pytest
from hypothesis import given, strategies as st

from stonks.model.alert import Alert, Channel, Severity
from stonks.stages.notifications.core import Told, rest_after, route, wants
from tests.fakes.alerts import alert

QUIET = timedelta(minutes=10)


def channel(name: str = "mail", **rules: object) -> Channel:
    return Channel(name=name, address="a", **rules)  # type: ignore[arg-type] # whatever the field takes


def states(alerts: list[Alert], *channels: Channel, told: tuple[Told, ...] = ()) -> list[tuple[str, str]]:
    return [(one.channel, one.state) for one in route(alerts, channels, told)]


@pytest.mark.parametrize(
    ("severity", "events", "through"),
    [
        (Severity.INFO, ("*",), True),
        (Severity.WARNING, ("*",), True),
        (Severity.CRITICAL, ("*",), False),
        (Severity.INFO, ("order_rejected",), True),
        (Severity.INFO, ("order_*",), True),
        (Severity.INFO, ("breaker_*", "order_rejected"), True),
        (Severity.INFO, ("order",), False),
        (Severity.INFO, ("breaker_*",), False),
    ],
)
def test_a_channel_is_told_what_is_loud_enough_and_of_its_kinds(
    severity: Severity, events: tuple[str, ...], *, through: bool
) -> None:
    news = alert(1, Severity.WARNING, kind="order_rejected")

    assert wants(channel(severity=severity, events=events), news) is through


def test_the_same_words_are_said_again_after_the_quiet_time_and_others_at_once() -> None:
    again = [_said("t", minutes) for minutes in (0, 4, 9, 10, 19, 20)]

    assert [state for _, state in states(again, channel(quiet=QUIET))] == [
        "waiting",
        "folded",
        "folded",
        "waiting",
        "folded",
        "waiting",
    ]
    assert states([_said("t", 0), _said("other", 1)], channel(quiet=QUIET)) == [("mail", "waiting")] * 2
    assert states(again, channel()) == [("mail", "waiting")] * 6


def test_each_channel_keeps_its_own_quiet() -> None:
    told = (Told("mail", "k", "s", "t", _said("t", 0).raised_at),)

    assert states([_said("t", 5)], channel(quiet=QUIET), channel("sns", quiet=QUIET), told=told) == [
        ("mail", "folded"),
        ("sns", "waiting"),
    ]


ALERTS = st.lists(
    st.builds(
        lambda number, severity, text: alert(number, severity, text=text),
        st.integers(0, 40),
        st.sampled_from(Severity),
        st.sampled_from("ab"),
    ),
    unique_by=lambda one: one.id,
)


@given(ALERTS, st.sampled_from(Severity), st.integers(0, 30))
def test_of_words_said_in_any_quiet_time_one_is_told_and_none_is_lost(
    alerts: list[Alert], severity: Severity, minutes: int
) -> None:
    rules = channel(severity=severity, quiet=timedelta(minutes=minutes))
    one_subject = [_about(one) for one in alerts]
    planned = route(one_subject, [rules], [])
    by_id = {one.id: one for one in one_subject}

    assert {one.alert_id for one in planned} == {one.id for one in one_subject if wants(rules, one)}
    assert planned == route(reversed(one_subject), [rules], [])
    told = [by_id[one.alert_id] for one in planned if one.state == "waiting"]
    for one in planned:
        folded = by_id[one.alert_id]
        near = [
            each
            for each in told
            if each.text == folded.text and timedelta() <= folded.raised_at - each.raised_at < rules.quiet
        ]
        assert (one.state == "folded") <= bool(near)
        assert (one.state == "waiting") <= (len([each for each in near if each.id != folded.id]) == 0)


@given(st.integers(1, 10_000))
def test_a_channel_that_goes_on_failing_rests_longer_up_to_a_quarter_of_an_hour(failures: int) -> None:
    assert timedelta(seconds=15) <= rest_after(failures) <= rest_after(failures + 1) <= timedelta(minutes=15)


def _said(text: str, minutes: int) -> Alert:
    return _about(alert(minutes, text=text))


def _about(one: Alert) -> Alert:
    return Alert(id=one.id, kind=one.kind, severity=one.severity, subject="s", text=one.text, raised_at=one.raised_at)
