"""Compares the account's cash with what fills, fees, dividends and transfers say it should be."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import msgspec

from stonks.ports.broker import Account, Accounting, CashMove
from stonks.ports.bundle import Ports
from stonks.ports.store import Transaction
from stonks.stages.broker.core.difference import LOOKS, Books, Difference, Kind, Seen
from stonks.stages.broker.core.news import cash_alert
from stonks.stages.broker.events import tell

_OVERLAP = timedelta(days=7)


class Cash(msgspec.Struct, frozen=True, kw_only=True):
    """What is known to have moved cash in all, and since cash last agreed; None: it never was compared."""

    total: Decimal
    cash_then: Decimal | None
    cash_moved: Decimal | None
    transferred: Decimal
    """What of it the owner put in, less what was taken out."""


class Till:
    """One account's cash, where its broker tells what moves it; elsewhere it is not compared."""

    def __init__(self, ports: Ports) -> None:
        """Count the cash of the settings' account."""
        self._store = ports.store
        self._broker = ports.broker if isinstance(ports.broker, Accounting) else None
        self._account = ports.settings.account

    async def moves(self, now: datetime) -> Sequence[CashMove]:
        """Return what moved cash lately without a trade, known or not.

        Raises:
            Transient: the broker did not answer.
        """
        if self._broker is None:
            return ()
        newest = await self._store.value("reconciliation.moved_since", account=self._account)
        return await self._broker.cash_moves(None if newest is None else newest - _OVERLAP, now)

    async def keep(self, moves: Sequence[CashMove]) -> None:
        """Book what moved cash, each once."""
        if moves:
            async with self._store.transaction() as transaction:
                await transaction.run("reconciliation.add_moves", account=self._account, moves=moves)

    async def added(self, books: Books) -> Books:
        """Return books with what is known of cash."""
        if self._broker is None:
            return books
        known = await self._store.row(Cash, "reconciliation.cash", account=self._account)
        if known is None:
            return books
        return msgspec.structs.replace(books, cash_then=known.cash_then, cash_moved=known.cash_moved)

    async def transferred(self) -> Decimal | None:
        """Return what transfers had brought when cash last agreed; None where that is not known."""
        if self._broker is None:
            return None
        brought: Decimal | None = await self._store.value("reconciliation.transferred", account=self._account)
        return brought

    async def settle(
        self,
        transaction: Transaction,
        theirs: Account,
        found: Sequence[Difference],
        seen: Mapping[tuple[str, str], Seen],
        now: datetime,
    ) -> None:
        """Measure from here on where cash agrees, or where it has not for three looks: then with an alert."""
        off = next((each for each in found if each.kind is Kind.CASH), None)
        if self._broker is None or (off is not None and seen[off.kind, off.subject].looks < LOOKS):
            return
        known = await transaction.row(Cash, "reconciliation.cash", account=self._account)
        if known is None:
            return
        await transaction.run(
            "reconciliation.anchor",
            account=self._account,
            cash=theirs.cash,
            moved=known.total,
            transferred=known.transferred,
            now=now,
        )
        if off is not None:
            await tell(transaction, [cash_alert(self._account, off.ours, off.theirs, now)])
