"""Mode and clock, and whether this installation is sound."""

from litestar.datastructures import State

from stonks.api.answers.system import Health, UiConfig
from stonks.api.reading import OpenPorts, read
from stonks.api.standing import ui_config


@read("/ui-config", "getUiConfig", "system")
async def get_ui_config(ports: OpenPorts) -> UiConfig:
    """Mode, clock, account and version: what the dashboard asks first."""
    return await ui_config(ports)


@read("/health", "getHealth", "system")
async def get_health(state: State) -> Health:
    """Every dependency with what it said and how long it took."""
    found: Health = await state.readiness.health()
    return found
