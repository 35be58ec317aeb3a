"""What people may do to an account in one transaction each, on record and with an alert: the row is the truth."""

from typing import TYPE_CHECKING
from uuid import UUID

import msgspec

from stonks.model.alert import Alert
from stonks.model.audit import AuditEntry
from stonks.model.control import Command, Leaving, Outcome, Recalled, Wish
from stonks.model.errors import Conflict, Refused
from stonks.ports.audit import append_audit
from stonks.ports.halt_file import is_halted_by
from stonks.ports.recall import recall
from stonks.ports.stage import Commit, Work
from stonks.ports.store import Transaction
from stonks.ports.surrender import give_up
from stonks.risk.facts import TradingState
from stonks.stages.trading.core.control import (
    ControlState,
    after,
    control_alert,
    flat_alert,
    order_asked_alert,
    saying,
)

if TYPE_CHECKING:  # a child of the pool does without pydantic
    from stonks.settings import Settings


_RELEASES = "reconciliation"
"""Who ends a halt of its own by itself: one that a person asks for meanwhile is the person's."""


class _Target(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    ticker: str
    leg: str
    status: str
    cancel_requested: str | None
    ended: bool


class _UnderWay(msgspec.Struct, frozen=True):
    sending: int
    leaving: int


class Controls:
    """Pauses, resumes, halts, flattens and rearms an account, takes orders back, gives positions up; all repeatable."""

    def __init__(self, settings: "Settings") -> None:
        """Control the account of these settings."""
        self._account = settings.account
        self._halt_file = settings.halt_file

    async def carry_out(self, commit: Commit, command: Command, wish: Wish) -> Outcome:
        """Do what was asked and return where the account stands; asked for again, it changes nothing more.

        Raises:
            Refused: the command makes no sense where the account stands.
        """
        standing = await self._standing(commit, wish)
        if command in {Command.RESUME, Command.REARM} and is_halted_by(self._halt_file):
            raise Refused(f"the file {self._halt_file.name} in the data directory halts the account: remove it first")
        state, halts = after(standing, command, wish)
        takes_over = command is Command.HALT and standing.changed_by == _RELEASES
        changed = takes_over or (state, halts) != (standing.state, standing.halts_when_flat)
        if changed:
            await self._change(commit, state, wish, halts_when_flat=halts)
        flattens = command is Command.FLATTEN or (command is Command.HALT and wish.flatten)
        recalled = await self._recall_entries(commit, wish) if flattens or wish.cancel_orders else 0
        given_up = 0
        if flattens:
            given_up = await self._give_up(commit, await commit.rows(str, "controls.held", account=self._account), wish)
        outcome = await self._outcome(commit, standing, recalled)
        if changed or recalled or given_up:
            await self._tell(commit, control_alert(command, self._account, wish, outcome.meaning))
            await self._record(commit, f"trading.{command}", self._account, wish, (standing, outcome))
        return outcome

    async def cancel(self, commit: Commit, order: UUID, wish: Wish) -> Recalled:
        """Ask for an order to be taken back; it may still trade until the broker says that it is.

        Raises:
            Refused: there is no such order, it has ended, or it is the stop of a position.
        """
        found = await commit.row(_Target, "controls.order", id=order, account=self._account)
        if found is None:
            raise Refused(f"there is no order {order}")
        if found.ended:
            raise Refused(f"order {order} has ended: it is {found.status}")
        if found.leg == "stop":
            raise Refused(f"order {order} protects {found.ticker}: close the position instead, its stop goes with it")
        changed = found.cancel_requested is None
        if changed:
            await recall(commit, [order], _why(wish), wish.now)
            await self._tell(commit, order_asked_alert("order_cancel_asked", found.ticker, order, wish))
            await self._record(commit, "order.cancel", str(order), wish, ({"status": found.status}, None))
        return Recalled(order_id=order, ticker=found.ticker, status=found.status, changed=changed)

    async def close(self, commit: Commit, ticker: str, wish: Wish) -> Leaving:
        """Have all that is held of a company sold at the market, its stops taken back first.

        Raises:
            Refused: nothing of it is held, or the account is halted, so that nothing would be sold.
        """
        standing = await self._standing(commit, wish)
        if ticker not in await commit.rows(str, "controls.held", account=self._account):
            raise Refused(f"nothing of {ticker} is held")
        if standing.state is TradingState.HALTED:
            raise Refused("the account is halted, so nothing would be sold: flatten it, or rearm it first")
        changed = await self._give_up(commit, [ticker], wish) > 0
        if changed:
            await self._tell(commit, order_asked_alert("position_close_asked", ticker, ticker, wish))
            await self._record(commit, "position.close", ticker, wish, (None, None))
        return Leaving(ticker=ticker, changed=changed)

    async def settle(self, work: Work[None]) -> None:
        """Halt an account that was to halt once it is flat, and is."""
        wish = Wish(by="stonks", reason="flat, as was asked", now=work.now, request_id=work.now.isoformat())
        async with work.commit() as commit:
            standing = await self._standing(commit, wish)
            left = await commit.rows(str, "controls.held", account=self._account)
            if not standing.halts_when_flat or standing.state is TradingState.HALTED or left:
                return  # a halt of reconciliation's ends first: this one is a person's, and is to outlast it
            kept = msgspec.structs.replace(
                wish, reason=standing.reason or wish.reason, by=standing.changed_by or wish.by
            )
            await self._change(commit, TradingState.HALTED, kept, halts_when_flat=False)
            await self._tell(commit, flat_alert(self._account, work.now))
            await self._record(commit, "trading.flat", self._account, wish, (standing, {"state": TradingState.HALTED}))

    async def _standing(self, transaction: Transaction, wish: Wish) -> ControlState:
        """Return where the account stands; nobody changes it, and no order is claimed, until the transaction ends."""
        await transaction.run("controls.begin", account=self._account, now=wish.now)
        standing = await transaction.row(ControlState, "controls.standing", account=self._account)
        if standing is None:
            raise Conflict(f"the account {self._account} is gone")
        return standing

    async def _change(
        self, transaction: Transaction, state: TradingState, wish: Wish, *, halts_when_flat: bool
    ) -> None:
        await transaction.run(
            "controls.change",
            account=self._account,
            state=state,
            halts_when_flat=halts_when_flat,
            by=wish.by,
            reason=wish.reason,
            now=wish.now,
        )

    async def _recall_entries(self, commit: Commit, wish: Wish) -> int:
        entries = await commit.rows(UUID, "controls.entries", account=self._account)
        return await recall(commit, entries, _why(wish), wish.now)

    async def _give_up(self, commit: Commit, tickers: list[str], wish: Wish) -> int:
        return await give_up(commit, self._account, tickers, wish.reason, wish.by, wish.now)

    async def _outcome(self, transaction: Transaction, was: ControlState, recalled: int) -> Outcome:
        now = await transaction.row(ControlState, "controls.standing", account=self._account) or was
        under_way = await transaction.row(_UnderWay, "controls.under_way", account=self._account) or _UnderWay(0, 0)
        breakers = tuple(await transaction.rows(str, "controls.open_breakers"))
        return Outcome(
            account=self._account,
            before=was.state,
            state=now.state,
            changed=(now.state, now.halts_when_flat) != (was.state, was.halts_when_flat),
            halts_when_flat=now.halts_when_flat,
            changed_by=now.changed_by,
            reason=now.reason,
            recalled=recalled,
            leaving=under_way.leaving,
            sending=under_way.sending,
            breakers=breakers,
            meaning=saying(now, under_way.leaving, breakers),
        )

    async def _tell(self, transaction: Transaction, alert: Alert) -> None:
        await transaction.run("alerts.raise_all", alerts=[alert])

    async def _record(
        self, transaction: Transaction, action: str, subject: str, wish: Wish, change: tuple[object, object]
    ) -> None:
        before, after_it = (None if side is None else msgspec.to_builtins(side) for side in change)
        entry = AuditEntry(
            at=wish.now,
            actor=wish.by,
            action=action,
            object=subject,
            before=before,
            after=after_it,
            reason=wish.reason,
            request_id=wish.request_id,
        )
        await append_audit(transaction, entry)


def _why(wish: Wish) -> str:
    return f"{wish.by}: {wish.reason}"
