"""Which version of a tier is in force: the newest of its rows in ``policy_versions``, which are only ever added to."""

from collections.abc import Mapping

import msgspec

from stonks.model.errors import Conflict
from stonks.ports.store import Reader, Store, Transaction
from stonks.risk.policy import POLICIES, Policy
from stonks.risk.policy_body import PolicyRefused, body_of, completed, policy_of

DEFAULT = "default"
"""The author of what nobody has chosen."""


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    version: int
    body: dict[str, object]
    author: str


async def active_policy(store: Store, tier: str) -> Policy:
    """Return the policy of a tier that is in force now; a change takes effect the next time somebody asks.

    A tier without a row gets its defaults as version 1. Where a release changed defaults that nobody overrode, or
    brought a new field, that becomes a version of its own: the version with a decision always leads to its numbers.
    """
    kept = await _newest(store, tier)
    if kept is None or _due(tier, kept) != kept.body:
        async with store.transaction() as transaction:
            await _keep(transaction, tier, kept)
        kept = await _newest(store, tier)
    if kept is None:
        raise Conflict(f"policy_versions: no row of {tier}")
    return policy_of(tier, kept.version, kept.body)


async def propose_policy(
    transaction: Transaction, tier: str, body: Mapping[str, object], seen_version: int, author: str, reason: str
) -> Policy:
    """Put a body in force as a tier's next version and return it as a policy.

    Raises:
        PolicyRefused: the tier does not exist, or a field of the body is unknown, missing or out of its range.
        Conflict: ``seen_version`` is not the version in force.
    """
    if tier not in POLICIES:
        raise PolicyRefused("tier", f"expected one of {', '.join(sorted(POLICIES))}")
    policy = policy_of(tier, seen_version + 1, body)
    added = await _add(transaction, tier, seen_version, (body_of(policy), author, reason))
    if not added:
        raise Conflict(f"version {seen_version} of {tier} is not in force any more")
    return policy


def version_of(policy: Policy) -> int:
    """Return the number of a policy's version: what a change of it must have seen."""
    return int(policy.version.rpartition("-")[2])


def _due(tier: str, kept: _Kept) -> dict[str, object]:
    default = POLICIES[tier]
    return body_of(default) if kept.author == DEFAULT else completed(kept.body, default)


async def _keep(transaction: Transaction, tier: str, kept: _Kept | None) -> None:
    """Add the row that is due; somebody who was first has added the same one."""
    if kept is None:
        await _add(transaction, tier, 0, (body_of(POLICIES[tier]), DEFAULT, "the defaults"))
    else:
        row = (_due(tier, kept), kept.author, "what this release changed or brought")
        await _add(transaction, tier, kept.version, row)


async def _newest(reader: Reader, tier: str) -> _Kept | None:
    return await reader.row(_Kept, "policies.newest", tier=tier)


async def _add(transaction: Transaction, tier: str, seen: int, row: tuple[Mapping[str, object], str, str]) -> int:
    body, author, reason = row
    return await transaction.run("policies.add", tier=tier, seen=seen, body=body, author=author, reason=reason)
