"""Lists circuit breakers for people, and closes one in a person's name: on record, and saying what that means."""

import msgspec

from stonks.model.alert import Alert, Severity
from stonks.model.audit import AuditEntry
from stonks.model.errors import Refused
from stonks.model.identity import alert_id
from stonks.ports.audit import append_audit
from stonks.ports.store import Store, Transaction
from stonks.risk.breaker_view import BreakerView, Reset, ResetDone, view
from stonks.risk.breaker_words import consequences
from stonks.risk.breakers import Breaker, BreakerKind, BreakerState, closed
from stonks.risk.policies import active_policy
from stonks.stages.broker.events import tell


class BreakerDesk:
    """What people may ask of the breakers of one account."""

    def __init__(self, store: Store, account: str, tier: str) -> None:
        """Show and reset them by the limits in force for this tier."""
        self._store = store
        self._account = account
        self._tier = tier

    async def all(self) -> list[BreakerView]:
        """Return every breaker that ever opened, by scope and kind."""
        limits = (await active_policy(self._store, self._tier)).breakers
        return [view(breaker, limits) for breaker in await self._store.rows(Breaker, "broker.breakers")]

    async def reset(self, transaction: Transaction, wish: Reset) -> ResetDone:
        """Close an open breaker, measure what it is about from now on, and keep who did it and why.

        Raises:
            Refused: there is no such breaker, it is not open, or no reason is given.
        """
        if not wish.reason.strip():
            raise Refused("a reset needs a reason")
        limits = (await active_policy(self._store, self._tier)).breakers
        before = await self._open_one(transaction, wish)
        await transaction.run("breakers.reset", scope=wish.scope, kind=wish.kind, actor=wish.by, now=wish.now)
        rebased = _REBASED.get(before.kind)
        if rebased is not None:
            await transaction.run("breakers.rebase", account=self._account, **rebased)
        after = closed(before, wish.now)
        done = ResetDone(breaker=view(after, limits), means=consequences(before, limits))
        await tell(transaction, [_news(wish, done)])
        await append_audit(transaction, _entry(wish, before, after))
        return done

    async def _open_one(self, transaction: Transaction, wish: Reset) -> Breaker:
        found = await transaction.row(Breaker, "breakers.one", scope=wish.scope, kind=wish.kind)
        if found is None:
            raise Refused(f"no breaker {wish.kind} of {wish.scope} has ever opened")
        if found.state is BreakerState.CLOSED:
            raise Refused(f"the breaker {wish.kind} of {wish.scope} is not open: there is nothing to reset")
        return found


_REBASED = {
    BreakerKind.DAILY_LOSS: {"day": True, "best": False},
    BreakerKind.DAILY_FLATTEN: {"day": True, "best": False},
    BreakerKind.DRAWDOWN: {"day": False, "best": True},
}
"""Breakers whose reference is a mark of the account, which moves to what it was counted at last."""


def _news(wish: Reset, done: ResetDone) -> Alert:
    return Alert(
        id=alert_id("breaker_reset", f"{wish.scope}:{wish.kind}", wish.now),
        kind="breaker_reset",
        severity=Severity.WARNING,
        subject=wish.scope,
        text=f"{wish.by} reset {wish.kind} for {done.breaker.covers}: {wish.reason}",
        raised_at=wish.now,
    )


def _entry(wish: Reset, before: Breaker, after: Breaker) -> AuditEntry:
    return AuditEntry(
        at=wish.now,
        actor=wish.by,
        action="breaker.reset",
        object=f"{wish.scope}/{wish.kind}",
        before=msgspec.to_builtins(before),
        after=msgspec.to_builtins(after),
        reason=wish.reason,
        request_id=wish.request_id,
    )
