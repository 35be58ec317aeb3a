import hashlib

import msgspec
import pytest

from stonks.risk.policy import AGGRESSIVE, CONSERVATIVE, MODERATE, POLICIES

NUMBERS = {
    "conservative-1": "6fcbecc28e57",
    "moderate-1": "d0fb5ea455f9",
    "aggressive-1": "c61a83cadefe",
}


@pytest.mark.parametrize("tier", sorted(POLICIES))
def test_no_number_changes_without_a_new_version(tier: str) -> None:
    policy = POLICIES[tier]
    digest = hashlib.sha256(msgspec.json.encode(policy, order="sorted")).hexdigest()[:12]
    assert NUMBERS.get(policy.version) == digest


def test_a_bolder_tier_allows_no_less() -> None:
    for cautious, bold in ((CONSERVATIVE, MODERATE), (MODERATE, AGGRESSIVE)):
        assert cautious.limits.name_cap <= bold.limits.name_cap
        assert cautious.limits.gross_cap <= bold.limits.gross_cap
        assert cautious.limits.min_confidence >= bold.limits.min_confidence
        assert cautious.limits.min_sources >= bold.limits.min_sources
        assert cautious.sizes.kelly_share <= bold.sizes.kelly_share
        assert cautious.breakers.drawdown >= bold.breakers.drawdown
