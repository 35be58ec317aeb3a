from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta

import pytest

from stonks.model.errors import Conflict, Refused
from stonks.ports.broker import Account
from stonks.risk.breaker_view import Reset, ResetDone
from stonks.stages.broker.resets import BreakerDesk
from tests.fakes.broker import FaultyBroker
from tests.fakes.floor import TODAY, TradingFloor, after

NOON = TODAY.opens_at + timedelta(hours=3)


async def reset(floor: TradingFloor, kind: str, scope: str = "global", reason: str = "looked at it") -> ResetDone:
    desk = BreakerDesk(floor.store, "paper", "moderate")
    async with floor.store.transaction() as transaction:
        return await desk.reset(transaction, Reset(scope=scope, kind=kind, by="ann", reason=reason, now=NOON))


async def fall(floor: TradingFloor) -> None:
    """Count an account that lost a tenth of its day's start, a sixth of its best and a tenth over the week."""
    await floor.book(after(-6).opens_at)
    await floor.database.rows("UPDATE portfolio_snapshots SET equity = 112000")
    await floor.book(TODAY.opens_at)
    await floor.database.rows("UPDATE trading_state SET high_water_mark = 120000, day_start_equity = 112000")
    await floor.database.rows(
        "UPDATE portfolio_snapshots SET as_of = as_of - interval '1 second' WHERE equity < 112000"
    )
    await floor.database.rows("UPDATE trading_state SET counted_cursor = 'none'")
    await floor.book(TODAY.opens_at + timedelta(minutes=1))


async def states(floor: TradingFloor) -> dict[str, str]:
    return {row["kind"]: row["state"] for row in await floor.all("breakers")}


ALL = ("DAILY_FLATTEN", "DAILY_LOSS", "DRAWDOWN", "WEEKLY_LOSS")


@pytest.mark.parametrize("kinds", [(kind,) for kind in ALL] + [ALL])
async def test_a_reset_closes_one_breaker_leaves_the_others_and_what_it_measured_is_over(
    floor: TradingFloor, kinds: Sequence[str]
) -> None:
    await fall(floor)
    assert await states(floor) == dict.fromkeys(ALL, "open")

    for kind in kinds:
        await reset(floor, kind)
    await floor.book(TODAY.closes_at)

    closed = {*kinds, *({"DAILY_LOSS", "DAILY_FLATTEN"} if kinds[0].startswith("DAILY") else ())} & set(kinds)
    assert await states(floor) == {kind: "closed" if kind in closed else "open" for kind in ALL}


class Meanwhile(FaultyBroker):
    """A broker during whose answer to the n-th question about the account a person resets a breaker."""

    def __init__(self, floor: TradingFloor, kind: str, question: int) -> None:
        super().__init__(floor.broker)
        self._floor, self._kind, self._question = floor, kind, question

    async def account(self, now: datetime) -> Account:
        self._question -= 1
        if self._question == 0:
            await reset(self._floor, self._kind)
        return await super().account(now)


@pytest.mark.parametrize("question", [1, 2])
@pytest.mark.parametrize("kind", ALL)
async def test_a_reset_while_the_account_is_counted_is_not_undone_by_that_count(
    floor: TradingFloor, kind: str, question: int
) -> None:
    await fall(floor)
    floor.renew(Meanwhile(floor, kind, question))

    for _ in range(2):
        with suppress(Conflict):
            await floor.book(TODAY.closes_at)

    assert await states(floor) == {each: "closed" if each == kind else "open" for each in ALL}


async def test_what_trips_anew_after_a_reset_opens_again(floor: TradingFloor) -> None:
    await fall(floor)
    await reset(floor, "DRAWDOWN")
    await floor.database.rows("UPDATE trading_state SET high_water_mark = 130000")
    await floor.book(TODAY.closes_at)
    assert (await states(floor))["DRAWDOWN"] == "open"


async def test_a_reset_is_on_record_with_who_and_why_and_says_what_it_means(floor: TradingFloor) -> None:
    await fall(floor)

    done = await reset(floor, "DRAWDOWN")

    assert "no longer from its best before" in done.means
    assert "changes no position and no order" in done.means
    (entry,) = await floor.all("audit")
    assert (entry["actor"], entry["action"], entry["object"]) == ("ann", "breaker.reset", "global/DRAWDOWN")
    assert (entry["reason"], entry["before"]["state"], entry["after"]["state"]) == ("looked at it", "open", "closed")
    (alert,) = [row for row in await floor.all("alerts") if row["kind"] == "breaker_reset"]
    assert alert["text"] == "ann reset DRAWDOWN for the whole account: looked at it"
    row = next(row for row in await floor.all("breakers") if row["kind"] == "DRAWDOWN")
    assert row["reset_by"] == "ann"


async def test_a_reset_does_not_buy_back_what_is_being_given_up(floor: TradingFloor) -> None:
    await fall(floor)
    await floor.database.insert(
        "position_exits",
        {"account": "paper", "ticker": "AAPL", "reason": "DAILY_FLATTEN", "asked_by": "breaker", "asked_at": NOON},
    )
    await reset(floor, "DAILY_FLATTEN")
    (row,) = await floor.all("position_exits")
    assert row["done_at"] is None


@pytest.mark.parametrize(
    ("kind", "scope", "reason", "why"),
    [
        ("DRAWDOWN", "ticker:AAPL", "why not", "has ever opened"),
        ("NO_SUCH", "global", "why not", "has ever opened"),
        ("LOSS_STREAK", "strategy", "why not", "nothing to reset"),
        ("DRAWDOWN", "global", "  ", "needs a reason"),
    ],
)
async def test_what_is_not_open_is_not_reset_and_nothing_is_recorded(
    floor: TradingFloor, kind: str, scope: str, reason: str, why: str
) -> None:
    await fall(floor)
    row = {"scope": "strategy", "kind": "LOSS_STREAK", "state": "closed"}
    await floor.database.insert("breakers", row)

    with pytest.raises(Refused, match=why):
        await reset(floor, kind, scope, reason)

    assert await floor.all("audit") == []
