"""No sequence of calls exceeds a cap, overspends, or submits after a halt; ``--operations N`` for longer lives."""

import asyncio
import sys
from functools import partial

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.system.account_life import AccountLife
from tests.system.account_place import Place

STEPS = 40
"""Of one life."""
SHARE = 16
"""Operations on the queue that cost as much as one step here."""

HAPPENS = """orders sent executions fills 200 409 412 428 approved NOT_SHORTABLE BREAKER_OPEN
REDUCE_ONLY TRADING_HALTED NEEDS_APPROVAL consumed""".split()
"""What any run comes to, for lives in which nothing happens prove nothing."""


def test_no_sequence_exceeds_a_cap_overspends_or_submits_after_a_halt(
    database_url: str, redis_url: str, pytestconfig: pytest.Config, capsys: pytest.CaptureFixture[str]
) -> None:
    steps = pytestconfig.getoption("--operations") // SHARE
    with asyncio.Runner() as runner:
        place = Place(runner)
        runner.run(place.open(database_url, redis_url))
        try:
            live(place, steps)
        finally:
            runner.run(place.close())
    with capsys.disabled():
        sys.stdout.write("\n".join(["", *(f"{times:7,} {what}" for what, times in sorted(place.seen.items())), ""]))
    assert not [what for what in HAPPENS if not place.seen[what]]


def live(place: Place, steps: int) -> None:
    """Live lives of so many steps together, the same ones everywhere."""
    run_state_machine_as_test(
        partial(AccountLife, place),  # type: ignore[arg-type] # any callable that makes one is taken
        settings=settings(
            max_examples=max(steps // STEPS, 1),
            stateful_step_count=STEPS,
            derandomize=True,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
