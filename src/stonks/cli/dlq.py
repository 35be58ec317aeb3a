"""``stonks dlq``: the jobs that failed for good."""

from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from stonks.cli.options import AsJson, Data
from stonks.cli.session import run

if TYPE_CHECKING:
    from stonks.api.answers.dead_letters import DeadLetterItem
    from stonks.ports.bundle import Ports

dlq = typer.Typer(help="The jobs that failed for good.", no_args_is_help=True)


@dlq.command("list")
def list_dead(
    queue: Annotated[str | None, typer.Argument(help="Only this queue.", show_default="every queue")] = None,
    *,
    limit: Annotated[int, typer.Option(min=1, help="How many of each queue, newest first.")] = 50,
    as_json: AsJson = False,
    data: Data = None,
) -> None:
    """Print dead jobs with their reason, error and payload."""
    run(_list(queue, limit, as_json=as_json, data=data))


async def _list(queue: str | None, limit: int, *, as_json: bool, data: Data) -> None:
    import msgspec

    from stonks.api.standing import dead_letter_queues, dead_letters
    from stonks.app import open_ports
    from stonks.settings import read_settings

    if queue is not None:
        _known(queue)
    async with open_ports(read_settings(data_dir=data)) as ports:
        names = [row.queue for row in await dead_letter_queues(ports) if row.dead and queue in {None, row.queue}]
        letters = [letter for name in names for letter in await dead_letters(ports, name, limit)]
    typer.echo(msgspec.json.encode(letters) if as_json else as_text(letters))


@dlq.command("retry")
def retry_dead(
    queue: Annotated[str, typer.Argument(help="Which queue.")],
    *,
    limit: Annotated[int, typer.Option(min=1, help="How many, oldest first.")] = 100,
    data: Data = None,
) -> None:
    """Put dead jobs back on their queue with fresh budgets; what is still wrong with them kills them again."""
    run(_retry(queue, limit, data))


async def _retry(queue: str, limit: int, data: Data) -> None:
    from stonks.app import open_ports
    from stonks.settings import read_settings

    _known(queue)
    async with open_ports(read_settings(data_dir=data)) as ports:
        moved = await revive(ports, queue, limit)
    typer.echo(f"{moved} jobs of {queue} are tried again")


async def revive(ports: "Ports", queue: str, limit: int) -> int:
    """Open the ledger's rows of the oldest dead jobs, then move the jobs back; return how many were moved."""
    import msgspec

    from stonks.model.job import QUEUES
    from stonks.runtime.ledger import Ledger

    dead = {depth.queue: depth.dead for depth in await ports.queue.depths()}[queue]
    oldest = (await ports.queue.dead_letters(queue, dead))[::-1][:limit]
    jobs = []
    for letter in oldest:
        with suppress(msgspec.MsgspecError):
            jobs.append(msgspec.json.decode(letter.payload, type=QUEUES[queue]))
    await Ledger(ports.store).reopen(jobs, ports.clock.now())
    return await ports.queue.replay_dead(queue, limit)


def _known(queue: str) -> None:
    from stonks.model.errors import Refused
    from stonks.model.job import QUEUES

    if queue not in QUEUES:
        raise Refused(f"no queue {queue}: there are {', '.join(QUEUES)}")


def as_text(letters: "list[DeadLetterItem]") -> str:
    """Return dead letters as two lines each: why, and the payload."""
    if not letters:
        return "no dead letters"
    return "\n".join(
        f"{one.queue} #{one.place}  {one.at:%Y-%m-%d %H:%M:%S} UTC  {one.reason}: {one.error}\n  {one.payload}"
        for one in letters
    )
