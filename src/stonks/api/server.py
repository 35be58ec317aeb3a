"""The API as one application over open ports."""

from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

import msgspec
from litestar import Litestar, Router
from litestar.datastructures import State
from litestar.di import Provide
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin

from stonks.api import dashboard
from stonks.api.admission import admit
from stonks.api.headers import harden
from stonks.api.health import Check
from stonks.api.problems import HANDLERS
from stonks.api.routes import (
    companies,
    documents,
    events,
    pipeline,
    probes,
    recommendations,
    search,
    stream,
    system,
    trading,
    trends,
)
from stonks.api.serving import serve
from stonks.ports.bundle import Ports

__all__ = ["create_app", "description", "serve"]

PREFIX = "/api/v1"
_OPENAPI = OpenAPIConfig(
    title="Stonks Oracle",
    version="1.0.0",
    description="Everything the pipeline read, concluded and did, each number with a way to why.",
    path=f"{PREFIX}/openapi.json",
    render_plugins=[JsonRenderPlugin(path="/")],
    use_handler_docstrings=True,
    create_examples=False,
)
_RESOURCES = (companies, documents, events, pipeline, recommendations, search, stream, system, trading, trends)


def create_app(ports: Ports, *, checks: Mapping[str, Check] | None = None, static: Path = dashboard.STATIC) -> Litestar:
    """Return the application over these ports; ``checks`` are asked by /health and /readyz beside our own."""
    return _application({"ports": ports, "checks": dict(checks or {}), "static": static, "closing": lambda: False})


def description() -> bytes:
    """Return the OpenAPI description as JSON, the same bytes every time; nothing is opened for it."""
    document = _application({}).openapi_schema.to_schema()
    return msgspec.json.format(msgspec.json.encode(document, order="sorted"), indent=2) + b"\n"


def _application(state: dict[str, object]) -> Litestar:
    return Litestar(
        [_api(), *_handlers(probes, dashboard)],
        dependencies={"ports": Provide(_ports, sync_to_thread=False)},
        guards=[admit],
        exception_handlers=HANDLERS,
        before_send=[harden],
        openapi_config=_OPENAPI,
        state=State(state),
        logging_config=None,
    )


def _ports(state: State) -> Ports:
    ports: Ports = state.ports
    return ports


def _api() -> Router:
    wanted = Provide(recommendations.wanted_recommendations, sync_to_thread=False)
    return Router(PREFIX, route_handlers=_handlers(*_RESOURCES), dependencies={"wanted": wanted})


def _handlers(*modules: ModuleType) -> list[HTTPRouteHandler]:
    return [found for module in modules for found in vars(module).values() if isinstance(found, HTTPRouteHandler)]
