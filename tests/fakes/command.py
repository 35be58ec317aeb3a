"""The `stonks` command as a user runs it: a process of its own."""

import asyncio
import os
import sys


async def stonks(urls: tuple[str, str, str], *arguments: str) -> tuple[int | None, str]:
    """Exit code and all that was printed, on a database, a Redis and a data directory."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "stonks", *arguments),
        env=dict(os.environ)  # noqa: TID251 - what a user sets
        | {"STONKS_DATABASE_URL": urls[0], "STONKS_REDIS_URL": urls[1], "STONKS_DATA_DIR": urls[2]},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await process.communicate()
    return process.returncode, printed.decode()
