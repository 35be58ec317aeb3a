"""Whether what we depend on answers, and how fast."""

from collections.abc import Awaitable, Callable, Mapping
from time import perf_counter

from stonks.api.answers.system import Health, HealthCheck
from stonks.api.version import version
from stonks.app import schema
from stonks.model.errors import Refused, StonksError
from stonks.ports.bundle import Ports

Check = Callable[[], Awaitable[str | None]]
"""Returns a remark or None; raises one of our errors, whose text says what is wrong."""

_NO_OBJECT = "health/no-such-object"


async def health(ports: Ports, more: Mapping[str, Check]) -> Health:
    """Return one answer of each dependency; ``more`` are checks that only the composition root can make."""

    async def database() -> None:
        await ports.store.value("read_system.ping")

    async def queue() -> None:
        await ports.queue.depths()

    async def objects() -> None:
        try:
            await ports.objects.get(_NO_OBJECT)
        except Refused:
            return

    async def migrations() -> None:
        known = await ports.store.rows(str, "read_system.migrations")
        if missing := [name for name in schema() if name not in known]:
            raise Refused(f"the database lacks {', '.join(missing)}: run stonks migrate")

    named: dict[str, Check] = {
        "database": database,
        "migrations": migrations,
        "queue": queue,
        "objects": objects,
        **more,
    }
    checks = [await _ask(name, check) for name, check in named.items()]
    return Health(ok=all(check.ok for check in checks), now=ports.clock.now(), version=version(), checks=checks)


async def _ask(name: str, check: Check) -> HealthCheck:
    began = perf_counter()
    try:
        detail, ok = await check(), True
    except StonksError as error:
        detail, ok = str(error), False
    return HealthCheck(name=name, ok=ok, milliseconds=round(1000 * (perf_counter() - began), 2), detail=detail)
