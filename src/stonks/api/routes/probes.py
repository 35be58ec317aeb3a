"""What an orchestrator and Prometheus ask; outside the versioned prefix."""

from litestar import Response, get
from litestar.datastructures import State
from litestar.di import NamedDependency

from stonks.api.answers.system import Health
from stonks.api.health import health
from stonks.api.metrics import exposition
from stonks.ports.bundle import Ports


@get("/healthz", operation_id="getLiveness", tags=["probes"], opt={"open": True}, media_type="text/plain")
async def get_liveness() -> str:
    """Says that this process answers, and nothing of what it depends on."""
    return "ok\n"


@get("/readyz", operation_id="getReadiness", tags=["probes"], opt={"open": True})
async def get_readiness(ports: NamedDependency[Ports], state: State) -> Response[Health]:
    """Answers 200 when everything this process needs does answer, 503 otherwise."""
    found = await health(ports, state.checks)
    return Response(found, status_code=200 if found.ok else 503)


@get("/metrics", operation_id="getMetrics", tags=["probes"], media_type="text/plain")
async def get_metrics(ports: NamedDependency[Ports]) -> Response[bytes]:
    """Prometheus metrics of the pipeline as the database and the queues know it."""
    body, media_type = await exposition(ports)
    return Response(body, media_type=media_type)
