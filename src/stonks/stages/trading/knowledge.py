"""Loads what is known at an instant: the account, its positions, its market, for whoever judges an order."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby

import msgspec

from stonks.model.market import Bar, Session
from stonks.model.order import Side
from stonks.ports.bundle import Ports
from stonks.ports.listing import Listing
from stonks.ports.sessions import Sessions
from stonks.risk.breakers import Breaker
from stonks.risk.facts import Book, Holding, LastExit, Market, Resting, TradingState
from stonks.risk.hours import session_at
from stonks.risk.policies import active_policy
from stonks.risk.policy import Policy
from stonks.stages.trading.core.charts import Charts, draw, is_stale
from stonks.stages.trading.core.desk import Desk
from stonks.stages.trading.core.exits import Held
from stonks.stages.trading.record import Record

_HISTORY = timedelta(days=130)
"""Known bars that a chart is drawn from: more than 60 sessions."""
_AHEAD = timedelta(days=14)
_BEHIND = timedelta(days=70)
"""Sessions a desk knows: enough for the longest blackout, cooldown and age."""


class State(msgspec.Struct, frozen=True, kw_only=True):
    """What the account may do, how far it has polled, and the cash of its newest snapshot."""

    state: TradingState
    polled_until: datetime | None
    cash: Decimal | None
    as_of: datetime | None
    halts_when_flat: bool = False


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
    """A report of earnings, or a split, spin-off or merger of a ticker."""

    ticker: str
    type: str
    day: date


class Knowledge:
    """Lays the desk of one account; the charts it keeps between instants are a function of bars and change nothing."""

    def __init__(self, ports: Ports) -> None:
        """Know the account of the settings, under the policy of their tier."""
        self._store = ports.store
        self._broker = ports.broker
        self._account = ports.settings.account
        self._tier = ports.settings.risk_tier
        self._charts = Charts()
        self._record = Record(ports.store, ports.settings.account)
        self._sessions = Sessions(ports.store, _BEHIND, _AHEAD)

    async def policy(self) -> Policy:
        """Return the rules that are in force now."""
        return await active_policy(self._store, self._tier)

    async def sessions(self, now: datetime) -> tuple[Session, ...]:
        """Return the sessions around a day, in order; none where the calendar is empty."""
        return await self._sessions.around(now)

    async def state(self, now: datetime) -> State:
        """Return where the account stands."""
        state = await self._store.row(State, "trading.state", account=self._account, now=now)
        return state or State(state=TradingState.ACTIVE, polled_until=None, cash=None, as_of=None)

    async def bars_since(self, held: Sequence[Held], now: datetime) -> dict[str, list[Bar]]:
        """Return known daily bars of positions, from the oldest position's opening on, by ticker."""
        if not held:
            return {}
        first = min(position.opened_at for position in held)
        tickers = [position.ticker for position in held]
        return by_ticker(await self._store.rows(Bar, "trading.bars", tickers=tickers, since=first, now=now))

    async def held(self, now: datetime) -> list[Held]:
        """Return the account's positions, by ticker."""
        return await self._store.rows(Held, "protection.held", account=self._account, now=now)

    async def desk(self, now: datetime, state: State, held: Sequence[Held], wanted: Sequence[str]) -> Desk:
        """Return all that is known now of the account, of these tickers, and of what it holds and works on."""
        sessions = await self.sessions(now)
        working = await self._store.rows(Working, "trading.working", account=self._account)
        tickers = sorted({*wanted, *(position.ticker for position in held), *(order.ticker for order in working)})
        markets = await self._markets(tickers, sessions, now)
        for ticker in wanted:
            likeness = self._charts.likeness(ticker, tickers)
            asset = await self._broker.asset(ticker, now) if isinstance(self._broker, Listing) else None
            markets[ticker] = msgspec.structs.replace(markets[ticker], correlations=likeness, asset=asset)
        return Desk(
            account=self._account,
            now=now,
            policy=await self.policy(),
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
            results=await self._record.results(now),
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
                splits=tuple(row.day for row in dates if row.ticker == ticker and row.type != "earnings"),
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
