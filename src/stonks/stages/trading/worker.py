"""Loads what is known, lets the core decide and leave, and saves decisions with their orders in one transaction."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import groupby

import msgspec

from stonks.model.alert import Alert
from stonks.model.decision import Decision
from stonks.model.errors import Conflict
from stonks.model.job import BrokerOrderJob
from stonks.model.market import Bar, Session
from stonks.model.order import Intent, Side
from stonks.ports.bundle import Ports
from stonks.ports.stage import Commit, Work
from stonks.risk.breakers import Breaker
from stonks.risk.facts import Book, Holding, LastExit, Market, Resting, TradingState
from stonks.risk.hours import may_enter, may_exit, session_at
from stonks.risk.policy import POLICIES
from stonks.stages.trading.core.charts import Charts, draw, is_stale
from stonks.stages.trading.core.decide import decide_all
from stonks.stages.trading.core.desk import Candidate, Desk
from stonks.stages.trading.core.exits import Held, hits, leave

_LATE = timedelta(minutes=10)
"""How much later than its instant a recommendation may be committed without being missed."""
_HISTORY = timedelta(days=130)
"""Known bars that a chart is drawn from: more than 60 sessions."""
_AHEAD = timedelta(days=14)
_BEHIND = timedelta(days=70)
"""Sessions a desk knows: enough for the longest blackout, cooldown and age."""
_MARKED = timedelta(days=7)
"""How long Redis shows which recommendations were decided on."""
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class State(msgspec.Struct, frozen=True, kw_only=True):
    """What the account may do, how far it has polled, and the cash of its newest snapshot."""

    state: TradingState
    polled_until: datetime | None
    cash: Decimal | None
    as_of: datetime | None


class Working(msgspec.Struct, frozen=True, kw_only=True):
    """What is left of a working order."""

    ticker: str
    sector: str
    side: Side
    quantity: Decimal
    price: float


class Sector(msgspec.Struct, frozen=True):
    """A ticker's sector."""

    ticker: str
    sector: str


class Dated(msgspec.Struct, frozen=True):
    """A report of earnings or a split of a ticker."""

    ticker: str
    type: str
    day: date


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """All that one poll came to."""

    decisions: tuple[Decision, ...]
    intents: tuple[Intent, ...]
    alerts: tuple[Alert, ...]


class Trader:
    """Turns recommendations into decisions and orders, and positions at a barrier into sales.

    It acts only while the trading window is open. What was recommended meanwhile waits for it: the cursor stays, and a
    row in ``trading_decisions`` is what makes a recommendation decided. Charts are kept between polls; they are a
    function of bars and change no result.
    """

    def __init__(self, ports: Ports) -> None:
        """Trade the account of the settings by the policy of their tier."""
        self._store = ports.store
        self._broker = ports.broker
        self._queue = ports.queue
        self._account = ports.settings.account
        self._policy = POLICIES[ports.settings.risk_tier]
        self._charts = Charts()
        self._sessions: tuple[date, tuple[Session, ...]] | None = None
        self._quiet: list[Held] = []

    async def poll(self, work: Work[None]) -> None:
        """Leave positions that reached a barrier, then decide on what was recommended since the last poll."""
        sessions, limits = await self._known_sessions(work.now), self._policy.limits
        if not may_exit(sessions, limits, work.now):
            return
        state = await self._state(work.now)
        candidates = await self._undecided(state, work.now) if may_enter(sessions, limits, work.now) else []
        held = await self._store.rows(Held, "trading.held", account=self._account, now=work.now)
        if not candidates and held == self._quiet:
            return
        desk = await self._desk(work.now, sessions, state, held, [candidate.ticker for candidate in candidates])
        found = hits(desk, held, await self._bars_since(held, work.now))
        exits, desk = leave(desk, held, found)
        decisions, _ = decide_all(desk, candidates)
        self._quiet = held if not found else []
        batch = Batch(
            decisions=decisions,
            intents=(*(left.intent for left in exits), *(d.intent for d in decisions if d.intent is not None)),
            alerts=tuple(left.alert for left in exits),
        )
        if batch.decisions or batch.intents:
            async with work.commit() as commit:
                await self._save(commit, batch, state, work.now)
            marks = {f"dedupe:trading:{done.recommendation_id}": done.verdict.value for done in decisions}
            await self._queue.mark(marks, _MARKED)

    async def _save(self, commit: Commit, batch: Batch, state: State, now: datetime) -> None:
        """Write a poll's outcome, unless another poll came first."""
        moved = await commit.run("trading.advance", account=self._account, until=now, seen=state.polled_until, now=now)
        if not moved:
            raise Conflict(f"another poll of {self._account} came first")
        await commit.run("trading.decide", decisions=batch.decisions)
        await commit.run("trading.order", intents=batch.intents, now=now)
        await commit.run("alerts.raise_all", alerts=batch.alerts)
        await commit.follow(*(BrokerOrderJob(order_id=intent.id) for intent in batch.intents))

    # -------------------------------------------------------------------------------------------- what is known

    async def _known_sessions(self, now: datetime) -> tuple[Session, ...]:
        today = now.date()
        if self._sessions is None or self._sessions[0] != today:
            rows = await self._store.rows(Session, "trading.sessions", first=today - _BEHIND, last=today + _AHEAD)
            if not rows:
                return ()
            self._sessions = (today, tuple(rows))
        return self._sessions[1]

    async def _state(self, now: datetime) -> State:
        state = await self._store.row(State, "trading.state", account=self._account, now=now)
        return state or State(state=TradingState.ACTIVE, polled_until=None, cash=None, as_of=None)

    async def _undecided(self, state: State, now: datetime) -> list[Candidate]:
        after = state.polled_until - _LATE if state.polled_until else _BEGINNING
        return await self._store.rows(Candidate, "trading.undecided", account=self._account, after=after, now=now)

    async def _bars_since(self, held: Sequence[Held], now: datetime) -> dict[str, list[Bar]]:
        if not held:
            return {}
        first = min(position.opened_at for position in held)
        tickers = [position.ticker for position in held]
        return by_ticker(await self._store.rows(Bar, "trading.bars", tickers=tickers, since=first, now=now))

    async def _desk(
        self,
        now: datetime,
        sessions: tuple[Session, ...],
        state: State,
        held: Sequence[Held],
        wanted: Sequence[str],
    ) -> Desk:
        working = await self._store.rows(Working, "trading.working", account=self._account)
        tickers = sorted({*wanted, *(position.ticker for position in held), *(order.ticker for order in working)})
        markets = await self._markets(tickers, sessions, now)
        for ticker in wanted:
            likeness = self._charts.likeness(ticker, tickers)
            markets[ticker] = msgspec.structs.replace(markets[ticker], correlations=likeness)
        return Desk(
            account=self._account,
            now=now,
            policy=self._policy,
            sessions=sessions,
            book=await self._book(state, (now, sessions), _holdings(held, markets), working),
            markets=markets,
        )

    async def _book(
        self,
        state: State,
        when: tuple[datetime, Sequence[Session]],
        holdings: tuple[Holding, ...],
        working: Sequence[Working],
    ) -> Book:
        now, session = when[0], session_at(when[1], when[0])
        began = session.opens_at if session else now
        cash = None if state.cash is None else float(state.cash)
        return Book(
            as_of=state.as_of or now,
            state=state.state,
            cash=cash,
            equity=None if cash is None else cash + sum(holding.value for holding in holdings),
            breakers=tuple(await self._store.rows(Breaker, "trading.breakers")),
            holdings=holdings,
            resting=tuple(msgspec.convert(order, Resting, from_attributes=True) for order in working),
            exits=tuple(await self._store.rows(LastExit, "trading.exits", account=self._account, since=now - _BEHIND)),
            entries_today=await self._store.value("trading.entries_since", account=self._account, since=began),
        )

    async def _markets(self, tickers: Sequence[str], sessions: Sequence[Session], now: datetime) -> dict[str, Market]:
        await self._draw(tickers, sessions, now)
        sectors = {row.ticker: row.sector for row in await self._store.rows(Sector, "trading.sectors", tickers=tickers)}
        dates = await self._store.rows(Dated, "trading.dates", tickers=tickers, now=now)
        markets: dict[str, Market] = {}
        for ticker in tickers:
            chart = self._charts.get(ticker)
            fresh = None if is_stale(chart, sessions, now) else chart
            markets[ticker] = Market(
                sector=sectors.get(ticker),
                price=await self._broker.price(ticker, now),
                adv=fresh.adv if fresh else None,
                atr=fresh.atr if fresh else None,
                volatility=fresh.volatility if fresh else None,
                bars_as_of=chart.as_of if chart else None,
                earnings=tuple(row.day for row in dates if (row.ticker, row.type) == (ticker, "earnings")),
                splits=tuple(row.day for row in dates if (row.ticker, row.type) == (ticker, "split")),
            )
        return markets

    async def _draw(self, tickers: Iterable[str], sessions: Sequence[Session], now: datetime) -> None:
        """Draw anew the charts that lack a closed session's bar."""
        stale = [ticker for ticker in tickers if is_stale(self._charts.get(ticker), sessions, now)]
        if stale:
            rows = await self._store.rows(Bar, "trading.bars", tickers=stale, since=now - _HISTORY, now=now)
            for bars in by_ticker(rows).values():
                self._charts.add(draw(bars))


def by_ticker(bars: Iterable[Bar]) -> dict[str, list[Bar]]:
    """Return bars, which come sorted by ticker, by their ticker."""
    return {ticker: list(run) for ticker, run in groupby(bars, key=lambda bar: bar.ticker)}


def _holdings(held: Sequence[Held], markets: dict[str, Market]) -> tuple[Holding, ...]:
    """Return positions at their present price, or at none that is a number."""
    holdings = []
    for position in held:
        price = markets[position.ticker].price
        holdings.append(
            Holding(
                ticker=position.ticker,
                sector=position.sector,
                quantity=position.quantity,
                price=float(price.mid) if price else float("nan"),
            )
        )
    return tuple(holdings)
