import math
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, strategies as st

from stonks.risk.facts import Results
from stonks.risk.policy import AGGRESSIVE, CONSERVATIVE, MODERATE, POLICIES
from stonks.risk.sizing import SizeInput, believed_payoff, size

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


@pytest.mark.parametrize(("tier", "chance"), [("conservative", 0.53), ("moderate", 0.55), ("aggressive", 0.57)])
def test_a_cautious_tier_doubts_a_probability_more(tier: str, chance: float) -> None:
    sized = size(changed(probability=0.57, probability_low=0.55), POLICIES[tier].sizes)
    assert sized.steps["probability"] == pytest.approx(chance)


@pytest.mark.parametrize(
    ("results", "payoff"),
    [
        (None, 1.0),
        (Results(trades=0, payoff=None), 1.0),
        (Results(trades=50, payoff=2.0), 1.5),
        (Results(trades=150, payoff=0.6), 0.7),
        (Results(trades=50, payoff=math.nan), 1.0),
    ],
)
def test_closed_trades_move_the_payoff_as_far_as_there_are_many(results: Results | None, payoff: float) -> None:
    assert believed_payoff(results, MODERATE.sizes) == pytest.approx(payoff)


def test_what_a_name_has_already_is_not_bought_again() -> None:
    more = size(changed(held=0.01), MODERATE.sizes)
    assert (more.quantity, [clamp.code for clamp in more.clamps]) == (Decimal(20), ["HELD"])
    assert size(changed(held=0.025), MODERATE.sizes).refusal == "NEAR_TARGET"
    assert size(changed(held=0.05), MODERATE.sizes).refusal == "NEAR_TARGET"


def test_a_commission_takes_from_the_risk_that_a_stop_allows() -> None:
    dear = msgspec.structs.replace(MODERATE.sizes, commission=0.05)
    wide = changed(atr=30.0)
    assert size(wide, dear).weight == pytest.approx(0.9 * size(wide, MODERATE.sizes).weight)


@pytest.mark.parametrize("field", ["probability", "probability_low", "contradiction"])
@pytest.mark.parametrize("value", [-0.1, 1.1])
def test_a_share_outside_its_range_gives_no_size(field: str, value: float) -> None:
    assert size(changed(**{field: value}), MODERATE.sizes).refusal == "SIZE_DATA_MISSING"


CODES = ["ADV_CAP", "NAME_CAP", "SECTOR_CAP", "GROSS_CAP", "NET_CAP", "CORR_HIGH", "INSUFFICIENT_BP", "PROBE"]
SHARE = st.floats(0, 1)
INPUTS = st.builds(
    SizeInput,
    probability=st.floats(0.55, 0.9) | st.floats(0.45, 0.6),
    probability_low=st.floats(0.54, 0.9),
    contradiction=st.floats(0, 0.3) | SHARE,
    volatility=st.floats(0.01, 3),
    atr=st.floats(0.01, 20),
    price=st.floats(1, 500),
    equity=st.floats(10_000, 1e6),
    names=st.integers(1, 40),
    held=st.just(0.0) | st.floats(0, 0.01),
    results=st.none() | st.builds(Results, trades=st.integers(0, 500), payoff=st.none() | st.floats(0.5, 4)),
    share=st.sampled_from([1.0, 0.5]),
    caps=st.dictionaries(st.sampled_from(CODES), st.floats(0.001, 0.1) | st.floats(0, 0.5), max_size=3),
)
POLICY = st.sampled_from(sorted(POLICIES))


def riskier(given: SizeInput, factor: float) -> dict[str, SizeInput]:
    """The same entry with more risk in one input: a factor from 0 to 1 says how much more."""
    more = {name: getattr(given, name) * (1 + 2 * factor) for name in ("volatility", "atr", "held")}
    chance, low = given.probability or 0.0, given.probability_low or 0.0
    results = given.results
    if results is not None and results.payoff is not None:
        results = msgspec.structs.replace(results, payoff=results.payoff * (1 - 0.9 * factor))
    return {
        **{name: msgspec.structs.replace(given, **{name: value}) for name, value in more.items()},
        "names": msgspec.structs.replace(given, names=given.names + round(40 * factor)),
        "contradiction": msgspec.structs.replace(
            given, contradiction=(given.contradiction or 0) + factor * (1 - (given.contradiction or 0))
        ),
        "lower bound": msgspec.structs.replace(given, probability_low=low * (1 - factor)),
        "probability": msgspec.structs.replace(
            given, probability=chance * (1 - factor), probability_low=low * (1 - factor)
        ),
        "equity": msgspec.structs.replace(given, equity=(given.equity or 0) * (1 - 0.99 * factor)),
        "payoff": msgspec.structs.replace(given, results=results),
        "share": msgspec.structs.replace(given, share=given.share * (1 - factor)),
        "caps": msgspec.structs.replace(given, caps={code: cap * (1 - factor) for code, cap in given.caps.items()}),
        "one cap more": msgspec.structs.replace(given, caps=given.caps | {"PROBE": 0.5 * (1 - factor)})
        if "PROBE" not in given.caps
        else given,
    }


@given(INPUTS, POLICY, SHARE)
def test_more_risk_in_any_input_never_makes_an_order_larger(given: SizeInput, tier: str, factor: float) -> None:
    sizes = POLICIES[tier].sizes
    quantity = size(given, sizes).quantity
    larger = [name for name, worse in riskier(given, factor).items() if size(worse, sizes).quantity > quantity]
    assert larger == []


@given(INPUTS, POLICY)
def test_no_size_exceeds_a_cap_or_what_its_risk_allows(given: SizeInput, tier: str) -> None:
    sizes = POLICIES[tier].sizes
    sized = size(given, sizes)
    spent = float(sized.quantity) * (given.price or 0) / (given.equity or 1)
    dust = 1e-9 * (given.price or 0) / (given.equity or 1) + 1e-12
    assert all(spent <= cap + dust for cap in given.caps.values())
    if sized.quantity:
        lost = (given.held + spent) * sized.steps["stop_distance"] / (given.price or 1)
        assert lost <= sizes.risk_per_trade + dust
        assert given.held + spent <= sized.steps["kelly_share"] + dust
        assert spent * (given.equity or 0) >= sizes.min_notional - 1e-6


@given(INPUTS, POLICY)
def test_the_clamps_tell_how_the_size_came_down_step_by_step(given: SizeInput, tier: str) -> None:
    sized = size(given, POLICIES[tier].sizes)
    order = ["VOL_TARGET", "STOP_RISK", *given.caps, "CONTRADICTION", "WEEKLY_LOSS", "HELD"]
    codes = [clamp.code for clamp in sized.clamps]
    assert codes == [code for code in order if code in codes]
    assert all(clamp.after < clamp.before for clamp in sized.clamps)
    if sized.refusal in {"SIZE_DATA_MISSING", "NO_EDGE"}:
        assert codes == []
        return
    weights = [sized.steps["kelly_share"], *(clamp.after for clamp in sized.clamps)]
    assert [clamp.before for clamp in sized.clamps] == weights[:-1]
    assert sized.steps["weight"] == max(0.0, weights[-1])


@given(INPUTS, POLICY)
def test_a_recorded_cap_really_bound(given: SizeInput, tier: str) -> None:
    sizes = POLICIES[tier].sizes
    sized = size(given, sizes)
    for clamp in sized.clamps:
        if clamp.code in given.caps:
            looser = {code: cap for code, cap in given.caps.items() if code != clamp.code}
            free = size(msgspec.structs.replace(given, caps=looser), sizes)
            assert clamp.after == pytest.approx(given.held + given.caps[clamp.code])
            assert free.quantity >= sized.quantity
