"""A world of forty sessions and thirty companies, in which one source knows what comes and another does not."""

import dataclasses
from datetime import UTC, datetime, timedelta
from functools import cache

import msgspec
import numpy as np
import pytest

from stonks.model.market import Session
from stonks.model.signal import Layer, WeightedSignal
from stonks.model.trend import Window
from stonks.model.weights import PRIOR_WEIGHTS, features_of
from stonks.stages.aggregation.core.candidate import FEWEST_OUTCOMES, Candidate, fitted, propose
from stonks.stages.aggregation.core.columns import MarketColumns, SignalColumns, columns_of
from stonks.stages.aggregation.core.history import FITTED, History, StockDay, results_of, views_of
from stonks.stages.aggregation.core.outcomes import LATENCY
from stonks.stages.aggregation.core.trend import recompute
from stonks.stages.aggregation.core.trust import Verdict
from tests.fakes.signals import make_signal

OPEN = datetime(2025, 1, 6, 14, 30, tzinfo=UTC)
DAY = timedelta(days=1)
DAYS, TICKERS = 60, tuple(f"T{number:02}" for number in range(30))


def session(number: int) -> Session:
    opens = OPEN + number * DAY
    return Session(day=opens.date(), opens_at=opens, closes_at=opens + timedelta(hours=6.5))


@cache
def world(skill: float) -> History:
    """Every morning each company has one report: half of them by a source of this skill, half by one without."""
    random = np.random.default_rng(31)
    moves = random.normal(0.0, 0.01, size=(DAYS, len(TICKERS)))
    signals: list[WeightedSignal] = []
    verdicts: list[Verdict] = []
    days: list[StockDay] = []
    for day in range(DAYS):
        now = session(day)
        for column, ticker in enumerate(TICKERS):
            move = float(moves[day, column])
            knows = column % 2 == 0
            right = random.uniform() < (0.5 + skill / 2 if knows else 0.5)
            number = day * 100 + column + 1
            one = make_signal(
                number,
                ticker=ticker,
                source="knows" if knows else "guesses",
                direction=float(np.sign(move)) * (1.0 if right else -1.0),
                strength=0.5,
                known_at=now.opens_at - timedelta(hours=2),
            )
            signals.append(one)
            days.append(StockDay(ticker=ticker, starts_at=now.opens_at, intraday=move, daily=move))
            verdicts.append(
                Verdict(
                    layer=Layer.COMPANY,
                    source=one.source,
                    event_type=one.event_type,
                    size=1.0,
                    z=move / 0.01,
                    hit=right,
                    known_at=now.closes_at,
                )
            )
    columns = columns_of(signals)
    tickers = {str(one.id): one.ticker for one in signals}
    market = MarketColumns(
        **msgspec.structs.asdict(columns),
        ticker=[tickers[str(one)] for one in columns.id],
        withdrawn_at=[None] * len(columns.id),
    )
    sessions = [session(day) for day in range(DAYS)]
    return History(sessions=sessions, tickers=TICKERS, signals=market, verdicts=verdicts, days=days)


NOW = session(DAYS - 1).closes_at


@cache
def proposed(skill: float) -> Candidate:
    return propose(world(skill), PRIOR_WEIGHTS, NOW)


def test_skill_is_learned_and_its_version_takes_the_place_of_the_prior() -> None:
    found = proposed(0.6)

    assert found.activates, found.verdict
    assert found.gain is not None
    assert found.gain.log_loss < found.gain.base_log_loss < 0.7
    assert found.learned.trust["knows"]["*"] == 1.5
    assert found.learned.trust["guesses"]["*"] <= 1.0
    assert found.learned.models[Window.D1].outcomes > FEWEST_OUTCOMES
    assert "activated" in found.verdict


def test_luck_is_kept_inactive_with_its_figures() -> None:
    found = proposed(0.0)

    assert not found.activates
    assert found.gain is not None
    assert found.gain.sessions >= 21
    assert "kept inactive" in found.verdict


def test_a_version_in_force_is_scored_on_what_it_was_not_fitted_to() -> None:
    history = world(0.6)
    first = proposed(0.6).learned
    early = msgspec.structs.replace(first, fitted_at=history.sessions[30].closes_at)

    again = propose(history, first, NOW)
    later = propose(history, early, NOW)

    assert again.gain is None
    assert "too few sessions" in again.verdict
    assert later.gain is not None
    assert later.gain.sessions == DAYS - 31 - 1  # from the first open after it was fitted, less the gap


def test_of_too_few_outcomes_there_is_no_model_and_no_verdict() -> None:
    short = dataclasses.replace(world(0.6), sessions=world(0.6).sessions[:15])

    found = propose(short, PRIOR_WEIGHTS, short.sessions[-1].closes_at)

    assert found.learned.models == {}
    assert found.gain is None
    assert not found.activates


def test_what_becomes_known_later_changes_no_fit() -> None:
    whole = world(0.6)
    until = 40
    now = whole.before(until)
    short = dataclasses.replace(
        whole,
        sessions=whole.sessions[:until],
        verdicts=[one for one in whole.verdicts if one.known_at <= now],
        days=[one for one in whole.days if one.starts_at < now],
    )

    early = fitted(short, results_of(short), until, version="v", now=now)
    late = fitted(whole, results_of(whole), until, version="v", now=now)

    assert early == late


def test_a_fit_is_the_same_every_time() -> None:
    again = propose(world(0.6), PRIOR_WEIGHTS, NOW)

    assert msgspec.json.encode(again.learned) == msgspec.json.encode(proposed(0.6).learned)


def test_the_past_is_seen_as_a_recomputation_then_would_have_seen_it() -> None:
    history = world(0.6)
    views = views_of(history, PRIOR_WEIGHTS)
    row, column = 9, 4
    now = history.sessions[row].opens_at - LATENCY
    known = [
        place
        for place, (ticker, at) in enumerate(zip(history.signals.ticker, history.signals.known_at, strict=True))
        if ticker == TICKERS[column] and at <= now.timestamp()
    ]
    fields = {name: [getattr(history.signals, name)[one] for one in known] for name in SignalColumns.__struct_fields__}
    outlook = recompute(TICKERS[column], SignalColumns(**fields), now, {})

    for place, window in enumerate(FITTED):
        (trend,) = (one for one in outlook.trends if one.window is window)
        assert views.features[row, column, place] == pytest.approx(features_of(trend), abs=1e-9)
        assert views.confidence[row, column, place] == pytest.approx(trend.confidence, abs=1e-9)


def test_results_are_from_the_open_to_the_close_that_ends_the_horizon() -> None:
    history = world(0.0)
    results = results_of(history)
    by_place = {(day.ticker, day.starts_at): day for day in history.days}
    own = [by_place["T03", one.opens_at] for one in history.sessions[10:15]]
    all_days = [[by_place[ticker, one.opens_at] for ticker in TICKERS] for one in history.sessions[10:15]]

    gain = np.prod([1 + day.intraday for day in own])  # in this world intraday and daily are the same
    market = np.prod([1 + np.mean([day.intraday for day in each]) for each in all_days])
    assert results.abnormal[10, 3, 1] == pytest.approx(gain - market)
    assert np.isnan(results.abnormal[DAYS - 4, 3, 1])
    assert results.volatility[40, 3, 1] == pytest.approx(0.01 * 5**0.5, rel=0.5)
    assert np.isnan(results.volatility[19, 3, 0])
