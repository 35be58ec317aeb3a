"""Books dividends and splits, and keeps positions as the fold of fills and of these."""

from collections.abc import Sequence
from datetime import datetime

from stonks.model.adjustment import Adjustment
from stonks.model.order import Fill
from stonks.ports.bundle import Ports
from stonks.ports.stage import Work
from stonks.ports.store import Transaction
from stonks.risk.corporate_actions import Action
from stonks.risk.position import fold
from stonks.stages.broker.core.adjustments import adjustments


class Adjuster:
    """Books what is known of corporate actions from the start of their ex-date on, each once."""

    def __init__(self, ports: Ports) -> None:
        """Keep the books of the settings' account."""
        self._account = ports.settings.account

    async def adjust(self, work: Work[None]) -> None:
        """Book every dividend and split that is due, and fold the positions of their tickers anew."""
        async with work.commit() as commit:
            await commit.value("reconciliation.lock", account=self._account)
            due = await commit.rows(Action, "adjustments.due", account=self._account, now=work.now)
            tickers = sorted({action.ticker for action in due})
            fills = await commit.rows(Fill, "broker.fills", account=self._account, tickers=tickers)
            booked = await commit.rows(Adjustment, "adjustments.booked", account=self._account, tickers=tickers)
            for adjustment in adjustments(due, fills, booked):
                values = {name: getattr(adjustment, name) for name in adjustment.__struct_fields__}
                await commit.run("adjustments.add", account=self._account, now=work.now, **values)
            await refold(commit, self._account, tickers, work.now)


async def refold(transaction: Transaction, account: str, tickers: Sequence[str], now: datetime) -> None:
    """Keep the positions in some tickers as the fold of their fills and corporate actions."""
    fills = await transaction.rows(Fill, "broker.fills", account=account, tickers=tickers)
    booked = await transaction.rows(Adjustment, "adjustments.booked", account=account, tickers=tickers)
    positions = list(fold(fills, booked).values())
    await transaction.run("broker.set_positions", account=account, positions=positions, now=now)
