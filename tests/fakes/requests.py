"""Orders that people ask for on a trading floor, and what they say to those that wait."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from stonks.model.approval import ApprovalAnswer
from stonks.model.errors import Unreachable
from stonks.model.job import Job
from stonks.model.market import Price
from stonks.model.order import OrderType, Side
from stonks.model.order_request import Asker, OrderRequest, OrderVerdict
from stonks.model.recommendation import Mode
from stonks.ports.bundle import Ports
from stonks.risk.policies import active_policy, propose_policy, version_of
from stonks.risk.policy import MODERATE
from stonks.risk.policy_body import body_of
from stonks.stages.trading.approvals import Approvals
from stonks.stages.trading.overrides import Overrides
from tests.fakes.broker import FaultyBroker
from tests.fakes.floor import ELEVEN, TODAY, TradingFloor
from tests.fakes.ports import some_ports
from tests.fakes.work import FakeWork

ANN, BOB = "ann", "bob"


class SilentBroker(FaultyBroker):
    """Tells no price."""

    async def price(self, ticker: str, now: datetime) -> Price | None:
        raise Unreachable(f"no price of {ticker} at {now}")


def request(**changes: Any) -> OrderRequest:  # noqa: ANN401 - fields of a request
    """Forty shares of AAPL at the market, asked for by a person."""
    forty = OrderRequest(
        intent_id="key-0001",
        account="paper",
        mode=Mode.PAPER,
        source=Asker.MANUAL,
        ticker="AAPL",
        side=Side.BUY,
        quantity=Decimal(40),
        type=OrderType.MARKET,
    )
    return msgspec.structs.replace(forty, **changes)


def floor_ports(floor: TradingFloor) -> Ports:
    return some_ports(store=floor.store, broker=floor.broker, queue=floor.marks)


async def open_floor(floor: TradingFloor) -> None:
    """Count the account once, as the broker stage does before the first session."""
    await floor.book(TODAY.opens_at)


async def ask_above(floor: TradingFloor, share: float) -> None:
    """Have a person asked about entries above a share of equity, by a new version of the policy."""
    limits = msgspec.structs.replace(MODERATE.limits, approval_share={"paper": share})
    body = body_of(msgspec.structs.replace(MODERATE, limits=limits))
    seen = version_of(await active_policy(floor.store, "moderate"))
    async with floor.store.transaction() as transaction:
        await propose_policy(transaction, "moderate", body, seen, ANN, "ask first")


async def place(
    floor: TradingFloor, asked: OrderRequest, who: str = ANN, at: datetime = ELEVEN
) -> tuple[OrderVerdict, Sequence[Job]]:
    """Place an order by hand; return the answer and the jobs that followed."""
    overrides, work = Overrides(floor_ports(floor)), FakeWork[None](floor.store, None, at)
    placing = await overrides.judge(asked, who, at)
    async with work.commit() as commit:
        verdict = await overrides.place(commit, placing, "because", None)
    return verdict, work.followed


async def say(floor: TradingFloor, approval: UUID, who: str, *, allow: bool = True, at: datetime = ELEVEN) -> None:
    """Answer an approval."""
    answer = ApprovalAnswer(approval=approval, allow=allow, who=who, reason="I looked at it", at=at)
    async with floor.store.transaction() as transaction:
        await Approvals(floor_ports(floor)).answer(transaction, answer)
