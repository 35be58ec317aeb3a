"""Commands to the account from the command line: they need the database alone, whatever else is down."""

from collections.abc import Callable, Sequence
from datetime import datetime

from stonks.app.servers import open_servers
from stonks.model.control import Command, Outcome, Wish
from stonks.ports.queue import Push
from stonks.replay.clock import ClockRow
from stonks.settings import Settings


async def command_account(settings: Settings, command: Command, wish: Callable[[datetime], Wish]) -> Outcome:
    """Carry out a command and return where the account stands; orders to take back are queued where the queue answers.

    Args:
        settings: whose account it is.
        command: what to do.
        wish: who wants it and why, at the instant at which the system is.

    Raises:
        Refused: the command makes no sense where the account stands.
        Unreachable: the database does not answer: the file HALT in the data directory halts without it.
    """
    from stonks.adapters.queue import open_queue
    from stonks.adapters.store import open_store
    from stonks.runtime.clock import SystemClock
    from stonks.runtime.errand import errand_on
    from stonks.stages.trading.controls import Controls

    async with open_servers(settings) as servers, open_store(servers.database_url, connections=1) as store:

        async def push(pushes: Sequence[Push]) -> None:
            async with open_queue(servers.redis_url) as queue:
                await queue.enqueue(pushes, high_water=settings.high_water)

        row = await store.row(ClockRow, "replay.clock")
        now = row.now if row else SystemClock().now()
        async with errand_on(store, push) as commit:
            return await Controls(settings).carry_out(commit, command, wish(now))
