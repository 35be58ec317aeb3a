import math
from typing import Any

import pytest
from hypothesis import given, strategies as st

from stonks.risk.policy import MODERATE, POLICIES
from stonks.risk.policy_body import PolicyRefused, body_of, completed, policy_of


def changed(path: str, value: object) -> dict[str, Any]:
    """The moderate body with one value in another place or form."""
    body: Any = body_of(MODERATE)
    *parts, last = path.split(".")
    place = body
    for part in parts:
        place = place[part]
    place[last] = value
    return dict(body)


@pytest.mark.parametrize("tier", sorted(POLICIES))
def test_a_body_says_all_of_a_policy(tier: str) -> None:
    assert policy_of(tier, 1, body_of(POLICIES[tier])) == POLICIES[tier]


def test_a_version_is_named_by_its_tier_and_number() -> None:
    assert policy_of("moderate", 7, body_of(MODERATE)).version == "moderate-7"


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        ("limits.name_cap", -0.01, "limits.name_cap"),
        ("limits.name_cap", 1.01, "limits.name_cap"),
        ("limits.name_cap", math.nan, "limits.name_cap"),
        ("limits.name_cap", None, "limits.name_cap"),
        ("limits.name_cap", "0.05", "limits.name_cap"),
        ("limits.name_cap", True, "limits.name_cap"),
        ("limits.name_cap", 0.26, "limits.name_cap"),
        ("limits.sector_cap", 0.9, "limits.sector_cap"),
        ("limits.net_cap", 0.9, "limits.net_cap"),
        ("limits.max_positions", 2.5, "limits.max_positions"),
        ("limits.max_age", "-PT1M", "limits.max_age"),
        ("limits.max_age", "P31D", "limits.max_age"),
        ("limits.max_age", 60, "limits.max_age"),
        ("limits.cooldown.time", "-PT1M", "limits.cooldown.time"),
        ("limits.cooldown.hours", 2, "limits.cooldown.hours"),
        ("limits.approval_share.live", 2, "limits.approval_share"),
        ("limits.nome_cap", 0.05, "limits.nome_cap"),
        ("sizes.stop_share", 0, "sizes.stop_share"),
        ("sizes.stop_share", math.inf, "sizes.stop_share"),
        ("sizes.risk_per_trade", 0.06, "sizes.risk_per_trade"),
        ("breakers.daily_loss", 0.02, "breakers.daily_loss"),
        ("breakers.daily_flatten", -0.001, "breakers.daily_flatten"),
        ("breakers.stale_after", "-PT1M", "breakers.stale_after"),
        ("tier", "moderate", "tier"),
        ("sizes", None, "sizes"),
    ],
)
def test_what_a_policy_cannot_be_is_refused_by_its_field(path: str, value: object, field: str) -> None:
    with pytest.raises(PolicyRefused) as refused:
        policy_of("moderate", 1, changed(path, value))
    assert refused.value.field == field


def test_a_missing_field_is_refused_by_its_name() -> None:
    body: Any = body_of(MODERATE)
    del body["limits"]["gross_cap"]
    with pytest.raises(PolicyRefused, match=r"limits\.gross_cap: object missing required field"):
        policy_of("moderate", 1, body)


@pytest.mark.parametrize("body", [None, [], "moderate", 1, {}])
def test_what_is_no_body_is_refused(body: object) -> None:
    with pytest.raises(PolicyRefused):
        policy_of("moderate", 1, body)


def test_a_body_of_an_older_release_is_completed_and_keeps_what_was_chosen() -> None:
    older: Any = changed("limits.name_cap", 0.02)
    del older["limits"]["gross_cap"]
    del older["sizes"]
    full = policy_of("moderate", 2, completed(older, MODERATE))
    assert full.limits.name_cap == 0.02
    assert (full.limits.gross_cap, full.sizes) == (MODERATE.limits.gross_cap, MODERATE.sizes)
    with pytest.raises(PolicyRefused):
        policy_of("moderate", 2, completed(changed("limits.of_tomorrow", 1), MODERATE))


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)
PATHS = st.sampled_from(
    ["limits", "limits.name_cap", "limits.cooldown", "limits.max_age", "sizes.payoff", "breakers.x"]
)


@given(PATHS, JSON)
def test_anything_in_a_body_is_either_a_policy_or_refused(path: str, value: object) -> None:
    try:
        policy = policy_of("moderate", 1, changed(path, value))
    except PolicyRefused:
        return
    assert policy_of("moderate", 1, body_of(policy)) == policy
