"""Aggregation of all tickers at once, held to that of one and to the formulas told signal by signal."""

import math
from collections import defaultdict
from datetime import timedelta
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, strategies as st

from stonks.model.signal import HalfLife, Layer, WeightedSignal
from stonks.model.trend import Trend
from stonks.model.weights import LearnedWeights
from stonks.stages.aggregation.core import layout
from stonks.stages.aggregation.core.columns import MarketColumns, coded, coded_market, columns_of
from stonks.stages.aggregation.core.layout import greatest, lay_out
from stonks.stages.aggregation.core.table import SUPPRESSIONS, TrendTable, aggregate
from stonks.stages.aggregation.core.trend import recompute
from stonks.stages.aggregation.core.weights import LAYERS, PRIOR, WINDOWS, Weights
from tests.fakes.plain_aggregation import figures
from tests.fakes.signals import NOW, make_signal

DAY = timedelta(days=1)
unit = st.just(0.0) | st.floats(1e-6, 1.0)
signals = st.builds(
    make_signal,
    st.integers(1, 10**9),
    ticker=st.sampled_from(["AAPL", "DELL", "UNH"]),
    layer=st.sampled_from(Layer),
    source=st.sampled_from(["Reuters", "Wire", "Blog", "Herald"]),
    cluster_id=st.integers(1, 5).map(lambda number: UUID(int=number)),
    event_type=st.sampled_from(["product", "earnings_beat"]),
    direction=st.floats(-1.0, 1.0),
    strength=unit,
    confidence=unit,
    credibility=st.floats(0.1, 1.5),
    novelty=unit,
    quality=unit,
    relevance=unit,
    half_life=st.sampled_from(HalfLife),
    known_at=st.floats(-1.0, 95.0).map(lambda days: NOW - days * DAY),
)
markets = st.lists(signals, max_size=40, unique_by=lambda signal: signal.id)
weights = st.sampled_from([PRIOR, Weights.of(LearnedWeights(version="learned-1", macro=0.9, competitive=0.1))])


def market_of(some: list[WeightedSignal], withdrawn: frozenset[UUID] = frozenset()) -> MarketColumns:
    columns = columns_of(some)
    ticker = {str(signal.id): signal.ticker for signal in some}
    gone = {str(each) for each in withdrawn}
    return MarketColumns(
        **{name: getattr(columns, name) for name in columns.__struct_fields__},
        ticker=[ticker[each] for each in columns.id],
        withdrawn_at=[(NOW - DAY).timestamp() if each in gone else None for each in columns.id],
    )


def by_ticker(some: list[WeightedSignal]) -> dict[str, list[WeightedSignal]]:
    """What was known by NOW, as the store would select it for each ticker."""
    found: defaultdict[str, list[WeightedSignal]] = defaultdict(list)
    for signal in some:
        known = timedelta() <= NOW - signal.known_at <= 90 * DAY
        found[signal.ticker] += [signal] * known
    return dict(found)


def row(table: TrendTable, ticker: str, at: int) -> dict[str, float]:
    number = table.tickers.index(ticker)
    evidence = table.evidence
    return {
        "weight": evidence.weight[number, at],
        "score": table.score[number, at],
        "n_eff": table.n_eff[number, at],
        "positive": evidence.positive[number, at],
        "negative": evidence.negative[number, at],
        "contradiction": table.contradiction[number, at],
        "p_sign": table.p_sign[number, at],
        "top_share": evidence.top_share[number, at],
        "age": (NOW.timestamp() - evidence.newest[number, at]) / WINDOWS[at].length.total_seconds(),
        **{layer.value: table.layer_scores[number, at, place] for place, layer in enumerate(LAYERS)},
    }


@given(markets, weights)
def test_the_arrays_say_what_the_formulas_say_signal_by_signal(some: list[WeightedSignal], by: Weights) -> None:
    table = aggregate(coded_market(market_of(some)), NOW, by)

    for ticker, own in by_ticker(some).items():
        for at, window in enumerate(WINDOWS):
            assert row(table, ticker, at) == pytest.approx(figures(own, NOW, window, by), abs=1e-9, nan_ok=False)


@given(markets, weights)
def test_all_tickers_at_once_have_the_trends_that_each_has_alone(some: list[WeightedSignal], by: Weights) -> None:
    table = aggregate(coded_market(market_of(some)), NOW, by)

    for ticker, own in by_ticker(some).items():
        for at, trend in enumerate(recompute(ticker, columns_of(own), NOW, {}, by).trends):
            assert_same(table, at, trend)


def assert_same(table: TrendTable, at: int, trend: Trend) -> None:
    number = table.tickers.index(trend.ticker)
    named = ("score", "strength", "confidence", "p_sign", "contradiction", "contradiction_entropy", "n_eff")
    for name in named:
        assert getattr(table, name)[number, at] == pytest.approx(getattr(trend, name), abs=1e-9)
    assert (table.momentum[number], table.acceleration[number]) == pytest.approx((trend.momentum, trend.acceleration))
    held = [name for name, holds in zip(SUPPRESSIONS, table.suppressed[number, at], strict=True) if holds]
    assert tuple(held) == trend.suppressions
    newest = -math.inf if trend.newest_known_at is None else trend.newest_known_at.timestamp()
    assert table.evidence.newest[number, at] == newest


@given(markets, st.floats(0.0, 60.0))
def test_a_layout_that_is_kept_says_of_an_earlier_instant_what_was_known_then(
    some: list[WeightedSignal], days: float
) -> None:
    then = NOW - days * DAY
    kept = lay_out(coded_market(market_of(some)))
    known = [signal for signal in some if signal.known_at <= then]
    alone = aggregate(coded_market(market_of(known)), then)

    table = aggregate(kept, then)

    for number, ticker in enumerate(alone.tickers):
        ours = table.tickers.index(ticker)
        assert table.score[ours] == pytest.approx(alone.score[number], abs=1e-9)
        assert table.confidence[ours] == pytest.approx(alone.confidence[number], abs=1e-9)


def test_what_was_withdrawn_counts_no_more() -> None:
    good, bad = make_signal(1), make_signal(2, direction=-1.0)

    table = aggregate(coded_market(market_of([good, bad], withdrawn=frozenset({bad.id}))), NOW)

    assert table.contradiction[0].max() == 0.0
    assert table.score[0].min() > 0.0


def test_a_block_holds_whole_tickers_and_is_closed_once_it_is_full() -> None:
    tickers = ["A", "B", "C", "D"]
    many = [make_signal(n, ticker=tickers[n % 4]) for n in range(1, 4 * layout.BLOCK // 2 + 1)]

    blocks = lay_out(coded_market(market_of(many))).blocks

    assert [(block.tickers.start, block.tickers.stop) for block in blocks] == [(0, 2), (2, 4)]
    assert sum(block.order.size for block in blocks) == len(many)


def test_numbers_over_sixteen_bits_are_sorted_as_well() -> None:
    signals = coded("AAPL", columns_of(make_signal(n) for n in (1, 2, 3)))
    object.__setattr__(signals, "story", np.array([70_000, 5, 200_000]))

    (block,) = lay_out(signals).blocks

    assert block.order.tolist() == [1, 0, 2]


@given(st.lists(st.lists(st.floats(0, 9), min_size=1, max_size=9), min_size=1, max_size=20))
def test_the_greatest_of_each_number_is_found_and_zero_where_there_is_none(lists: list[list[float]]) -> None:
    values = np.array([value for each in lists for value in each])
    numbers = np.repeat(np.arange(len(lists)), [len(each) for each in lists])

    assert greatest(numbers, values, len(lists) + 1).tolist() == [*(max(each) for each in lists), 0.0]
