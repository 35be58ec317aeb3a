import asyncio
from typing import Any

import asyncpg
import pytest

from stonks.adapters.store.postgres import PostgresStore
from stonks.model.errors import Conflict
from stonks.risk.policies import active_policy, propose_policy, version_of
from stonks.risk.policy import MODERATE, POLICIES, Policy
from stonks.risk.policy_body import PolicyRefused, body_of


def tighter(name_cap: float = 0.02) -> dict[str, Any]:
    body: Any = body_of(MODERATE)
    body["limits"]["name_cap"] = name_cap
    return dict(body)


async def propose(store: PostgresStore, body: dict[str, Any], seen: int, tier: str = "moderate") -> Policy:
    async with store.transaction() as transaction:
        return await propose_policy(transaction, tier, body, seen, "ann", "less in one name")


async def kept(database_url: str) -> list[tuple[Any, ...]]:
    connection = await asyncpg.connect(database_url)
    try:
        rows = await connection.fetch(
            "SELECT tier, version, author, reason FROM policy_versions ORDER BY tier, version"
        )
        return [tuple(row) for row in rows]
    finally:
        await connection.close()


@pytest.mark.parametrize("tier", sorted(POLICIES))
async def test_a_tier_that_nobody_changed_has_its_defaults_as_version_one(
    store: PostgresStore, database_url: str, tier: str
) -> None:
    assert await active_policy(store, tier) == POLICIES[tier]
    assert await active_policy(store, tier) == POLICIES[tier]
    assert await kept(database_url) == [(tier, 1, "default", "the defaults")]


async def test_a_change_is_in_force_at_once_for_its_tier_alone(store: PostgresStore, database_url: str) -> None:
    before = await active_policy(store, "moderate")
    made = await propose(store, tighter(), version_of(before))
    after = await active_policy(store, "moderate")
    assert (after, after.version, after.limits.name_cap) == (made, "moderate-2", 0.02)
    assert await active_policy(store, "aggressive") == POLICIES["aggressive"]
    assert (await kept(database_url))[-1] == ("moderate", 2, "ann", "less in one name")


async def test_whoever_saw_an_older_version_changes_nothing(store: PostgresStore) -> None:
    await active_policy(store, "moderate")
    await propose(store, tighter(), 1)
    for seen in (0, 1, 3):
        with pytest.raises(Conflict):
            await propose(store, tighter(0.01), seen)
    assert (await active_policy(store, "moderate")).limits.name_cap == 0.02


async def test_of_two_changes_at_once_one_holds(store: PostgresStore) -> None:
    await active_policy(store, "moderate")
    outcomes = await asyncio.gather(
        propose(store, tighter(0.02), 1), propose(store, tighter(0.01), 1), return_exceptions=True
    )
    assert sorted(isinstance(outcome, Conflict) for outcome in outcomes) == [False, True]
    assert (await active_policy(store, "moderate")).version == "moderate-2"


async def test_what_is_refused_is_not_kept(store: PostgresStore, database_url: str) -> None:
    await active_policy(store, "moderate")
    with pytest.raises(PolicyRefused, match="name_cap"):
        await propose(store, tighter(-1.0), 1)
    with pytest.raises(PolicyRefused, match="tier"):
        await propose(store, tighter(), 1, tier="reckless")
    assert len(await kept(database_url)) == 1


async def test_defaults_that_a_release_changed_become_a_version_and_what_a_person_chose_stays(
    store: PostgresStore, database_url: str
) -> None:
    older: Any = tighter(0.04)
    del older["limits"]["max_over_median"]
    async with store.transaction() as transaction:
        for tier, author in (("moderate", "ann"), ("aggressive", "default")):
            row = {"tier": tier, "seen": 0, "body": older, "author": author, "reason": "an older release"}
            await transaction.run("policies.add", **row)
    chosen, default = await active_policy(store, "moderate"), await active_policy(store, "aggressive")
    assert (chosen.version, chosen.limits.name_cap, chosen.limits.max_over_median) == ("moderate-2", 0.04, 2.0)
    assert (default.version, default.limits) == ("aggressive-2", POLICIES["aggressive"].limits)
    assert [(tier, version, author) for tier, version, author, _ in await kept(database_url)] == [
        ("aggressive", 1, "default"),
        ("aggressive", 2, "default"),
        ("moderate", 1, "ann"),
        ("moderate", 2, "ann"),
    ]


@pytest.mark.parametrize(
    "statement", ["UPDATE policy_versions SET body = '{}'", "DELETE FROM policy_versions", "TRUNCATE policy_versions"]
)
async def test_no_version_is_ever_changed(store: PostgresStore, database_url: str, statement: str) -> None:
    await active_policy(store, "moderate")
    connection = await asyncpg.connect(database_url)
    with pytest.raises(asyncpg.RaiseError, match="only grows"):
        await connection.execute(statement)
    await connection.close()
