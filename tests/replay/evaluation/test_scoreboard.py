import dataclasses
import random
from importlib.resources import files
from pathlib import Path

import msgspec
import numpy as np
import pytest

from stonks.cli.scoreboard import as_text
from stonks.replay.build import build_djia
from stonks.replay.evaluation.bootstrap import by_day
from stonks.replay.evaluation.scoreboard import Evidence, Scoreboard, score
from tests.fakes.headlines import evidence_of
from tests.replay.evaluation.conftest import world
from tests.replay.test_build import FIRST, LAST


def column(board: Scoreboard, name: str) -> float:
    found = next(one for one in board.columns if one.name == name)
    assert found.coefficient.mean is not None
    return found.coefficient.mean


def test_skill_shows_where_it_is_and_placebos_say_nothing(skilled: Evidence) -> None:
    board = score(skilled)

    assert column(board, "overnight") > 0.3
    assert abs(column(board, "next session")) < 0.1
    assert board.sound
    for drawn in board.placebos.values():
        for placebo in (drawn.shuffled_dates, drawn.permuted_tickers, drawn.shifted_text):
            assert placebo is not None
            assert abs(placebo.mean) < 0.05
            assert placebo.beyond < 0.02
    assert board.spread is not None
    assert board.spread.gross > board.spread.net


def test_without_skill_the_real_scores_are_one_draw_among_the_placebos() -> None:
    board = score(world(skill=0.0))

    shuffled = board.placebos["overnight"].shuffled_dates
    assert shuffled is not None
    assert shuffled.beyond > 0.05
    assert shuffled.spread == pytest.approx(1 / np.sqrt(59 * 9), rel=0.3)  # one over the root of the free pairs


def test_news_that_is_dated_late_raises_the_alarm() -> None:
    late = score(world(skill=0.4, late=True))

    assert late.canary.alarm
    assert not late.sound
    assert "ALARM" in as_text(late)


def test_the_order_of_the_rows_changes_nothing(skilled: Evidence) -> None:
    mixed = dataclasses.replace(
        skilled,
        sessions=random.Random(1).sample(list(skilled.sessions), len(skilled.sessions)),
        returns=random.Random(2).sample(list(skilled.returns), len(skilled.returns)),
        said=random.Random(3).sample(list(skilled.said), len(skilled.said)),
    )

    assert msgspec.json.encode(score(mixed, draws=20)) == msgspec.json.encode(score(skilled, draws=20))


def test_a_session_more_changes_no_figure_of_those_before(skilled: Evidence) -> None:
    shorter = dataclasses.replace(skilled, sessions=skilled.sessions[:40])
    known = dataclasses.replace(
        shorter,
        said=[one for one in skilled.said if one.known_at <= shorter.sessions[-1].closes_at],
        returns=[one for one in skilled.returns if one.starts_at <= shorter.sessions[-1].opens_at],
    )

    assert msgspec.json.encode(score(known, draws=20)) == msgspec.json.encode(score(shorter, draws=20))


def test_an_empty_store_is_scored_as_nothing() -> None:
    board = score(Evidence(sessions=(), tickers=(), returns=(), said=()))

    assert board.spread is None
    assert board.probabilities is None
    assert all(one.coefficient.mean is None for one in board.columns)
    assert as_text(board)


def test_the_words_fit_a_terminal_and_promise_nothing(skilled: Evidence) -> None:
    text = as_text(score(skilled, draws=20))

    assert max(map(len, text.splitlines())) <= 120
    assert "cannot be traded" in text
    assert not {"profit", "alpha", "guarantee", "will earn"} & set(text.casefold().split())


def test_intervals_cover_what_they_are_about_as_often_as_they_say() -> None:
    draws = np.random.default_rng(9)
    covered = 0
    for number in range(200):
        sample = draws.normal(size=60)
        interval = by_day(60, lambda rows, sample=sample: sample[rows].mean(axis=1), seed=number, draws=200)  # type: ignore[misc]
        assert interval is not None
        covered += interval.low <= 0.0 <= interval.high

    assert 0.85 <= covered / 200 <= 0.99


def test_a_sample_too_small_to_tell_condemns_nothing() -> None:
    board = score(world(days=6, skill=0.0))

    shuffled = board.placebos["overnight"].shuffled_dates
    assert shuffled is not None
    assert shuffled.spread > 0.1
    assert shuffled.passed is None
    assert "too few" in as_text(board)


def test_the_bundled_tapes_placebos_say_nothing() -> None:
    board = score(evidence_of(Path(str(files("stonks.tapes"))) / "april-2025"))

    drawn = board.placebos["same session"]
    for placebo in (drawn.shuffled_dates, drawn.permuted_tickers):
        assert placebo is not None
        assert placebo.passed is not False


@pytest.mark.recorded
def test_three_recorded_months_have_sound_placebos_and_the_same_session_ic_of_the_plan(
    recorded: Path, tmp_path: Path
) -> None:
    build_djia(recorded, tmp_path / "tape", FIRST, LAST)
    board = score(evidence_of(tmp_path / "tape"))

    assert board.sound
    assert column(board, "same session") > 0.12
