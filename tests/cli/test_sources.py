"""What ``stonks sources`` prints."""

from datetime import UTC, datetime, timedelta
from typing import Any

from stonks.cli.sources_text import sources_as_text
from stonks.model.standing import Overview

NOW = datetime(2025, 4, 7, 12, tzinfo=UTC)


def overview(**changes: Any) -> Overview:  # noqa: ANN401 - whatever the field takes
    plain: dict[str, Any] = {
        "name": "edgar",
        "adapter": "edgar",
        "cadence": timedelta(minutes=3),
        "closed_cadence": timedelta(minutes=10),
        "freshness_slo": timedelta(minutes=15),
        "cursor": "c1",
        "due_at": NOW + timedelta(minutes=2),
        "age_seconds": 60.0,
        "late": False,
    }
    return Overview(**plain | changes)


def test_a_source_is_a_line_with_its_cadences_and_one_with_its_figures() -> None:
    assert sources_as_text([overview()], NOW).splitlines() == [
        "edgar  fresh  adapter edgar, every 3 min (10 min when the market is closed), last success 60 s ago",
        "  freshness 15 min, failures in a row 0, next in 2 min, cursor c1",
    ]


def test_what_keeps_a_source_back_is_said_below_it() -> None:
    told = sources_as_text(
        [overview(stopped="set A", last_error="Refused: no\x1b[2J", age_seconds=None, cursor=None)], NOW
    ).splitlines()

    assert told[0].startswith("edgar  stopped  ")
    assert told[0].endswith("no success yet")
    assert told[1].endswith("next never, cursor none")
    assert told[2:] == ["  stopped: set A", "  last error: Refused: no\\x1b[2J"]


def test_a_state_is_one_word() -> None:
    states = {
        "running": overview(running_since=NOW),
        "paused": overview(paused=True),
        "failing": overview(failures=1),
        "late": overview(late=True),
    }

    assert {sources_as_text([one], NOW).split()[1] for one in states.values()} == set(states)


def test_who_is_asked_for_comes_at_once_and_who_is_due_at_the_next_look() -> None:
    assert "next at once: somebody asked" in sources_as_text([overview(asked_at=NOW, paused=True)], NOW)
    assert "next at the scheduler's next look" in sources_as_text([overview(due_at=NOW)], NOW)


def test_no_sources_are_said_so() -> None:
    assert sources_as_text([], NOW) == "no sources"
