"""``stonks dlq``: the jobs that failed for good."""

import asyncio
import re
from contextlib import AbstractAsyncContextManager, suppress
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from stonks.cli.options import AsJson, Data
from stonks.cli.session import INTERRUPTED, OK, run, stop_on_signal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence

    from stonks.ports.bundle import Ports
    from stonks.ports.queue import DeadLetter
    from stonks.runtime.letters import Wanted

    Act = Callable[[Ports, Sequence[DeadLetter]], Awaitable[int]]

dlq = typer.Typer(help="The jobs that failed for good.", no_args_is_help=True)

_ID = re.compile("[0-9a-f]{4,40}")
_BATCH = 100  # letters handled between two looks at whether to stop
_Queue = Annotated[str | None, typer.Argument(help="Only this queue.", show_default="every queue")]
_Which = Annotated[
    list[str] | None, typer.Argument(metavar="[QUEUE|ID]...", help="Queues, or ids of letters or their beginnings.")
]
_Group = Annotated[str | None, typer.Option("--group", metavar="FINGERPRINT", help="Only what failed in this way.")]
_All = Annotated[bool, typer.Option("--all", help="Every dead letter of every queue.")]
_Limit = Annotated[int | None, typer.Option(min=1, help="At most so many, oldest first.", show_default="all")]
_Rate = Annotated[float | None, typer.Option(min=0.01, help="Jobs a second.", show_default="as fast as it goes")]
_DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would happen to each, and do nothing.")]


@dlq.command("list")
def list_dead(
    queue: _Queue = None,
    *,
    letters: Annotated[bool, typer.Option("--letters", help="One by one, with their ids.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="How many letters of each queue, newest first.")] = 50,
    as_json: AsJson = False,
    data: Data = None,
) -> None:
    """Print dead jobs by what they failed of, or one by one."""
    run(_list(queue, limit if letters else None, as_json=as_json, data=data))


async def _list(queue: str | None, limit: int | None, *, as_json: bool, data: Data) -> None:
    import msgspec

    from stonks.api.dead_letters import dead_letter_groups, dead_letters
    from stonks.cli.letters import groups_as_text, letters_as_text
    from stonks.model.job import QUEUES

    queues = (_known(queue),) if queue else tuple(QUEUES)
    async with _opened(data) as ports:
        if limit is None:
            groups = await dead_letter_groups(ports, queues)
            typer.echo(msgspec.json.encode(groups) if as_json else groups_as_text(groups))
        else:
            letters = [letter for name in queues for letter in await dead_letters(ports, name, limit)]
            typer.echo(msgspec.json.encode(letters) if as_json else letters_as_text(letters))


@dlq.command()
def show(
    which: Annotated[str, typer.Argument(metavar="ID|FINGERPRINT", help="A letter, or a group: then its newest.")],
    *,
    as_json: AsJson = False,
    data: Data = None,
) -> None:
    """Print everything of one dead letter: bytes, reason, error, its row in the ledger, its document."""
    run(_show(which, as_json=as_json, data=data))


async def _show(which: str, *, as_json: bool, data: Data) -> None:
    import msgspec

    from stonks.api.dead_letters import dead_letter
    from stonks.cli.letters import body_as_text
    from stonks.model.errors import Refused
    from stonks.runtime.letters import Wanted, find_letters, group_of

    async with _opened(data) as ports:
        letters = await find_letters(ports, Wanted())
        found = [letter for letter in letters if letter.id.startswith(which) or group_of(letter) == which]
        if not found:
            raise Refused(f"no dead letter and no group {which}: see stonks dlq list")
        if len({group_of(letter) for letter in found}) > 1:
            raise Refused(f"{len(found)} dead letters begin with {which}: give more of the id")
        body = await dead_letter(ports, max(found, key=lambda letter: letter.at))
    typer.echo(msgspec.json.encode(body) if as_json else body_as_text(body, alike=len(found)))


@dlq.command("retry")
def retry_dead(
    which: _Which = None,
    *,
    group: _Group = None,
    everything: _All = False,
    limit: _Limit = None,
    rate: _Rate = None,
    dry_run: _DryRun = False,
    data: Data = None,
) -> None:
    """Put dead jobs back on their queue with fresh budgets; what is still wrong with them kills them again."""
    from stonks.runtime.letters import retry

    which = which or []
    run(_act(_Order(which, group, everything, limit, rate), None if dry_run else retry, "tried again", data))


@dlq.command("discard")
def discard_dead(
    which: _Which = None,
    *,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why; kept in the ledger and in the log.")],
    group: _Group = None,
    everything: _All = False,
    limit: _Limit = None,
    rate: _Rate = None,
    dry_run: _DryRun = False,
    data: Data = None,
) -> None:
    """Remove dead letters for good. Their rows stay dead, with the reason; their documents stay failed."""
    from stonks.runtime.letters import discard

    async def act(ports: "Ports", letters: "Sequence[DeadLetter]") -> int:
        return await discard(ports, letters, reason)

    which = which or []
    run(_act(_Order(which, group, everything, limit, rate), None if dry_run else act, "discarded", data))


class _Order(NamedTuple):
    """Which letters are to be handled, and how fast."""

    which: list[str]
    group: str | None
    everything: bool
    limit: int | None
    rate: float | None

    def wanted(self) -> "Wanted":
        """Return which letters that are.

        Raises:
            Refused: nothing is named, or something is neither a queue nor the beginning of an id.
        """
        from stonks.model.errors import Refused
        from stonks.model.job import QUEUES
        from stonks.runtime.letters import Wanted

        if self.everything == bool(self.which or self.group):
            raise Refused("name queues, ids of letters or a --group, or give --all")
        ids = tuple(name for name in self.which if name not in QUEUES)
        if wrong := [name for name in ids if not _ID.fullmatch(name)]:
            raise Refused(f"{wrong[0]} is neither a queue ({', '.join(QUEUES)}) nor the beginning of a letter's id")
        return Wanted(queues=tuple(name for name in self.which if name in QUEUES), group=self.group, ids=ids)


async def _act(order: _Order, act: "Act | None", done: str, data: Data) -> int:
    from stonks.cli.letters import plan_as_text
    from stonks.runtime.letters import find_letters, find_rows

    stop = stop_on_signal()
    async with _opened(data) as ports:
        letters = await find_letters(ports, order.wanted(), order.limit)
        if act is None:
            typer.echo(plan_as_text(letters, await find_rows(ports, letters), done))
            return OK
        count = 0
        for batch in batches(letters, order.rate):
            count += await act(ports, batch)
            if order.rate is not None and batch[-1] is not letters[-1]:
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), len(batch) / order.rate)
            if stop.is_set():
                break
    typer.echo(f"{count} of {len(letters)} jobs {done}")
    return INTERRUPTED if stop.is_set() else OK


def batches(letters: "Sequence[DeadLetter]", rate: float | None) -> "Iterator[Sequence[DeadLetter]]":
    """Give letters in parts of at most 100, and of at most a second's worth where there is a rate."""
    size = _BATCH if rate is None else max(1, min(_BATCH, int(rate)))
    for start in range(0, len(letters), size):
        yield letters[start : start + size]


def _opened(data: Data) -> "AbstractAsyncContextManager[Ports]":
    from stonks.app import log_to_file, open_ports
    from stonks.settings import read_settings

    settings = read_settings(data_dir=data)
    log_to_file(settings)
    return open_ports(settings)


def _known(queue: str) -> str:
    from stonks.model.errors import Refused
    from stonks.model.job import QUEUES

    if queue not in QUEUES:
        raise Refused(f"no queue {queue}: there are {', '.join(QUEUES)}")
    return queue
