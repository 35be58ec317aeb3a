"""The probes as an application of their own, for processes that serve nothing else; and what all applications share."""

from collections.abc import Collection, Mapping, Sequence

from litestar import Litestar, Router
from litestar.datastructures import State
from litestar.di import Provide
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from prometheus_client import CollectorRegistry

from stonks.api.admission import admit
from stonks.api.headers import harden
from stonks.api.health import Check, Readiness
from stonks.api.metrics import Exposition
from stonks.api.problems import HANDLERS
from stonks.api.routes import probes
from stonks.model.errors import Unreachable
from stonks.ports.bundle import Ports
from stonks.runtime.telemetry import Telemetry


def create_probes(ports: Ports, telemetry: Telemetry | None = None, stages: Collection[str] = ()) -> Litestar:
    """Return an application that has nothing but /healthz, /readyz and /metrics; ready once these stages run."""
    handlers = [probes.get_liveness, probes.get_readiness, probes.get_metrics]
    return hardened(handlers, {**vitals(ports, telemetry, stages, {}), "closing": lambda: False}, None)


def vitals(
    ports: Ports, telemetry: Telemetry | None, stages: Collection[str], checks: Mapping[str, Check]
) -> dict[str, object]:
    """Return what the probes of an application need to find in its state."""
    telemetry = telemetry or Telemetry(CollectorRegistry())

    async def running() -> None:
        if idle := telemetry.idle(stages):
            raise Unreachable(f"not running yet: {', '.join(idle)}")

    checks = {**checks, "stages": running} if stages else checks
    return {
        "ports": ports,
        "readiness": Readiness(ports, checks, telemetry.health),
        "exposition": Exposition(ports, telemetry.registry),
    }


def hardened(
    handlers: Sequence[HTTPRouteHandler | Router], state: dict[str, object], openapi: OpenAPIConfig | None
) -> Litestar:
    """Return an application that checks who asks, says what went wrong, and forbids what a browser might do with it."""
    return Litestar(
        handlers,
        dependencies={"ports": Provide(_ports, sync_to_thread=False)},
        guards=[admit],
        exception_handlers=HANDLERS,
        before_send=[harden],
        openapi_config=openapi,
        state=State(state),
        logging_config=None,
    )


def _ports(state: State) -> Ports:
    ports: Ports = state.ports
    return ports
