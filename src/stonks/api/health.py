"""Whether what we depend on answers, and how fast."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from time import perf_counter

from stonks.api.answers.system import Health, HealthCheck
from stonks.api.glance import Glance
from stonks.api.version import version
from stonks.app import schema
from stonks.model.errors import Refused, Server, StonksError
from stonks.ports.bundle import Ports
from stonks.runtime import health as runtime
from stonks.runtime.clock import SystemClock

Check = Callable[[], Awaitable[str | None]]
"""Returns a remark or None; raises one of our errors, whose text says what is wrong."""

_SERVERS = {"database": Server.POSTGRESQL, "migrations": Server.POSTGRESQL, "queue": Server.REDIS}
_NO_OBJECT = "health/no-such-object"


class Readiness:
    """Asks every dependency at once, none for longer than two seconds, and remembers since when one fails."""

    def __init__(self, ports: Ports, more: Mapping[str, Check], met: runtime.Health | None = None) -> None:
        """Ask these ports; ``more`` are checks that only the composition root can make, ``met`` is what stages met."""
        self._clock = ports.clock
        self._met = met or runtime.Health()
        self._checks = {name: Glance(check, fresh=0.2) for name, check in {**_checks(ports), **more}.items()}
        self._failing: dict[str, float] = {}

    async def health(self) -> Health:
        """Return one answer of each dependency."""
        checks = await asyncio.gather(*(self._ask(name, glance) for name, glance in self._checks.items()))
        ok = all(check.ok for check in checks)
        return Health(ok=ok, now=self._clock.now(), version=version(), checks=list(checks))

    async def _ask(self, name: str, glance: Glance[str | None]) -> HealthCheck:
        began = perf_counter()
        try:
            detail, ok = await glance.look(), True
            self._failing.pop(name, None)
        except StonksError as error:
            detail, ok = str(error), False
            self._failing.setdefault(name, began)
        ended = perf_counter()
        failing = 0.0 if ok else max(ended - self._failing[name], self._silent(name))
        return HealthCheck(
            name=name,
            ok=ok,
            milliseconds=round(1000 * (ended - began), 2),
            detail=detail,
            failing_seconds=None if ok else round(failing, 3),
        )

    def _silent(self, name: str) -> float:
        """Return for how long the stages of this process have not reached the server behind a check, in seconds."""
        since = [outage.since for outage in self._met.outages if outage.server == _SERVERS.get(name)]
        return (SystemClock().now() - since[0]).total_seconds() if since else 0.0


def _checks(ports: Ports) -> dict[str, Check]:
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

    return {"database": database, "migrations": migrations, "queue": queue, "objects": objects}
