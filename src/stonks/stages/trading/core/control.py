"""What a person may do to an account: which command leads from where to where, and what people hear of it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from stonks.model.alert import Alert, Severity
from stonks.model.control import Command, Wish
from stonks.model.errors import Refused
from stonks.model.identity import alert_id
from stonks.risk.facts import TradingState


class ControlState(msgspec.Struct, frozen=True, kw_only=True):
    """What an account may do, since when, by whom and why."""

    state: TradingState
    halts_when_flat: bool
    """Whether it only reduces until it is flat, and is halted then."""
    changed_by: str | None
    reason: str | None
    changed_at: datetime

    @property
    def halted(self) -> bool:
        """Whether it is halted, or is about to be."""
        return self.state is TradingState.HALTED or self.halts_when_flat


def after(standing: ControlState, command: Command, wish: Wish) -> tuple[TradingState, bool]:
    """Return the state that a command leads to, and whether it turns to halted once the account is flat.

    Raises:
        Refused: the command makes no sense where the account stands.
    """
    match command:
        case Command.PAUSE if standing.halted:
            raise Refused("the account is halted, which is more than paused")
        case Command.PAUSE:
            return TradingState.REDUCING, False
        case Command.RESUME if standing.halted:
            raise Refused("the account is halted: rearm it, having looked at why")
        case Command.REARM if standing.state is TradingState.REDUCING and not standing.halted:
            raise Refused("the account is paused, not halted: resume it")
        case Command.RESUME | Command.REARM:
            return TradingState.ACTIVE, False
        case Command.FLATTEN:
            return TradingState.REDUCING, standing.halted
        case Command.HALT:
            return (TradingState.REDUCING, True) if wish.flatten else (TradingState.HALTED, False)


def saying(standing: ControlState, leaving: int, breakers: Sequence[str]) -> str:
    """Return in words what an account may do now."""
    if standing.state is TradingState.HALTED:
        later = f"; {leaving} positions that are to be given up are sold once the account is rearmed" if leaving else ""
        return "nothing is sent to the broker, exits neither; what the broker has stays there, stops included" + later
    if standing.halts_when_flat:
        return f"{leaving} positions are being given up; nothing is entered, and the account halts once it is flat"
    giving = f"{leaving} positions are being given up; " if leaving else ""
    if standing.state is TradingState.REDUCING:
        return giving + "nothing is entered, open positions are still managed"
    closed = f"; these breakers stay open and hold entries back: {', '.join(breakers)}" if breakers else ""
    return giving + "entries pass again" + closed


_SEVERITIES = {
    Command.PAUSE: Severity.WARNING,
    Command.RESUME: Severity.INFO,
    Command.HALT: Severity.CRITICAL,
    Command.FLATTEN: Severity.CRITICAL,
    Command.REARM: Severity.WARNING,
}
_KINDS = {
    Command.PAUSE: "trading_paused",
    Command.RESUME: "trading_resumed",
    Command.HALT: "trading_halted",
    Command.FLATTEN: "trading_flattening",
    Command.REARM: "trading_rearmed",
}


def control_alert(command: Command, account: str, wish: Wish, said: str) -> Alert:
    """Return the news that somebody changed what an account may do."""
    return Alert(
        id=alert_id(_KINDS[command], f"{account}:{wish.request_id}", wish.now),
        kind=_KINDS[command],
        severity=_SEVERITIES[command],
        subject=account,
        text=f"{command.value} by {wish.by}: {wish.reason}; {said}",
        raised_at=wish.now,
    )


def flat_alert(account: str, now: datetime) -> Alert:
    """Return the news that a halt which waited for the account to be flat is complete."""
    return Alert(
        id=alert_id("trading_halted", account, now),
        kind="trading_halted",
        severity=Severity.CRITICAL,
        subject=account,
        text="the account is flat, and halted as was asked",
        raised_at=now,
    )


def order_asked_alert(kind: str, subject: str, of: UUID | str, wish: Wish) -> Alert:
    """Return the news that a person asked for an order to be taken back, or for a position to be given up."""
    return Alert(
        id=alert_id(kind, of, wish.now),
        kind=kind,
        severity=Severity.INFO,
        subject=subject,
        text=f"{kind.replace('_', ' ')} by {wish.by}: {wish.reason}",
        raised_at=wish.now,
    )
