"""How dead letters are printed. What came from outside is shown with its control characters escaped."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from stonks.api.answers.dead_letters import DeadLetterBody, DeadLetterGroup, DeadLetterItem
from stonks.model.job import DocumentJob
from stonks.ports.queue import DeadLetter
from stonks.runtime.letters import LedgerRow, key_of
from stonks.runtime.reconciler import job_in

_SHORT = 8  # digits of an id that are shown
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def escaped(text: str) -> str:
    """Return a text that cannot move a terminal's cursor or turn its direction."""
    return _UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def groups_as_text(groups: Sequence[DeadLetterGroup]) -> str:
    """Return a few lines a group: how many, of what, since when, and one of them."""
    if not groups:
        return "no dead letters"
    return "\n".join(
        f"{group.queue}  {group.count} x {group.reason}: {escaped(group.error)}\n"
        f"  group {group.group}, first {_at(group.first_at)}, last {_at(group.last_at)}\n"
        f"  such as {group.example.id[:_SHORT]}  {escaped(group.example.payload)[:200]}"
        for group in groups
    )


def letters_as_text(letters: Sequence[DeadLetterItem]) -> str:
    """Return two lines a letter: why, and the payload."""
    if not letters:
        return "no dead letters"
    return "\n".join(
        f"{one.queue} {one.id[:_SHORT]}  {_at(one.at)}  {one.reason}: {escaped(one.error)}\n  {escaped(one.payload)}"
        for one in letters
    )


def body_as_text(body: DeadLetterBody, *, alike: int = 1) -> str:
    """Return everything that is known of a letter, one thing a line."""
    letter, job, document = body.letter, body.job, body.document
    shown = {
        "letter": letter.id,
        "queue": letter.queue,
        "group": f"{letter.group}, {alike} alike" if alike > 1 else letter.group,
        "died": _at(letter.at),
        "reason": letter.reason,
        "error": escaped(letter.error),
        "deliveries": f"{letter.deliveries}, and {letter.crashes} crashes",
        "ledger": _ledger(job) if job else "no row: it was never taken in hand as a job",
        "subject": escaped(job.subject) if job else None,
    }
    if document is not None:
        reason = f" ({document.status_reason})" if document.status_reason else ""
        shown["document"] = f"{document.id}  {document.status}{reason}"
        shown["title"] = escaped(f"{document.publisher}: {document.title}")
    shown["payload"] = payload_as_text(body.payload_bytes)
    return "\n".join(f"{name:<11}{text}" for name, text in shown.items() if text is not None)


def payload_as_text(payload: bytes) -> str:
    """Return bytes as text, what is none as its escapes."""
    return escaped(payload.decode(errors="backslashreplace"))


def plan_as_text(letters: Sequence[DeadLetter], rows: Mapping[str, LedgerRow], done: str) -> str:
    """Return what would become of each letter, one a line."""
    fate = _fate_of_retry if done == "tried again" else _fate_of_discard
    lines = []
    for letter in letters:
        key = key_of(letter)
        what = escaped(key or "no job")
        lines.append(f"{letter.queue} {letter.id[:_SHORT]}  {what}: {fate(letter, rows.get(key or ''))}")
    return "\n".join([*lines, f"{len(letters)} jobs would be {done}; nothing was done"])


def _fate_of_retry(letter: DeadLetter, row: LedgerRow | None) -> str:
    if (job := job_in(letter)) is None:
        return "goes back as it is and dies again: its bytes are no job of this queue"
    if row is None:
        return "goes back, and is written down when it is taken in hand"
    if row.done_at is not None:
        return f"goes back and is skipped: it was done {_at(row.done_at)}"
    waits = ", its document waits again if it failed" if isinstance(job, DocumentJob) else ""
    return f"goes back, its row is opened again{waits}"


def _fate_of_discard(_: DeadLetter, row: LedgerRow | None) -> str:
    if row is None:
        return "is removed; the ledger has no row of it"
    if row.done_at is not None:
        return f"is removed; its row stays done since {_at(row.done_at)}"
    return "is removed; its row stays dead and keeps the reason"


def _ledger(row: LedgerRow) -> str:
    end = "open"
    if row.done_at is not None:
        end = f"done {_at(row.done_at)}"
    elif row.dead_at is not None:
        end = f"dead {_at(row.dead_at)}: {escaped(row.reason or '')}"
    return f"{escaped(row.job_id)}, written down {_at(row.created_at)}, {end}"


def _at(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M:%S} UTC"
