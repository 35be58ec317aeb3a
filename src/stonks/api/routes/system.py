"""Mode and clock, and whether this installation is sound."""

from litestar.datastructures import State
from litestar.di import NamedDependency

from stonks.api.answers.system import Health, UiConfig
from stonks.api.health import health
from stonks.api.reading import read
from stonks.api.standing import ui_config
from stonks.ports.bundle import Ports


@read("/ui-config", "getUiConfig", "system")
async def get_ui_config(ports: NamedDependency[Ports]) -> UiConfig:
    """Mode, clock, account and version: what the dashboard asks first."""
    return await ui_config(ports)


@read("/health", "getHealth", "system")
async def get_health(ports: NamedDependency[Ports], state: State) -> Health:
    """Every dependency with what it said and how long it took."""
    return await health(ports, state.checks)
