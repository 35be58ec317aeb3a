"""What people do with dead letters: try them again, or discard them.

Ledger and queue are two places. The ledger is told first and the letter moved last, so that whoever is killed between
the two leaves a letter that can be handled again; doing it twice, or by two people at once, changes nothing more.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec
import structlog

from stonks.model.fingerprint import fingerprint
from stonks.model.job import QUEUES, DocumentJob, Job
from stonks.ports.bundle import Ports
from stonks.ports.queue import DeadLetter
from stonks.runtime.ledger import Ledger
from stonks.runtime.reconciler import job_in

_log = structlog.get_logger()


class LedgerRow(msgspec.Struct, frozen=True, kw_only=True):
    """A job as the ledger has it."""

    job_id: str
    queue: str
    subject: str
    created_at: datetime
    done_at: datetime | None
    dead_at: datetime | None
    reason: str | None


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which letters: of these queues (all where none is named), of this group, these ids or beginnings of ids."""

    queues: tuple[str, ...] = ()
    group: str | None = None
    ids: tuple[str, ...] = ()

    def takes(self, letter: DeadLetter) -> bool:
        """Return whether a letter is among them."""
        return (self.group is None or group_of(letter) == self.group) and (
            not self.ids or letter.id.startswith(self.ids)
        )


def group_of(letter: DeadLetter) -> str:
    """Return the fingerprint of what a job died of."""
    return fingerprint(letter.reason, letter.error)


def key_of(letter: DeadLetter) -> str | None:
    """Return the ledger's id of the job in a letter, or None where there can be none."""
    job = job_in(letter)
    return letter.ledger_id if job is None else job.key


async def find_letters(ports: Ports, wanted: Wanted, limit: int | None = None) -> list[DeadLetter]:
    """Return dead letters queue by queue in pipeline order, the oldest first; nothing is taken."""
    dead = {depth.queue: depth.dead for depth in await ports.queue.depths()}
    found: list[DeadLetter] = []
    for queue in wanted.queues or QUEUES:
        if dead[queue]:
            newest_first = await ports.queue.dead_letters(queue, dead[queue])
            found += (letter for letter in reversed(newest_first) if wanted.takes(letter))
    return found[:limit]


async def find_rows(ports: Ports, letters: Sequence[DeadLetter]) -> dict[str, LedgerRow]:
    """Return the ledger's rows of these letters' jobs, by job id."""
    keys = [key for letter in letters if (key := key_of(letter)) is not None]
    rows = await ports.store.rows(LedgerRow, "letters.rows", job_ids=keys)
    return {row.job_id: row for row in rows}


async def retry(ports: Ports, letters: Sequence[DeadLetter]) -> int:
    """Open the ledger's rows of these jobs and put the jobs back with fresh budgets; return how many were put back."""
    await Ledger(ports.store).reopen(_jobs_in(letters), ports.clock.now())
    moved = 0
    for queue, ids in _by_queue(letters):
        moved += await ports.queue.replay_dead(queue, len(ids), ids)
    _log.info("letters.retried", moved=moved, jobs=[key_of(letter) or letter.id for letter in letters])
    return moved


async def discard(ports: Ports, letters: Sequence[DeadLetter], reason: str) -> int:
    """Note in the ledger why these jobs stay dead and remove their letters; return how many were removed.

    A document that still waited for one of them ends as failed: nothing would ever come of it.
    """
    jobs = {job.key: job for job in _jobs_in(letters)}
    keys = [key for letter in letters if (key := key_of(letter)) is not None]
    async with ports.store.transaction() as transaction:
        dead = await transaction.rows(str, "letters.discard", job_ids=keys, reason=reason)
        documents = [job.document_id for key in dead if isinstance(job := jobs.get(key), DocumentJob)]
        if documents:
            await transaction.run(
                "jobs.fail_documents", document_ids=documents, reason="discarded", now=ports.clock.now()
            )
    removed = 0
    for queue, ids in _by_queue(letters):
        removed += await ports.queue.discard_dead(queue, ids)
    for letter in letters:
        _log.warning(
            "letter.discarded",
            queue=letter.queue,
            letter=letter.id,
            job=key_of(letter),
            died_of=letter.reason,
            why=reason,
        )
    return removed


def _jobs_in(letters: Sequence[DeadLetter]) -> list[Job]:
    return [job for letter in letters if (job := job_in(letter)) is not None]


def _by_queue(letters: Sequence[DeadLetter]) -> Iterator[tuple[str, list[str]]]:
    for queue in dict.fromkeys(letter.queue for letter in letters):
        yield queue, [letter.id for letter in letters if letter.queue == queue]
