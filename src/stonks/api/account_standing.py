"""Where the trading account stands: the API's routes, the metrics and the command line tell the same."""

import msgspec

from stonks.api.answers.portfolio import TradingStatus
from stonks.api.standing import ui_config
from stonks.ports.bundle import Ports
from stonks.ports.halt_file import is_halted_by


async def trading_status(ports: Ports) -> TradingStatus | None:
    """Return whether the account may trade, since when and why, and what it is worth; None where there is none."""
    config = await ui_config(ports)
    status = await ports.store.row(TradingStatus, "read_portfolio.status", account=config.account, now=config.now)
    if status is None:
        return None
    halted = is_halted_by(ports.settings.halt_file)
    return msgspec.structs.replace(status, mode=config.mode, halt_file=halted)
