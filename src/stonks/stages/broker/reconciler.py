"""Compares our books with the broker's, repairs what can be explained, and stops what cannot (trading.md 3.7)."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from stonks.model.errors import Transient
from stonks.model.identity import input_hash, recon_run_id
from stonks.model.order import Position
from stonks.ports.broker import BrokerOrder, Execution, Hinting
from stonks.ports.bundle import Ports
from stonks.ports.store import Reader, Transaction
from stonks.stages.broker.adjusting import refold
from stonks.stages.broker.booking import Booking
from stonks.stages.broker.core.difference import (
    Action,
    Books,
    Difference,
    Finding,
    Outcome,
    Seen,
    Tally,
    again,
    differences,
    halted,
    judged,
    outcome_of,
)
from stonks.stages.broker.core.inference import inferred
from stonks.stages.broker.mismatches import Mismatches
from stonks.stages.broker.till import Till

EVERY = timedelta(seconds=60)
"""How often the books are compared with those of a broker elsewhere, if nothing asks for it sooner."""

_LATELY = timedelta(minutes=1)
_OVERLAP = timedelta(days=1)
_TRIED = {Action.INFER, Action.REREAD}


class Stirred(msgspec.Struct, frozen=True):
    """When the position in a ticker was last written."""

    ticker: str
    at: datetime


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One comparison, or several in a row that found the same: a row of ``recon_runs``."""

    id: UUID
    started_at: datetime
    ended_at: datetime
    outcome: Outcome
    error: str | None
    looks: int
    findings_hash: str


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one comparison."""

    run: UUID
    outcome: Outcome
    findings: Sequence[Finding]

    @property
    def summary(self) -> str:
        """What differs, in one line."""
        return "; ".join(
            f"{each.kind} of {each.subject}: ours {each.ours}, theirs {each.theirs}"
            for each in (finding.difference for finding in self.findings)
        )


class Reconciler:
    """Reconciles one account. A query that fails ends the run: nothing but that is written, and nothing is flat."""

    def __init__(self, ports: Ports) -> None:
        """Compare the books of the settings' account."""
        self._store = ports.store
        self._broker = ports.broker
        self._account = ports.settings.account
        self._booking = Booking(self._account)
        self._mismatches = Mismatches(ports)
        self._till = Till(ports)
        self._elsewhere = isinstance(ports.broker, Hinting)
        self._looked: datetime | None = None
        self._unsettled = False

    def is_due(self, now: datetime, *, stirred: bool) -> bool:
        """Return whether to compare now: at the start, when something happened, and while something is not settled.

        A broker elsewhere is compared with every minute besides; one whose books are in this database is not.
        """
        if self._looked is None or stirred or self._unsettled:
            return True
        return self._elsewhere and now - self._looked >= EVERY

    async def look(self, now: datetime) -> Look:
        """Compare once, do what the differences ask for, and keep what was found.

        Raises:
            Transient: the broker did not answer; the run is kept as failed.
        """
        try:
            look = await self._look(now)
        except Transient as error:
            self._unsettled = True
            await self._fail(str(error), now)
            raise
        self._looked, self._unsettled = now, look.outcome is not Outcome.OK
        return look

    async def _look(self, now: datetime) -> Look:
        reports = await self._broker.orders(now)
        theirs = await self._broker.account(now)
        await self._till.keep(await self._till.moves(now))
        found = differences(await self._till.added(await self._books(self._store, reports)), theirs, reports)
        seen = await self._seen(found, now)
        findings: Sequence[Finding] = judged(found, seen, await self._stirred(now), now) if found else ()
        executions = await self._read_again(findings, now)
        async with self._store.transaction() as transaction:
            brought = await self._repair(transaction, executions, findings, reports, now) if findings else False
            await self._remember(transaction, seen, findings)
            await self._till.settle(transaction, theirs, found, seen, now)
            findings = halted(findings, brought=brought)
            changed = await self._mismatches.settle(transaction, findings, now)
            run, outcome = await self._keep(transaction, findings, now)
        await self._mismatches.show(changed)
        return Look(run=run, outcome=outcome, findings=findings)

    # -------------------------------------------------------------------------------------------- what is so

    async def _books(self, reader: Reader, reports: Sequence[BrokerOrder]) -> Books:
        names = sorted({report.client_order_id for report in reports if report.filled_quantity is not None})
        return Books(
            positions=await reader.rows(Position, "broker.positions", account=self._account),
            tallies=await reader.rows(Tally, "reconciliation.tallies", account=self._account, client_order_ids=names),
        )

    async def _seen(self, found: Sequence[Difference], now: datetime) -> dict[tuple[str, str], Seen]:
        if not found:
            return {}
        rows = await self._store.rows(Seen, "reconciliation.seen", account=self._account)
        known = {(row.kind, row.subject): row for row in rows}
        return {(each.kind, each.subject): again(known.get((each.kind, each.subject)), each, now) for each in found}

    async def _stirred(self, now: datetime) -> dict[str, datetime]:
        rows = await self._store.rows(Stirred, "reconciliation.stirred", account=self._account, since=now - _LATELY)
        return {row.ticker: row.at for row in rows}

    async def _read_again(self, findings: Sequence[Finding], now: datetime) -> Sequence[Execution]:
        """Return executions of a day and more where a difference asks for that, or none.

        Before a fill is inferred too: an execution that is told late may be older than what every poll reads.
        """
        if not {each.action for each in findings} & _TRIED:
            return ()
        after = await self._store.value("reconciliation.earlier", account=self._account, before=now - _OVERLAP)
        return await self._broker.executions(after, now)

    # -------------------------------------------------------------------------------------------- what is done

    async def _repair(
        self,
        transaction: Transaction,
        executions: Sequence[Execution],
        findings: Sequence[Finding],
        reports: Sequence[BrokerOrder],
        now: datetime,
    ) -> bool:
        """Book executions that were read again, and infer fills; return whether any of it was new."""
        await transaction.value("reconciliation.lock", account=self._account)
        tickers = set(await self._booking.executions(transaction, executions, now))
        named = {report.client_order_id: report for report in reports}
        asked = [each.difference.subject for each in findings if each.action is Action.INFER]
        if asked:
            # Under the lock, and after what was read again: a real fill that came meanwhile is not inferred too.
            books = await self._books(transaction, [named[name] for name in asked])
            for tally in books.tallies:
                fill = inferred(self._account, tally, named[tally.client_order_id])
                if fill is not None and await self._booking.infer(transaction, tally.id, fill, now):
                    tickers.add(fill.ticker)
        if tickers:
            await refold(transaction, self._account, sorted(tickers), now)
        return bool(tickers)

    async def _remember(
        self, transaction: Transaction, seen: Mapping[tuple[str, str], Seen], findings: Sequence[Finding]
    ) -> None:
        kept = []
        for each in findings:
            one = seen[each.difference.kind, each.difference.subject]
            kept.append(msgspec.structs.replace(one, repairs=one.repairs + (each.action in _TRIED)))
        names = [f"{each.kind}:{each.subject}" for each in kept]
        await transaction.run("reconciliation.forget", account=self._account, kept=names)
        if kept:
            await transaction.run("reconciliation.remember", account=self._account, seen=kept)

    # -------------------------------------------------------------------------------------------- what is kept

    async def _keep(self, transaction: Transaction, findings: Sequence[Finding], now: datetime) -> tuple[UUID, Outcome]:
        """Keep a run and what it found; one that found what the newest had found is that one, once more."""
        outcome = outcome_of(findings)
        digest = input_hash(*(msgspec.json.encode(each).decode() for each in findings))
        newest = await transaction.row(Run, "reconciliation.newest", account=self._account)
        if newest is not None and (newest.outcome, newest.findings_hash) == (outcome, digest):
            await transaction.run("reconciliation.run_again", id=newest.id, now=now)
            return newest.id, outcome
        run = recon_run_id(self._account, now, digest)
        await transaction.run(
            "reconciliation.run",
            id=run,
            account=self._account,
            outcome=outcome,
            error=None,
            findings_hash=digest,
            now=now,
        )
        if findings:
            diffs = [{**msgspec.structs.asdict(each.difference), "action": each.action} for each in findings]
            await transaction.run("reconciliation.note", run_id=run, diffs=diffs)
        return run, outcome

    async def _fail(self, error: str, now: datetime) -> None:
        digest = input_hash("failed", error)
        async with self._store.transaction() as transaction:
            newest = await transaction.row(Run, "reconciliation.newest", account=self._account)
            if newest is not None and newest.findings_hash == digest:
                await transaction.run("reconciliation.run_again", id=newest.id, now=now)
                return
            await transaction.run(
                "reconciliation.run",
                id=recon_run_id(self._account, now, digest),
                account=self._account,
                outcome=Outcome.FAILED,
                error=error,
                findings_hash=digest,
                now=now,
            )
