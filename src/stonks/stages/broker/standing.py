"""What the account may do at the moment at which an order is claimed: its row, and a file that halts it."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import msgspec

from stonks.model.alert import Alert, Severity
from stonks.model.audit import AuditEntry
from stonks.model.errors import Conflict, Refused, Unwelcome
from stonks.model.identity import alert_id
from stonks.ports.audit import append_audit
from stonks.ports.halt_file import is_halted_by
from stonks.ports.store import Reader, Store, Transaction
from stonks.risk.evaluate import Evaluation
from stonks.risk.facts import TradingState
from stonks.risk.gates.ruling import answer
from stonks.stages.broker.core.orders import OrderRow
from stonks.stages.broker.events import tell

BY = "file:HALT"
"""Who halts the account by the file."""
HALTED = "TRADING_HALTED"
"""Why an order is not sent by an account that is halted."""


async def standing_now(transaction: Transaction, account: str, halt_file: Path, now: datetime) -> TradingState:
    """Return what an account may do; whoever changes it waits until this transaction ends.

    Ask this before any order's row is locked, as whoever halts the account locks its row first. While the halt file is
    there, the account is halted, and its row comes to say so.
    """
    if is_halted_by(halt_file):
        return await halt(transaction, account, (BY, f"the file {halt_file.name} is in the data directory"), now)
    state = await transaction.value("controls.shared", account=account)
    if state is None:
        await transaction.run("controls.begin", account=account, now=now)
        state = await transaction.value("controls.shared", account=account)
    return TradingState(state)


async def state_now(reader: Reader, account: str, halt_file: Path) -> TradingState:
    """Return what an account may do at this moment; asked right before an order goes out."""
    if is_halted_by(halt_file):
        return TradingState.HALTED
    return TradingState(await reader.value("controls.state", account=account) or TradingState.ACTIVE)


async def halt(transaction: Transaction, account: str, cause: tuple[str, str], now: datetime) -> TradingState:
    """Halt an account, by whom and for which reason, and return that it is; one that is halted stays as it is."""
    by, reason = cause
    await transaction.run("controls.begin", account=account, now=now)
    before = await transaction.value("controls.standing", account=account)
    if before is None:
        raise Conflict(f"the account {account} is gone")
    if before == TradingState.HALTED:
        return TradingState.HALTED
    await transaction.run(
        "controls.change",
        account=account,
        state=TradingState.HALTED,
        halts_when_flat=False,
        by=by,
        reason=reason,
        now=now,
    )
    alert = Alert(
        id=alert_id("trading_halted", f"{account}:{by}", now),
        kind="trading_halted",
        severity=Severity.CRITICAL,
        subject=account,
        text=f"{reason}: nothing is sent to the broker until that is over and the account rearmed",
        raised_at=now,
    )
    await tell(transaction, [alert])
    entry = AuditEntry(
        at=now,
        actor=by,
        action="trading.halt",
        object=account,
        before={"state": before},
        after={"state": TradingState.HALTED.value},
        reason=reason,
    )
    await append_audit(transaction, entry)
    return TradingState.HALTED


async def heed(store: Store, account: str, no: Refused, now: datetime) -> None:
    """Halt an account whose broker does not take its credentials; any other refusal is about one thing alone."""
    if isinstance(no, Unwelcome):
        async with store.transaction() as transaction:
            await halt(transaction, account, ("broker", str(no)), now)


def held_back(state: TradingState, order: OrderRow) -> str | None:
    """Return why an order may not go out where the account may do so much; None where it may."""
    if state is TradingState.ACTIVE or (state is TradingState.REDUCING and order.reduce_only):
        return None
    return HALTED if state is TradingState.HALTED else "REDUCE_ONLY"


def under(verdict: Evaluation, state: TradingState, order: OrderRow, now: datetime) -> Evaluation:
    """Return a verdict as it is where the account may do so much: one that was reached before may be out of date."""
    reason = held_back(state, order)
    if reason is None or verdict.primary_reason is not None:
        return verdict
    failed = answer(
        "state",
        reason,
        passed=False,
        observed=state.value,
        limit="active or reducing" if order.reduce_only else "active",
        as_of=now,
    )
    checks = tuple(failed if check.gate == failed.gate else check for check in verdict.checks)
    return msgspec.structs.replace(verdict, checks=checks, primary_reason=failed.code, quantity=Decimal(0))
