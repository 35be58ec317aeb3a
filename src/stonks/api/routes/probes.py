"""What an orchestrator and Prometheus ask; outside the versioned prefix."""

from litestar import Response, get
from litestar.datastructures import State
from prometheus_client import CONTENT_TYPE_LATEST

from stonks.api.answers.system import Health
from stonks.model.principal import Scope


@get("/healthz", operation_id="getLiveness", tags=["probes"], opt={"open": True}, media_type="text/plain")
async def get_liveness() -> str:
    """Says that this process answers, and nothing of what it depends on."""
    return "ok\n"


@get("/readyz", operation_id="getReadiness", tags=["probes"], opt={"open": True})
async def get_readiness(state: State) -> Response[Health]:
    """Answers 200 when everything this process needs does answer, 503 otherwise."""
    found: Health = await state.readiness.health()
    return Response(found, status_code=200 if found.ok else 503)


@get("/metrics", operation_id="getMetrics", tags=["probes"], media_type="text/plain", opt={"scope": Scope.READ})
async def get_metrics(state: State) -> Response[bytes]:
    """Prometheus metrics of this process, and of the pipeline as the servers know it where they answer."""
    return Response(await state.exposition.text(), media_type=CONTENT_TYPE_LATEST)
