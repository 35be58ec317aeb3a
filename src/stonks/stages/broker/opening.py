"""Holds orders back after a start until our books and the broker's agree; halts the account when that takes long."""

from datetime import datetime, timedelta

from stonks.model.alert import Alert, Severity
from stonks.model.errors import Waiting
from stonks.model.identity import alert_id
from stonks.ports.bundle import Ports
from stonks.stages.broker.events import tell

PATIENCE = timedelta(seconds=30)
"""How long a start may take until the account is halted."""


class Opening:
    """Whether this start of the stage may send orders; it begins shut, and once open stays so."""

    def __init__(self, ports: Ports) -> None:
        """Hold back orders of the settings' account."""
        self._store = ports.store
        self._account = ports.settings.account
        self._since: datetime | None = None
        self._late = False
        self.is_open = False

    def demand(self) -> None:
        """Return if orders may be sent.

        Raises:
            Waiting: the books have not been compared yet, or they differ; the job is given back as it was.
        """
        if not self.is_open:
            raise Waiting(f"orders of {self._account} wait until its books and the broker's agree: stonks reconcile")

    async def agree(self, now: datetime) -> None:
        """Let orders be sent from now on, and end a halt that was for this alone."""
        if self.is_open:
            return
        async with self._store.transaction() as transaction:
            reason = "the books and the broker's agree"
            released = await transaction.run("reconciliation.release", account=self._account, reason=reason, now=now)
            if released:
                await tell(transaction, [_alert("trading_resumed", Severity.INFO, self._account, reason, now)])
        self.is_open = True

    async def wait(self, why: str, now: datetime) -> None:
        """Note that the books do not agree yet; after 30 seconds of that the account is halted, once, with an alert."""
        self._since = self._since or now
        if self.is_open or self._late or now - self._since < PATIENCE:
            return
        reason = f"not reconciled {int((now - self._since).total_seconds())} s after the start: {why}"
        async with self._store.transaction() as transaction:
            if await transaction.run("reconciliation.halt", account=self._account, reason=reason, now=now):
                await tell(transaction, [_alert("trading_halted", Severity.CRITICAL, self._account, reason, now)])
        self._late = True


def _alert(kind: str, severity: Severity, account: str, text: str, now: datetime) -> Alert:
    return Alert(
        id=alert_id(kind, account, now), kind=kind, severity=severity, subject=account, text=text, raised_at=now
    )
