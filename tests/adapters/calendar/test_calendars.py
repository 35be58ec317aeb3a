import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from stonks.adapters.calendar import open_calendar
from stonks.model.errors import Refused, SettingError
from stonks.ports.calendar import Calendar

SESSIONS = """\
day,opens_at,closes_at
2024-12-24,2024-12-24T14:30:00Z,2024-12-24T18:00:00Z
2024-12-26,2024-12-26T14:30:00Z,2024-12-26T21:00:00Z
2025-03-10,2025-03-10T13:30:00Z,2025-03-10T20:00:00Z
"""

# exchange_calendars uses what pandas has announced to change
pandas_warns = pytest.mark.filterwarnings("ignore::Warning:pandas", "ignore::Warning:exchange_calendars")


@pytest.fixture(params=["xnys", "tape"])
def calendar(request: pytest.FixtureRequest, tmp_path: Path) -> Calendar:
    (tmp_path / "sessions.csv").write_text(SESSIONS)
    return open_calendar("xnys:" if request.param == "xnys" else f"tape://{tmp_path}")


@pandas_warns
def test_a_half_day_closes_early_and_a_holiday_is_no_session(calendar: Calendar) -> None:
    sessions = calendar.sessions(date(2024, 12, 24), date(2024, 12, 26))

    assert [session.day for session in sessions] == [date(2024, 12, 24), date(2024, 12, 26)]
    assert sessions[0].closes_at == datetime(2024, 12, 24, 18, tzinfo=UTC)


@pandas_warns
def test_sessions_are_in_utc_across_the_change_of_clocks(calendar: Calendar) -> None:
    winter, summer = (calendar.sessions(day, day)[0] for day in (date(2024, 12, 26), date(2025, 3, 10)))

    assert (winter.opens_at.hour, summer.opens_at.hour) == (14, 13)


def test_opening_a_calendar_does_not_import_pandas() -> None:
    opening = "from stonks.adapters.calendar import open_calendar; open_calendar('xnys:')"
    program = f"import sys; {opening}; print('pandas' in sys.modules)"

    assert (
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "False\n"
    )


def test_a_tape_without_sessions_says_so(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"sessions\.csv is missing"):
        open_calendar(f"tape://{tmp_path}")


def test_an_unknown_calendar_is_a_setting_error() -> None:
    with pytest.raises(SettingError, match="xlon"):
        open_calendar("xlon:")
