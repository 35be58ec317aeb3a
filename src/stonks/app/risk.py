"""Risk verdicts, approvals and orders by hand, for the API and for commands."""

from datetime import datetime
from typing import TYPE_CHECKING

from stonks.model.approval import Approval, ApprovalAnswer
from stonks.model.order_request import OrderRequest, OrderVerdict
from stonks.model.recommendation import Mode
from stonks.ports.bundle import Ports

if TYPE_CHECKING:
    from stonks.stages.trading.approvals import Approvals
    from stonks.stages.trading.overrides import Overrides
    from stonks.stages.trading.verdicts import Verdicts


def account_mode(ports: Ports) -> Mode:
    """Return whose money the account of the settings trades.

    Raises:
        SettingError: the switches of real money do not agree.
    """
    from stonks.stages.trading.verdicts import mode_of

    return mode_of(ports.settings)


def open_verdicts(ports: Ports) -> "Verdicts":
    """Return what judges orders that somebody asks about."""
    from stonks.stages.trading.verdicts import Verdicts

    return Verdicts(ports)


def open_overrides(ports: Ports) -> "Overrides":
    """Return what places orders by hand."""
    from stonks.stages.trading.overrides import Overrides

    return Overrides(ports)


def open_approvals(ports: Ports) -> "Approvals":
    """Return what waits for a person."""
    from stonks.stages.trading.approvals import Approvals

    return Approvals(ports)


async def evaluate_order(ports: Ports, request: OrderRequest, asked_by: str, now: datetime) -> OrderVerdict:
    """Return what every gate says to an order, kept before it is returned; nothing is placed.

    Raises:
        Malformed: the request makes no sense.
        Refused: it is for another account.
        Conflict: the same key was used for another request.
        Unreachable: something that has to be known cannot be: take it for a no.
    """
    verdicts = open_verdicts(ports)
    judged = await verdicts.judge(request, asked_by, now)
    async with ports.store.transaction() as transaction:
        return await verdicts.keep(transaction, judged.verdict) or judged.verdict


async def answer_approval(ports: Ports, answer: ApprovalAnswer) -> Approval:
    """Let something pass once, or never, and return it as it stands then.

    Raises:
        Refused: there is no such approval, it is decided or its time is over, or this person may not allow it.
    """
    async with ports.store.transaction() as transaction:
        return await open_approvals(ports).answer(transaction, answer)
