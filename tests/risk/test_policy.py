import pytest

from stonks.risk.policy import AGGRESSIVE, CONSERVATIVE, MODERATE, POLICIES


def test_a_bolder_tier_allows_no_less() -> None:
    for cautious, bold in ((CONSERVATIVE, MODERATE), (MODERATE, AGGRESSIVE)):
        assert cautious.limits.name_cap <= bold.limits.name_cap
        assert cautious.limits.gross_cap <= bold.limits.gross_cap
        assert cautious.limits.min_confidence >= bold.limits.min_confidence
        assert cautious.limits.min_sources >= bold.limits.min_sources
        assert cautious.limits.orders_a_day <= bold.limits.orders_a_day
        assert cautious.sizes.kelly_share <= bold.sizes.kelly_share
        assert cautious.sizes.doubt >= bold.sizes.doubt
        assert cautious.breakers.drawdown >= bold.breakers.drawdown


@pytest.mark.parametrize("tier", sorted(POLICIES))
def test_a_tiers_defaults_are_its_first_version(tier: str) -> None:
    assert (POLICIES[tier].tier, POLICIES[tier].version) == (tier, f"{tier}-1")
