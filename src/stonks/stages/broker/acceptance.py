"""Compares the books when a person asks, and books differences that he accepts."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from stonks.model.audit import AuditEntry
from stonks.model.errors import Refused
from stonks.model.identity import external_order_id
from stonks.model.order import Position
from stonks.model.reconciliation import Comparison, Discrepancy
from stonks.ports.audit import append_audit
from stonks.ports.broker import Account, Execution
from stonks.ports.bundle import Ports
from stonks.ports.store import Transaction
from stonks.stages.broker.adjusting import refold
from stonks.stages.broker.booking import Booking
from stonks.stages.broker.core.correction import correction
from stonks.stages.broker.core.difference import Kind, Outcome
from stonks.stages.broker.reconciler import Reconciler

_CORRECTED = {Kind.POSITION, Kind.ORDER}


class ReconciliationDesk:
    """What people may ask of one account's reconciliation."""

    def __init__(self, ports: Ports) -> None:
        """Compare and correct the books of the settings' account."""
        self._store = ports.store
        self._broker = ports.broker
        self._account = ports.settings.account
        self._booking = Booking(self._account)
        self._reconciler = Reconciler(ports)

    async def compare(self, now: datetime) -> Comparison:
        """Compare once, as the broker stage does, and return what was found.

        Raises:
            Transient: the broker did not answer.
        """
        look = await self._reconciler.look(now)
        found = await self._store.rows(Discrepancy, "reconciliation.diffs", run_id=look.run)
        return Comparison(run=look.run, outcome=look.outcome, differences=tuple(found))

    async def accept(self, run: UUID, reason: str, who: str, now: datetime) -> Comparison:
        """Take the broker's word for the differences of a run, on record, and return them.

        Positions become what the broker says, by a trade at what its shares cost on average where it says so; an order
        that nobody could explain counts as ended.

        Raises:
            Refused: there is no such run or nothing in it to accept, it was accepted, or the books have moved since.
            Transient: the broker did not answer.
        """
        if not reason.strip():
            raise Refused("a difference is accepted for a reason")
        theirs = await self._broker.account(now)
        async with self._store.transaction() as transaction:
            await transaction.value("reconciliation.lock", account=self._account)
            outcome = await transaction.value("reconciliation.outcome", account=self._account, id=run)
            found = await transaction.rows(Discrepancy, "reconciliation.diffs", run_id=run)
            if outcome is None or outcome == Outcome.ACCEPTED:
                raise Refused(f"{run} is no run of {self._account} that can be accepted")
            await self._take(transaction, run, found, theirs, now)
            await transaction.run("reconciliation.accept", id=run)
            entry = AuditEntry(
                at=now,
                actor=who,
                action="reconciliation.accept",
                object=str(run),
                before={each.subject: str(each.ours) for each in found},
                after={each.subject: str(each.theirs) for each in found},
                reason=reason,
            )
            await append_audit(transaction, entry)
        return Comparison(run=run, outcome=Outcome.ACCEPTED, differences=tuple(found))

    async def _take(
        self, transaction: Transaction, run: UUID, found: Sequence[Discrepancy], theirs: Account, now: datetime
    ) -> None:
        taken = [each for each in found if each.kind in _CORRECTED]
        if not taken:
            raise Refused(f"nothing of {run} can be accepted: it takes positions and orders, not {_kinds(found)}")
        rows = await transaction.rows(Position, "broker.positions", account=self._account)
        positions = {held.ticker: held for held in rows}
        for each in taken:
            if each.kind == Kind.ORDER:
                await transaction.run(
                    "reconciliation.explain", account=self._account, client_order_id=each.subject, now=now
                )
                continue
            held = positions.get(each.ticker)
            if (held.quantity if held else Decimal(0)) != each.ours or theirs.positions.get(
                each.ticker, 0
            ) != each.theirs:
                raise Refused(f"the books of {each.ticker} have moved since {run}: compare them again")
            await self._correct(
                transaction, correction(run, each, held, theirs.average_prices.get(each.ticker), now), now
            )

    async def _correct(self, transaction: Transaction, trade: Execution, now: datetime) -> None:
        """Book a trade that nobody has told of, as one of an order that is not ours."""
        order = external_order_id(self._account, trade.client_order_id)
        await self._booking.correct(transaction, order, trade, now)
        await refold(transaction, self._account, [trade.ticker], now)


def _kinds(found: Sequence[Discrepancy]) -> str:
    return ", ".join(sorted({each.kind for each in found})) or "nothing"
