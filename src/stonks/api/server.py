"""The API as one application over open ports."""

from collections.abc import Collection, Mapping
from pathlib import Path
from types import ModuleType

import msgspec
from litestar import Litestar, Router
from litestar.di import Provide
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin

from stonks.api import dashboard
from stonks.api.health import Check
from stonks.api.probes import hardened, vitals
from stonks.api.routes import (
    approvals,
    audit,
    breakers,
    companies,
    controls,
    documents,
    events,
    keys,
    pipeline,
    probes,
    recommendations,
    risk,
    search,
    stream,
    system,
    trading,
    trends,
)
from stonks.api.serving import serve
from stonks.model.principal import Scope
from stonks.ports.bundle import Ports
from stonks.runtime.telemetry import Telemetry

__all__ = ["create_app", "description", "serve"]

PREFIX = "/api/v1"
_RESOURCES = (
    approvals,
    audit,
    breakers,
    companies,
    controls,
    documents,
    events,
    keys,
    pipeline,
    recommendations,
    risk,
    search,
    stream,
    system,
    trading,
    trends,
)


def create_app(
    ports: Ports,
    *,
    telemetry: Telemetry | None = None,
    stages: Collection[str] = (),
    checks: Mapping[str, Check] | None = None,
    static: Path = dashboard.STATIC,
) -> Litestar:
    """Return the application over these ports.

    Args:
        ports: what it reads.
        telemetry: the figures of this process, for /metrics.
        stages: those that have to run in this process for it to be ready.
        checks: asked by /health and /readyz beside our own.
        static: where the dashboard's build is.
    """
    return _application({**vitals(ports, telemetry, stages, checks or {}), "static": static, "closing": lambda: False})


def description() -> bytes:
    """Return the OpenAPI description as JSON, the same bytes every time; nothing is opened for it."""
    document = _application({}).openapi_schema.to_schema()
    return msgspec.json.format(msgspec.json.encode(document, order="sorted"), indent=2) + b"\n"


def _application(state: dict[str, object]) -> Litestar:
    return hardened([_api(), *_handlers(probes, dashboard)], state, _openapi())


def _openapi() -> OpenAPIConfig:
    return OpenAPIConfig(
        title="Stonks Oracle",
        version="1.0.0",
        description="Everything the pipeline read, concluded and did, each number with a way to why.",
        openapi_router=Router(
            f"{PREFIX}/openapi.json", route_handlers=[], include_in_schema=False, opt={"scope": Scope.READ}
        ),
        render_plugins=[JsonRenderPlugin(path="/")],
        use_handler_docstrings=True,
        create_examples=False,
    )


def _api() -> Router:
    wanted = Provide(recommendations.wanted_recommendations, sync_to_thread=False)
    return Router(PREFIX, route_handlers=_handlers(*_RESOURCES), dependencies={"wanted": wanted})


def _handlers(*modules: ModuleType) -> list[HTTPRouteHandler]:
    return [found for module in modules for found in vars(module).values() if isinstance(found, HTTPRouteHandler)]
