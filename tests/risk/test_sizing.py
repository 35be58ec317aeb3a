import math
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, strategies as st

from stonks.risk.policy import AGGRESSIVE, CONSERVATIVE, MODERATE, POLICIES
from stonks.risk.sizing import SizeInput, size

GOOD = SizeInput(
    probability=0.57,
    probability_low=0.56,
    contradiction=0.0,
    volatility=0.25,
    atr=2.0,
    price=100.0,
    equity=100_000.0,
    names=1,
    caps={"NAME_CAP": 0.05},
)


def changed(**fields: object) -> SizeInput:
    return msgspec.structs.replace(GOOD, **fields)


def test_an_entry_takes_a_quarter_of_kelly_on_the_lower_probability() -> None:
    sized = size(GOOD, MODERATE.sizes)
    assert sized.steps["kelly"] == pytest.approx(0.12)
    assert (sized.quantity, sized.clamps, sized.refusal) == (Decimal(30), (), None)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"caps": {"NAME_CAP": 0.01}}, "NAME_CAP"),
        ({"volatility": 9.0}, "VOL_TARGET"),
        ({"atr": 30.0}, "STOP_RISK"),
        ({"contradiction": 0.2}, "CONTRADICTION"),
    ],
)
def test_every_bound_that_binds_is_recorded_with_what_it_left(fields: dict[str, Any], code: str) -> None:
    sized = size(changed(**fields), MODERATE.sizes)
    assert [clamp.code for clamp in sized.clamps] == [code]
    assert sized.clamps[-1].before == pytest.approx(0.03)
    assert sized.clamps[-1].after == pytest.approx(sized.weight)
    assert sized.weight < 0.03


@pytest.mark.parametrize("field", ["probability_low", "contradiction", "volatility", "atr", "price", "equity"])
@pytest.mark.parametrize("value", [None, math.nan, math.inf])
def test_an_unknown_input_gives_no_size(field: str, value: float | None) -> None:
    sized = size(changed(**{field: value}), MODERATE.sizes)
    assert (sized.quantity, sized.refusal) == (Decimal(0), "SIZE_DATA_MISSING")


def test_no_edge_gives_no_size_and_too_small_a_size_is_none() -> None:
    assert size(changed(probability_low=0.5), MODERATE.sizes).refusal == "NO_EDGE"
    assert size(changed(caps={"NAME_CAP": 0.0009}), MODERATE.sizes).refusal == "BELOW_MIN"
    assert size(changed(price=50_000.0, atr=1000.0), MODERATE.sizes).refusal == "BELOW_MIN"


def test_a_bolder_tier_takes_more() -> None:
    quantities = [size(GOOD, policy.sizes).quantity for policy in (CONSERVATIVE, MODERATE, AGGRESSIVE)]
    assert quantities == [Decimal(10), Decimal(30), Decimal(50)]


INPUTS = st.builds(
    SizeInput,
    probability_low=st.floats(0.3, 0.7),
    contradiction=st.floats(0, 1),
    volatility=st.floats(0.01, 3),
    atr=st.floats(0.01, 50),
    price=st.floats(1, 2000),
    equity=st.floats(1000, 1e7),
    names=st.integers(1, 40),
    caps=st.dictionaries(st.sampled_from(["NAME_CAP", "SECTOR_CAP", "GROSS_CAP", "ADV_CAP"]), st.floats(0, 0.5)),
)
POLICY = st.sampled_from(sorted(POLICIES))


@given(INPUTS, POLICY, st.floats(1, 3), st.sampled_from(["volatility", "atr", "names", "contradiction"]))
def test_more_risk_never_makes_an_order_larger(given: SizeInput, tier: str, factor: float, field: str) -> None:
    sizes = POLICIES[tier].sizes
    more = getattr(given, field) * factor
    worse = msgspec.structs.replace(given, **{field: min(1.0, more) if field == "contradiction" else more})
    assert size(worse, sizes).quantity <= size(given, sizes).quantity


@given(INPUTS, POLICY, st.floats(0, 1))
def test_less_room_or_less_chance_never_makes_an_order_larger(given: SizeInput, tier: str, factor: float) -> None:
    sizes = POLICIES[tier].sizes
    tighter = msgspec.structs.replace(given, caps={code: cap * factor for code, cap in given.caps.items()})
    unlikelier = msgspec.structs.replace(given, probability_low=(given.probability_low or 0) * factor)
    assert size(tighter, sizes).quantity <= size(given, sizes).quantity
    assert size(unlikelier, sizes).quantity <= size(given, sizes).quantity


@given(INPUTS, POLICY)
def test_no_size_exceeds_a_cap(given: SizeInput, tier: str) -> None:
    sized = size(given, POLICIES[tier].sizes)
    spent = float(sized.quantity) * (given.price or 0) / (given.equity or 1)
    assert all(spent <= cap + 1e-9 for cap in given.caps.values())
    assert spent <= 1
