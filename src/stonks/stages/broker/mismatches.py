"""Opens and closes the breakers of tickers whose books differ from the broker's."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from stonks.ports.bundle import Ports
from stonks.ports.store import Transaction
from stonks.risk.breaker_findings import by_place
from stonks.risk.breakers import Breaker, BreakerKind, BreakerState
from stonks.risk.policies import active_policy
from stonks.stages.broker.core.difference import Action, Finding, Kind
from stonks.stages.broker.core.news import breaker_alert
from stonks.stages.broker.core.settling import changes_state, mirror, mismatch_breakers
from stonks.stages.broker.events import tell
from stonks.stages.broker.keeping import keep_breaker

_MIRRORED = timedelta(days=30)
"""How long Redis shows a breaker without its being shown anew."""


class Mismatches:
    """The RECON_MISMATCH breakers of one account."""

    def __init__(self, ports: Ports) -> None:
        """Open them by the policy of the settings' tier."""
        self._store = ports.store
        self._queue = ports.queue
        self._tier = ports.settings.risk_tier

    async def settle(self, transaction: Transaction, findings: Sequence[Finding], now: datetime) -> list[Breaker]:
        """Stop the tickers of findings that say so, let those go on that agree again, and return what changed."""
        stored = await transaction.rows(Breaker, "broker.breakers")
        standing = {row.scope for row in stored if _stands(row)}
        stopped = mismatched(findings, standing)
        if not stopped and not standing:
            return []
        limits = (await active_policy(self._store, self._tier)).breakers
        changed = mismatch_breakers(stored, stopped, now, limits)
        before = by_place(stored)
        for breaker in changed:
            await keep_breaker(transaction, breaker)
        news = [breaker for breaker in changed if changes_state(before.get(breaker.place), breaker)]
        await tell(transaction, [breaker_alert(breaker, now) for breaker in news])
        return changed

    async def show(self, changed: Sequence[Breaker]) -> None:
        """Show in Redis what changed."""
        if changed:
            await self._queue.mark(mirror(changed), _MIRRORED)


def _stands(breaker: Breaker) -> bool:
    return breaker.kind is BreakerKind.RECON_MISMATCH and breaker.state is not BreakerState.CLOSED


def mismatched(findings: Sequence[Finding], standing: set[str]) -> list[tuple[str, Decimal, Decimal]]:
    """Return each ticker that is to stand still, with ours and theirs; one that does so while anything differs too."""
    found: dict[str, tuple[str, Decimal, Decimal]] = {}
    for each in findings:
        difference, ticker = each.difference, each.difference.ticker
        stays = f"ticker:{ticker}" in standing and each.action is not Action.NOTE
        if (each.action is Action.HALT or stays) and (ticker not in found or difference.kind is Kind.POSITION):
            found[ticker] = (ticker, difference.ours, difference.theirs)
    return [found[ticker] for ticker in sorted(found)]
