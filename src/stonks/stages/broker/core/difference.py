"""Where our books and the broker's differ, and what is to be done about it (trading.md 3.7). Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import msgspec

from stonks.model.order import OrderStatus, Position, Side
from stonks.ports.broker import Account, BrokerOrder

GRACE = timedelta(seconds=10)
"""How long an order may be ahead of its executions before a fill is inferred."""
QUIET = timedelta(seconds=5)
"""How long after the last activity in a ticker a difference does not count yet, and looks do not count twice."""
LOOKS = 3
"""How often a difference has to be seen before it is explained or its ticker stopped."""
REPAIRS = 3
"""How often a repair is tried."""
EXTERNAL = "external"
"""The source of orders that somebody else placed."""

_CLOSE_ENOUGH = Decimal("0.0001")
_NOTHING = Decimal(0)


class Kind(StrEnum):
    """What can differ."""

    FILLS = "fills"
    """Shares traded by an order; its subject is the client's id."""
    POSITION = "position"
    """Shares held; its subject is the ticker."""
    AVERAGE = "average"
    """What a share cost on average."""
    CASH = "cash"
    """What the account's cash changed by since it last agreed, in dollars; its subject is the account."""
    ORDER = "order"
    """An order that nobody can explain; its subject is the client's id."""


class Action(StrEnum):
    """What is done about a difference."""

    WAIT = "wait"
    INFER = "infer a fill"
    REREAD = "read executions again"
    HALT = "halt the ticker"
    NOTE = "note"
    ACCEPT = "accepted"


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """An order of ours with what our fills of it add up to: shares, and dollars for them."""

    id: UUID
    client_order_id: str
    ticker: str
    side: Side
    quantity: Decimal
    status: OrderStatus
    source: str
    shares: Decimal
    dollars: Decimal


class Books(msgspec.Struct, frozen=True, kw_only=True):
    """What our books say: positions that are not flat, and the orders that the broker reports."""

    positions: Sequence[Position]
    tallies: Sequence[Tally]
    cash_moved: Decimal | None = None
    """Dollars that fills, fees and dividends brought since cash last agreed; None: it is not known when that was."""
    cash_then: Decimal | None = None


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One thing on which the books differ."""

    kind: Kind
    subject: str
    ticker: str
    ours: Decimal
    theirs: Decimal


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """Since when, how often and when last a difference was seen, and how often a repair of it was tried."""

    kind: Kind
    subject: str
    looks: int
    repairs: int
    first_at: datetime
    last_at: datetime


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """A difference and what is done about it."""

    difference: Difference
    action: Action


def differences(ours: Books, theirs: Account, reports: Sequence[BrokerOrder]) -> list[Difference]:
    """Return everything on which the books differ, by kind and subject; nothing where they agree."""
    found = [*_fills(ours.tallies, reports), *_positions(ours.positions, theirs), *_unknown(ours.tallies)]
    return sorted([*found, *_cash(ours, theirs)], key=lambda each: (each.kind, each.subject))


def _fills(tallies: Sequence[Tally], reports: Sequence[BrokerOrder]) -> list[Difference]:
    counted = {report.client_order_id: report.filled_quantity for report in reports}
    return [
        Difference(
            kind=Kind.FILLS, subject=tally.client_order_id, ticker=tally.ticker, ours=tally.shares, theirs=theirs
        )
        for tally in tallies
        if tally.source != EXTERNAL
        and (theirs := counted.get(tally.client_order_id)) is not None
        and theirs != tally.shares
    ]


def _unknown(tallies: Sequence[Tally]) -> list[Difference]:
    """Return orders that traded more than was ordered, or though they were refused."""
    return [
        Difference(
            kind=Kind.ORDER,
            subject=tally.client_order_id,
            ticker=tally.ticker,
            ours=tally.quantity,
            theirs=tally.shares,
        )
        for tally in tallies
        if tally.status is OrderStatus.UNKNOWN
    ]


def _positions(positions: Sequence[Position], theirs: Account) -> list[Difference]:
    ours = {held.ticker: held for held in positions}
    found = []
    for ticker in sorted(ours.keys() | {name for name, shares in theirs.positions.items() if shares}):
        held, shares = ours.get(ticker), theirs.positions.get(ticker, _NOTHING)
        quantity = held.quantity if held else _NOTHING
        if quantity != shares:
            found.append(Difference(kind=Kind.POSITION, subject=ticker, ticker=ticker, ours=quantity, theirs=shares))
        elif held and (paid := theirs.average_prices.get(ticker)) and _is_off(held.average_price, paid):
            average = held.average_price
            found.append(Difference(kind=Kind.AVERAGE, subject=ticker, ticker=ticker, ours=average, theirs=paid))
    return found


def _is_off(ours: Decimal, theirs: Decimal) -> bool:
    return abs(ours - theirs) > _CLOSE_ENOUGH * abs(theirs)


def _cash(ours: Books, theirs: Account) -> list[Difference]:
    if ours.cash_moved is None or ours.cash_then is None:
        return []
    moved = theirs.cash - ours.cash_then
    if abs(moved - ours.cash_moved) <= Decimal("0.01"):
        return []
    return [Difference(kind=Kind.CASH, subject=theirs.name, ticker="", ours=ours.cash_moved, theirs=moved)]


def again(seen: Seen | None, difference: Difference, now: datetime) -> Seen:
    """Return what is remembered of a difference once it is seen, perhaps again; looks soon after another count once."""
    if seen is None:
        return Seen(kind=difference.kind, subject=difference.subject, looks=1, repairs=0, first_at=now, last_at=now)
    if now - seen.last_at < QUIET:
        return seen
    return msgspec.structs.replace(seen, looks=seen.looks + 1, last_at=now)


def judged(
    found: Sequence[Difference], seen: Mapping[tuple[str, str], Seen], stirred: Mapping[str, datetime], now: datetime
) -> list[Finding]:
    """Return what is done about each difference; ``seen`` is by kind and subject, ``stirred`` by ticker.

    While an order's fills are waited for, or are being inferred, the position in its ticker differs for that reason.
    """
    fills = [each for each in found if each.kind is Kind.FILLS]
    ahead = {
        each.ticker for each in fills if each.theirs > each.ours and seen[each.kind, each.subject].repairs < REPAIRS
    }
    findings = []
    for each in found:
        if each.kind is Kind.POSITION and each.ticker in ahead:
            action = Action.WAIT
        else:
            action = _action(each, seen[each.kind, each.subject], stirred.get(each.ticker), now)
        findings.append(Finding(difference=each, action=action))
    return findings


def _action(difference: Difference, seen: Seen, stirred: datetime | None, now: datetime) -> Action:
    match difference.kind:
        case Kind.AVERAGE:
            return Action.NOTE
        case Kind.CASH:
            return Action.WAIT if seen.looks < LOOKS else Action.NOTE
        case Kind.ORDER:
            return Action.HALT
        case Kind.FILLS if difference.theirs > difference.ours and seen.repairs < REPAIRS:
            return Action.INFER if now - seen.first_at >= GRACE else Action.WAIT
        case _:
            recent = stirred is not None and now - stirred < QUIET
            if recent or seen.looks < LOOKS:
                return Action.WAIT
            return Action.REREAD if seen.repairs < REPAIRS else Action.HALT


def halted(findings: Sequence[Finding], *, brought: bool) -> list[Finding]:
    """Return findings as they stand once executions were read again: what that did not explain stops its ticker."""
    if brought:
        return list(findings)
    return [
        msgspec.structs.replace(each, action=Action.HALT) if each.action is Action.REREAD else each for each in findings
    ]


class Outcome(StrEnum):
    """What came of comparing the books."""

    OK = "ok"
    """Nothing differs that would keep from trading."""
    WAITING = "waiting"
    REPAIRED = "repaired"
    """Executions were booked or inferred: the next look says whether that was all."""
    HALTED = "halted"
    FAILED = "failed"
    """The broker did not answer: nothing is known."""
    ACCEPTED = "accepted"


def outcome_of(findings: Sequence[Finding]) -> Outcome:
    """Return what findings come to: the gravest of them."""
    actions = {each.action for each in findings}
    if Action.HALT in actions:
        return Outcome.HALTED
    if actions & {Action.INFER, Action.REREAD}:
        return Outcome.REPAIRED
    return Outcome.WAITING if Action.WAIT in actions else Outcome.OK
