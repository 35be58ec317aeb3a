"""The jobs that failed for good, one by one and by what they failed of."""

from collections.abc import Sequence

from stonks.api.answers.dead_letters import (
    DeadDocument,
    DeadLetterBody,
    DeadLetterGroup,
    DeadLetterItem,
    DeadLetterQueue,
)
from stonks.model.fingerprint import normalised
from stonks.model.job import QUEUES, DocumentJob
from stonks.ports.bundle import Ports
from stonks.ports.queue import DeadLetter
from stonks.runtime.letters import Wanted, find_letters, find_rows, group_of, key_of
from stonks.runtime.reconciler import job_in


async def dead_letter_queues(ports: Ports) -> list[DeadLetterQueue]:
    """Return how many jobs of each queue are dead, every queue named."""
    dead = {depth.queue: depth.dead for depth in await ports.queue.depths()}
    return [DeadLetterQueue(queue=queue, dead=dead.get(queue, 0)) for queue in QUEUES]


async def dead_letters(ports: Ports, queue: str, limit: int) -> list[DeadLetterItem]:
    """Return the newest dead jobs of one queue; bytes that are no text show as replacement characters."""
    return [item(letter) for letter in await ports.queue.dead_letters(queue, limit)]


async def dead_letter_groups(ports: Ports, queues: Sequence[str] = ()) -> list[DeadLetterGroup]:
    """Return dead jobs of these queues, of all where none is named, by what they failed of; the largest group first."""
    groups: dict[tuple[str, str], list[DeadLetter]] = {}
    for letter in await find_letters(ports, Wanted(queues=tuple(queues))):
        groups.setdefault((letter.queue, group_of(letter)), []).append(letter)
    found = [_group(group, letters) for (_, group), letters in groups.items()]
    return sorted(found, key=lambda group: -group.count)


async def dead_letter(ports: Ports, letter: DeadLetter) -> DeadLetterBody:
    """Return a dead letter with its job's row in the ledger and its job's document."""
    job = job_in(letter)
    document = None
    if isinstance(job, DocumentJob):
        document = await ports.store.row(DeadDocument, "letters.document", id=job.document_id)
    return DeadLetterBody(
        letter=item(letter),
        payload_bytes=letter.payload,
        job=(await find_rows(ports, [letter])).get(key_of(letter) or ""),
        document=document,
    )


def item(letter: DeadLetter) -> DeadLetterItem:
    """Return a dead letter as the API tells it."""
    return DeadLetterItem(
        queue=letter.queue,
        place=letter.place,
        reason=letter.reason,
        error=letter.error,
        at=letter.at,
        payload=letter.payload.decode(errors="replace"),
        id=letter.id,
        group=group_of(letter),
        deliveries=letter.deliveries,
        crashes=letter.crashes,
    )


def _group(group: str, letters: Sequence[DeadLetter]) -> DeadLetterGroup:
    newest = letters[-1]
    return DeadLetterGroup(
        queue=newest.queue,
        group=group,
        reason=newest.reason,
        error=normalised(newest.error),
        count=len(letters),
        first_at=letters[0].at,
        last_at=newest.at,
        example=item(newest),
    )
