import random
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, strategies as st

from stonks.model.signal import Layer
from stonks.model.weights import PRIOR_WEIGHTS, LearnedWeights
from stonks.stages.aggregation.core.columns import columns_of
from stonks.stages.aggregation.core.trust import (
    FADES,
    LEAST,
    MOST,
    PRIOR_HITS,
    Record,
    Verdict,
    factor,
    layer_factors,
    of_layers,
    records_of,
    trust_of,
    trusted,
)
from tests.fakes.signals import make_signal

NOW = datetime(2025, 5, 30, 20, tzinfo=UTC)
DAY = timedelta(days=1)


def verdict(
    *, hit: bool, source: str = "wire", event: str = "product", z: float = 1.0, age: timedelta = DAY
) -> Verdict:
    return Verdict(layer=Layer.COMPANY, source=source, event_type=event, size=1.0, z=z, hit=hit, known_at=NOW - age)


def told(hits: int, misses: int, **fields: object) -> list[Verdict]:
    return [verdict(hit=number < hits, **fields) for number in range(hits + misses)]  # type: ignore[arg-type]


def test_what_nothing_is_known_of_counts_as_it_did() -> None:
    assert factor(Record().believed(PRIOR_HITS, PRIOR_HITS)) == 1.0
    assert trust_of([], NOW) == {}


def test_the_distribution_is_the_priors_outcomes_and_the_weighed_ones() -> None:
    record = Record(hits=30.0, weight=40.0)

    assert record.posterior(PRIOR_HITS) == pytest.approx((40 * 0.53 + 30) / 80)
    # the 30 % and 70 % quantiles of Beta(51.2, 28.8), drawn: .612 and .669
    drawn = np.quantile(np.random.default_rng(1).beta(51.2, 28.8, size=200_000), [0.3, 0.7])
    assert record.middle(PRIOR_HITS) == pytest.approx(tuple(drawn), abs=0.002)


@given(st.integers(0, 300), st.integers(0, 300))
def test_a_hit_more_never_lowers_trust_and_a_miss_more_never_raises_it(hits: int, misses: int) -> None:
    before = trust(hits, misses)

    assert LEAST <= before <= MOST
    assert trust(hits + 1, misses) >= before - 1e-3  # a narrower distribution may move its ends by a hair
    assert trust(hits, misses + 1) <= before + 1e-3


def trust(hits: int, misses: int) -> float:
    return factor(Record(hits, hits + misses).believed(PRIOR_HITS, PRIOR_HITS))


def test_a_few_outcomes_change_nothing_and_many_of_a_coin_take_trust_away() -> None:
    assert trust(6, 4) == 1.0
    assert trust(4, 6) == 1.0
    assert trust(500, 500) < 0.5
    assert trust(300, 200) == MOST


def test_an_outcome_counts_half_after_half_a_year_and_a_day_of_noise_hardly() -> None:
    assert verdict(hit=True, age=FADES).weight(NOW) == pytest.approx(0.5)
    assert verdict(hit=True, age=timedelta(), z=0.1).weight(NOW) == pytest.approx(0.1)
    assert verdict(hit=True, age=timedelta(), z=-4.0).weight(NOW) == pytest.approx(1.0)


def test_a_source_has_its_own_factor_for_events_of_which_enough_is_known() -> None:
    verdicts = told(30, 10, event="recall") + told(10, 30, event="product") + told(2, 1, event="outage")

    (factors,) = trust_of(verdicts, NOW).values()

    assert set(factors) == {"*", "recall", "product"}
    assert factors["recall"] > factors["*"] > factors["product"]


def test_what_is_known_later_teaches_nothing_and_the_order_does_not_matter() -> None:
    verdicts = told(20, 10) + told(3, 9, source="blog")
    later = [verdict(hit=True, age=-DAY) for _ in range(50)]
    mixed = random.Random(3).sample(verdicts + later, len(verdicts) + 50)

    assert trust_of(mixed, NOW) == trust_of(verdicts, NOW)
    assert records_of([("a", one) for one in later], NOW) == {}


def test_layers_are_worth_their_prior_times_their_factor() -> None:
    factors = layer_factors(told(40, 10), NOW)
    learned = of_layers(factors, PRIOR_WEIGHTS)

    assert learned.company == pytest.approx(PRIOR_WEIGHTS.company * factors["company"])
    assert learned.company > 1.0
    assert learned.macro == PRIOR_WEIGHTS.macro


def test_credibility_is_what_a_version_makes_of_it_within_its_bounds() -> None:
    learned = LearnedWeights(version="v", trust={"wire": {"*": 0.5, "recall": 1.4}, "blog": {"*": 0.2}})
    signals = columns_of(
        [
            make_signal(1, source="wire", credibility=1.2),
            make_signal(2, source="wire", event_type="recall", credibility=1.2),
            make_signal(3, source="blog", credibility=0.3),
            make_signal(4, source="other", credibility=0.8),
        ]
    )

    assert trusted(signals, learned).credibility == pytest.approx([0.6, 1.5, 0.1, 0.8])
    assert trusted(signals, PRIOR_WEIGHTS) is signals
    assert signals.credibility == [1.2, 1.2, 0.3, 0.8]
