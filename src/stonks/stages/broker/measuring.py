"""Loads what breakers are measured on: trades, stops, orders sent, a model's answers, and earlier worths."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec

from stonks.model.adjustment import Adjustment
from stonks.model.market import Session
from stonks.model.order import Fill, Snapshot
from stonks.ports.store import Store
from stonks.risk.breaker_findings import Answers, Known, Sent, Stop
from stonks.risk.breakers import BROKER, GLOBAL, SIGNALS, BreakerKind, BreakerState, Moment, Rows
from stonks.risk.trades import ClosedTrade, closed_trades
from stonks.stages.broker.core.settling import worth_of
from stonks.stages.broker.core.worth import DayStart

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_TRADES = timedelta(days=90)
"""How far back a streak of losses is followed: tickers in which nothing was sold since are left out."""


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """What an account was worth once, in dollars, and in how many units."""

    equity: Decimal
    units: Decimal


class Measurer:
    """Measures one account; closed trades are kept between counts for as long as nothing was executed."""

    def __init__(self, store: Store, account: str) -> None:
        """Read this account's rows."""
        self._store = store
        self._account = account
        self._trades: tuple[str | None, tuple[ClosedTrade, ...]] | None = None

    async def known(
        self,
        counted: tuple[Snapshot | None, DayStart],
        moment: Moment,
        stored: Rows,
        priced: Mapping[str, datetime | None],
        cursor: str | None,
    ) -> Known:
        """Return what is known at a moment, beside the worth and the prices that were just asked for."""
        now = moment.now
        return Known(
            worth=worth_of(*counted, await self._week_start(moment, stored, counted[0]), now),
            sessions=moment.sessions,
            trades=await self._closed_trades(cursor, now),
            stops=await self._stops(moment),
            sent=await self._sent(moment, stored),
            priced=priced,
            answers=await self._answers(moment, stored),
        )

    async def _week_start(self, moment: Moment, stored: Rows, counted: Snapshot | None) -> Decimal | None:
        """Return what the units that there are now were worth a week ago."""
        row = stored.get((GLOBAL, BreakerKind.WEEKLY_LOSS))
        at = _began(moment.sessions, moment.limits.weekly_sessions, moment.now)
        if row is not None and row.since is not None:
            at = max(at, row.since)
        then = await self._store.row(Mark, "breakers.worth_at", account=self._account, at=at)
        if then is None or counted is None:
            return None
        return then.equity * counted.units / then.units

    async def _closed_trades(self, cursor: str | None, now: datetime) -> tuple[ClosedTrade, ...]:
        if self._trades is None or self._trades[0] != cursor:
            since = now - _TRADES
            fills = await self._store.rows(Fill, "breakers.fills", account=self._account, since=since, now=now)
            tickers = sorted({fill.ticker for fill in fills})
            booked = await self._store.rows(Adjustment, "adjustments.booked", account=self._account, tickers=tickers)
            trades = [trade for trade in closed_trades(fills, booked) if trade.closed_at > since]
            self._trades = (cursor, tuple(trades))
        return self._trades[1]

    async def _stops(self, moment: Moment) -> list[Stop]:
        since = _began(moment.sessions, moment.limits.stop_sessions, moment.now)
        return await self._store.rows(Stop, "breakers.stops", account=self._account, since=since, now=moment.now)

    async def _sent(self, moment: Moment, stored: Rows) -> Sent:
        now, limits = moment.now, moment.limits
        row = stored.get((BROKER, BreakerKind.ORDER_ERRORS))
        since = now - limits.error_window
        half_open = row is not None and row.state is BreakerState.HALF_OPEN
        sent = await self._store.row(
            Sent,
            "breakers.sent",
            account=self._account,
            since=max(since, row.since) if row is not None and row.since is not None else since,
            now=now,
            unanswered=now - limits.unanswered_after,
            half_opened=row.changed_at if row is not None and half_open else None,
        )
        return sent or Sent(submits=0, errors=0)

    async def _answers(self, moment: Moment, stored: Rows) -> Answers:
        row = stored.get((SIGNALS, BreakerKind.LLM_QUALITY))
        answers = await self._store.row(
            Answers,
            "breakers.answers",
            since=_LONG_AGO if row is None or row.since is None else row.since,
            now=moment.now,
            answers=moment.limits.answers,
        )
        return answers or Answers(answers=0, rejected=0, claims=0, unverified=0)


def _began(sessions: Sequence[Session], count: int, now: datetime) -> datetime:
    """Return when the last so many sessions began, the present one included; now where there was none."""
    opens = [session.opens_at for session in sessions if session.opens_at <= now][-count:]
    return opens[0] if opens else now
