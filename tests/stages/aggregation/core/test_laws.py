"""The laws of signals.md 4.6 as they hold, with and without stories that many tell and a cap on sources (ADR 14)."""

import math
from datetime import timedelta
from uuid import UUID

import msgspec
import pytest
from hypothesis import given, strategies as st

from stonks.model.signal import HalfLife, Layer, WeightedSignal
from stonks.model.trend import Trend
from stonks.stages.aggregation.core.columns import columns_of
from stonks.stages.aggregation.core.trend import Outlook, recompute
from stonks.stages.aggregation.core.weights import PRIOR, WINDOWS, Weights
from tests.fakes.signals import NOW, make_signal

DAY = timedelta(days=1)
FREE = msgspec.structs.replace(PRIOR, version="no cap on sources", source_cap=1.0)
SOURCES = ["Reuters", "Wire", "Blog", "Herald"]

unit = st.floats(0.05, 1.0)
signals = st.builds(
    make_signal,
    st.integers(1, 10**9),
    layer=st.sampled_from(Layer),
    source=st.sampled_from(SOURCES),
    cluster_id=st.integers(1, 6).map(lambda number: UUID(int=number)),
    event_type=st.sampled_from(["product", "earnings_beat"]),
    direction=st.floats(-1.0, 1.0),
    strength=unit,
    confidence=unit,
    credibility=st.floats(0.1, 1.5),
    novelty=st.floats(0.0, 1.0),
    half_life=st.sampled_from(HalfLife),
    known_at=st.floats(0.0, 80.0).map(lambda days: NOW - days * DAY),
)
told = st.lists(signals, max_size=20, unique_by=lambda signal: signal.id)
told_once = st.lists(signals, max_size=20, unique_by=lambda signal: signal.id).map(
    lambda some: [msgspec.structs.replace(signal, cluster_id=signal.id) for signal in some]
)
many = told | told_once
weights = st.sampled_from([PRIOR, FREE])


def outlook(some: list[WeightedSignal], by: Weights = PRIOR) -> Outlook:
    return recompute("AAPL", columns_of(some), NOW, {}, by)


@given(many, weights, st.randoms(use_true_random=False))
def test_the_order_of_signals_changes_nothing(some: list[WeightedSignal], by: Weights, random: object) -> None:
    shuffled = list(some)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert outlook(shuffled, by) == outlook(some, by)


@given(many, weights)
def test_a_signal_delivered_twice_counts_once(some: list[WeightedSignal], by: Weights) -> None:
    assert outlook([*some, *some], by) == outlook(some, by)


@given(many, weights)
def test_turning_every_signal_around_turns_every_score_around(some: list[WeightedSignal], by: Weights) -> None:
    turned = [msgspec.structs.replace(signal, direction=-signal.direction) for signal in some]

    for one, other in zip(outlook(some, by).trends, outlook(turned, by).trends, strict=True):
        assert other.score == pytest.approx(-one.score, abs=1e-12)
        assert other.confidence == pytest.approx(one.confidence, abs=1e-9)
        assert other.contradiction == pytest.approx(one.contradiction, abs=1e-9)


@given(many, weights, st.floats(0.1, 0.9))
def test_weighing_everything_less_is_the_same_as_a_heavier_prior(
    some: list[WeightedSignal], by: Weights, part: float
) -> None:
    less = [msgspec.structs.replace(signal, credibility=signal.credibility * part) for signal in some]
    lighter = msgspec.structs.replace(by, prior_weight=by.prior_weight * part)

    for one, other, pulled in zip(
        outlook(some, by).trends, outlook(less, lighter).trends, outlook(less, by).trends, strict=True
    ):
        assert figures(other) == pytest.approx(figures(one), abs=1e-9)
        assert abs(pulled.score) <= abs(one.score) + 1e-12


def figures(trend: Trend) -> list[float]:
    """What does not depend on how much all of it weighs."""
    return [trend.score, trend.p_sign, trend.confidence, trend.contradiction, trend.n_eff, trend.source_share]


def agreeing(trend: Trend, strength: float, source: str) -> WeightedSignal:
    """A new story that wholly agrees with a trend."""
    return make_signal(10**10, direction=math.copysign(1.0, trend.score), strength=strength, source=source)


@given(many, unit, st.sampled_from([*SOURCES, "a new voice"]), st.sampled_from(range(len(WINDOWS))))
def test_a_new_story_that_wholly_agrees_never_weakens_a_trend_whose_sources_are_not_capped(
    some: list[WeightedSignal], strength: float, source: str, at: int
) -> None:
    before = outlook(some, FREE).trends[at]

    after = outlook([*some, agreeing(before, strength, source)], FREE).trends[at]

    assert after.score * math.copysign(1.0, before.score) >= abs(before.score) - 1e-9


@given(many, st.floats(0.0, 1.0), st.sampled_from(range(len(WINDOWS))))
def test_nor_one_whose_sources_are_if_its_own_stays_under_the_cap(
    some: list[WeightedSignal], part: float, at: int
) -> None:
    before, all_said = outlook(some).trends[at], outlook(some, FREE).trends[at].weight
    at_most = PRIOR.source_cap / (1.0 - PRIOR.source_cap) * all_said
    story = agreeing(before, min(1.0, part * at_most), "a new voice")

    after = outlook([*some, story]).trends[at]

    assert after.score * math.copysign(1.0, before.score) >= abs(before.score) - 1e-9


def test_a_capped_source_that_agrees_more_weakens_a_trend_where_one_that_disagrees_is_capped_too() -> None:
    # 10 against 9 and 1: 8 against 8 and 1 once capped. With 5 more from the second: 10 against 10 and 1.
    def flood(source: str, first: int, count: int, direction: float = 1.0) -> list[WeightedSignal]:
        return [make_signal(first + n, source=source, direction=direction) for n in range(count)]

    some = [*flood("Blog", 1, 10, -1.0), *flood("Wire", 100, 9), *flood("Herald", 200, 1)]

    before, after = (outlook([*some, *more]).trends[0].score for more in ([], flood("Wire", 300, 5)))

    assert (before, after) == pytest.approx((1 / 17.2, 1 / 21.2))


def test_an_agreeing_report_of_a_story_that_disagrees_makes_the_story_louder() -> None:
    # Two against one. Told by a second, the one weighs 1.104 and still says nearly the same.
    story = {"cluster_id": UUID(int=9)}
    some = [*(make_signal(n) for n in (1, 2)), make_signal(9, direction=-1.0, **story)]
    report = make_signal(10, strength=0.01, **story)

    before, after = (outlook([*some, *more], FREE).trends[0].score for more in ([], [report]))

    assert 0.0 < after < before
