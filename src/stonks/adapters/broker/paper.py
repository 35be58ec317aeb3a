"""The paper exchange: a broker with a cash account whose books are in PostgreSQL and whose market is a feed of bars."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

import msgspec

from stonks.adapters.broker.books import Books, Place
from stonks.adapters.broker.deeds import Deed, accepted, deeds, left
from stonks.adapters.broker.matching import Floor, due, ended, legs_after, play
from stonks.adapters.broker.quotes import ADV_DAYS, quote, spread
from stonks.adapters.broker.resting import Purse, Resting
from stonks.model.adjustment import start_of
from stonks.model.errors import Conflict, Refused
from stonks.model.market import Asset, Bar, Price
from stonks.model.order import Intent, OrderEventKind as Kind, OrderType, Side
from stonks.ports.broker import Account, BrokerOrder, Execution
from stonks.ports.market import MarketFeed
from stonks.ports.store import Store, Transaction
from stonks.risk.corporate_actions import Action, effect

RESERVE = Decimal("1.03")
"""Dollars held back for each dollar of an open purchase, as brokers do."""
AT_ONCE = timedelta(0)
_ENOUGH_DAYS = timedelta(days=2 * ADV_DAYS)
_SESSION = timedelta(days=1)
_LOOKS = timedelta(minutes=10)
_INSTANT = timedelta(microseconds=1)
_NOTHING = Decimal(0)


class Offer(NamedTuple):
    """What an order is admitted on: the price, what the account has, and the order whose place it takes."""

    price: Price | None
    purse: Purse
    replaces: Resting | None = None


class Insufficient(Refused):
    """Raised when the account has not got the cash or the shares that an order asks for."""


def _unheard(deeds: Sequence[Deed]) -> None:
    """Tell nobody."""


class PaperExchange:
    """Trades one account against recorded bars; several processes may, for the account's row is the lock.

    Whatever is asked for an instant first lets open orders meet the market up to it, and dividends and splits that are
    known take effect at the start of their day. As at Alpaca, a split changes shares and no order: whoever has orders
    on the book that it makes wrong has to take them back and place them anew.
    """

    def __init__(
        self,
        store: Store,
        feed: MarketFeed,
        account: str,
        starting_cash: int,
        heard: Callable[[Sequence[Deed]], None] = _unheard,
    ) -> None:
        """Open the account with its starting cash at the first call; ``heard`` is told what is done, once it is."""
        self.books = Books(store, account, Decimal(starting_cash))
        self._store = store
        self._feed = feed
        self._heard = heard
        self._looked: datetime | None = None
        self._halted: frozenset[str] = frozenset()

    async def submit(
        self, intent: Intent, now: datetime, legs: Sequence[Intent] = (), lag: timedelta = AT_ONCE
    ) -> BrokerOrder:
        """Accept an order for bars that begin after it has arrived, and legs that wait for its end: all or none.

        Raises:
            Refused: the account cannot pay for it or does not hold it, or the order makes no sense.
            Conflict: the client_order_id was used before.
        """
        await self.meet(now)
        price = await self.price(intent.ticker, now)
        async with self._store.transaction() as transaction:
            purse = await self.books.purse(transaction)
            order = await self._admit(transaction, intent, Offer(price, purse), now + lag)
            for leg in legs:
                _reasonable(leg, price)
                place = Place(parent=intent.client_order_id, held=True)
                await self.books.accept(transaction, leg, place, now + lag)
        self._heard([accepted(order)])
        return as_broker_order(order)

    async def replace(
        self, client_order_id: str, intent: Intent, now: datetime, lag: timedelta = AT_ONCE
    ) -> BrokerOrder:
        """Put an order in the place of one that is open and has not traded; both or neither happen.

        Raises:
            Refused: there is no such order, it has ended or traded, or the account cannot pay for the new one.
            Conflict: the new client_order_id was used before.
        """
        await self.meet(now)
        price = await self.price(intent.ticker, now)
        async with self._store.transaction() as transaction:
            purse = await self.books.purse(transaction)
            old = await self.books.find(transaction, client_order_id)
            if old is None or old.ended_at is not None or old.filled_quantity:
                raise Refused(f"order {client_order_id} is not open, or has traded")
            gone = ended(old, now, Kind.REPLACED, f"by {intent.client_order_id}")
            gone = msgspec.structs.replace(gone, replaced_by=intent.client_order_id)
            await self.books.save_orders(transaction, [gone])
            order = await self._admit(transaction, intent, Offer(price, purse, old), now + lag)
            legs = [leg for leg in await self.books.open_orders(transaction) if leg.parent == client_order_id]
            if legs:
                moved = [msgspec.structs.replace(leg, parent=intent.client_order_id) for leg in legs]
                await self.books.save_orders(transaction, moved)
        self._heard([left(gone, now), accepted(order)])
        return as_broker_order(order)

    async def order(self, client_order_id: str) -> BrokerOrder | None:
        """Return the order under this id, or None when it was never accepted."""
        order = await self.books.find(self._store, client_order_id)
        return None if order is None else as_broker_order(order)

    async def cancel(self, client_order_id: str, now: datetime) -> BrokerOrder:
        """Take what is not yet filled of an order off the book; one that has ended stays as it is.

        Raises:
            Refused: there is no such order.
        """
        await self.meet(now)
        async with self._store.transaction() as transaction:
            await self.books.purse(transaction)
            order = await self.books.find(transaction, client_order_id)
            if order is None:
                raise Refused(f"no order {client_order_id}")
            changed: list[Resting] = []
            if order.ended_at is None:
                order = ended(order, now, Kind.CANCELED, "on request")
                book = await self.books.open_orders(transaction)
                changed = [order, *legs_after(order, book, now, _NOTHING).values()]
                await self.books.save_orders(transaction, changed)
        self._heard([left(each, now) if each.ended_at else accepted(each) for each in changed])
        return as_broker_order(order)

    async def executions(self, after: str | None, now: datetime) -> Sequence[Execution]:
        """Return executions up to ``now`` that come after this execution id, as they became known."""
        await self.meet(now)
        return await self._store.rows(
            Execution, "exchange.executions", account=self.books.account, after=after, now=now
        )

    async def orders(self, now: datetime) -> Sequence[BrokerOrder]:
        """Return the orders that are open, or that ended within a day, as of ``now``."""
        await self.meet(now)
        rows = await self._store.rows(Resting, "exchange.orders", account=self.books.account, since=now - _SESSION)
        return [as_broker_order(row) for row in rows]

    async def account(self, now: datetime) -> Account:
        """Return cash and positions as of ``now``."""
        await self.meet(now)
        cash = await self.books.cash()
        return Account(name=self.books.account, cash=cash, positions=await self.books.held(self._store))

    async def price(self, ticker: str, now: datetime) -> Price | None:
        """Return the price at ``now``: the day's open while the session runs, the last close otherwise."""
        return quote(await self._feed.bars(ticker, now - _ENOUGH_DAYS, now), now)

    async def asset(self, ticker: str, now: datetime) -> Asset | None:
        """Return that whole shares of anything that is not halted are traded here, and nothing is sold short."""
        halted = ticker in self._halted
        return Asset(
            ticker=ticker, tradable=not halted, halted=halted, fractionable=False, shortable=False, known_at=now
        )

    # -------------------------------------------------------------------------------------------- the market

    async def meet(self, now: datetime) -> None:
        """Let every moment of the market up to ``now`` happen; nothing is locked where none is due.

        Corporate actions are looked for every ten minutes of the exchange's time; one that becomes known late takes
        effect for what was held when it should have.
        """
        if self._looked is None or now >= self._looked + _LOOKS:
            await self._turn_over(now)
            self._looked = now
        await self._match(now)

    async def _match(self, now: datetime) -> None:
        orders = self._trading(await self.books.open_orders(self._store))
        if not orders or not due(await self._floor(orders, now), now):
            return
        async with self._store.transaction() as transaction:
            purse = await self.books.purse(transaction)
            floor = await self._floor(self._trading(await self.books.open_orders(transaction)), now)
            floor = msgspec.structs.replace(floor, purse=purse, trades=await self.books.trades(transaction, floor))
            played = play(floor, now)
            await self.books.save(transaction, played)
        self._heard(deeds(floor, played))

    def _trading(self, orders: list[Resting]) -> list[Resting]:
        """Return the orders whose ticker is not halted."""
        return [order for order in orders if order.ticker not in self._halted] if self._halted else orders

    async def _floor(self, orders: Sequence[Resting], now: datetime) -> Floor:
        first = {order.ticker: order.accepted_at for order in reversed(orders)}
        bars = {ticker: await self._feed.bars(ticker, since - _INSTANT, now) for ticker, since in first.items()}
        return Floor(
            orders=tuple(orders),
            bars=bars,
            half_spreads={ticker: await self._half_spread(run, first[ticker]) for ticker, run in bars.items() if run},
            purse=Purse(cash=_NOTHING, held={}),
        )

    async def _half_spread(self, run: Sequence[Bar], accepted_at: datetime) -> Decimal:
        """Return half the spread by the days that were over when the first order came."""
        days = await self._feed.bars(run[0].ticker, accepted_at - _ENOUGH_DAYS, accepted_at)
        return spread([bar for bar in days if bar.ends_at <= accepted_at]) / 2

    # -------------------------------------------------------------------------------------------- corporate actions

    async def _turn_over(self, now: datetime) -> None:
        """Let dividends and splits take effect, each after orders have met the market of the days before it."""
        for action in await self.books.due(now):
            await self._match(start_of(action.ex_date))
            await self.take_effect(action)

    async def take_effect(self, action: Action) -> bool:
        """Change cash and shares as an action does to what was held as its day began; return whether it was new."""
        start = start_of(action.ex_date)
        days = await self._feed.bars(action.ticker, start - _ENOUGH_DAYS, start)
        async with self._store.transaction() as transaction:
            purse = await self.books.purse(transaction)
            held = (await self.books.held(transaction, start)).get(action.ticker, _NOTHING)
            known = msgspec.structs.replace(action, close=days[-1].close if days else None)
            adjustment = effect(known, held)
            if adjustment is None or not await self.books.adjust(transaction, adjustment):
                return False
            await self.books.set_cash(transaction, purse.cash + (adjustment.cash or _NOTHING))
        return True

    async def halt(self, ticker: str, now: datetime, *, halted: bool) -> None:
        """Stop trading in a ticker, or let it go on; what its orders miss meanwhile they have missed."""
        await self.meet(now)
        if not halted:
            async with self._store.transaction() as transaction:
                await self.books.purse(transaction)
                waiting = [order for order in await self.books.open_orders(transaction) if order.ticker == ticker]
                passed = [msgspec.structs.replace(order, matched_at=max(order.matched_at, now)) for order in waiting]
                if passed:
                    await self.books.save_orders(transaction, passed)
        self._halted = self._halted | {ticker} if halted else self._halted - {ticker}

    def tell(self, deeds: Sequence[Deed]) -> None:
        """Tell whoever hears this exchange what somebody else has done to its books."""
        self._heard(deeds)

    @property
    def halted(self) -> frozenset[str]:
        """The tickers in which nothing trades."""
        return self._halted

    # -------------------------------------------------------------------------------------------- admission

    async def _admit(self, transaction: Transaction, intent: Intent, offer: Offer, at: datetime) -> Resting:
        """Put an order on the book if the account, which is locked, can pay for it beside what is open."""
        if await self.books.find(transaction, intent.client_order_id) is not None:
            raise Conflict(f"client_order_id must be unique: {intent.client_order_id}")
        old, working = offer.replaces, await self.books.open_orders(transaction)
        if old is not None and old.parent is not None:
            _reasonable(intent, offer.price)
            reserved = _NOTHING  # a leg is for what its order buys, and so is what takes its place
        else:
            reserved = admit(intent, offer.price, offer.purse, working)
        place = Place(reserved=reserved, peak=offer.price.mid if offer.price else None)
        if old is not None:
            place = msgspec.structs.replace(place, replaces=old.client_order_id, parent=old.parent, held=old.held)
        await self.books.accept(transaction, intent, place, at)
        order = await self.books.find(transaction, intent.client_order_id)
        if order is None:
            raise Conflict(f"client_order_id must be unique: {intent.client_order_id}")
        return order


def admit(intent: Intent, price: Price | None, purse: Purse, working: Sequence[Resting]) -> Decimal:
    """Return the dollars to hold back for an order that may be placed.

    Raises:
        Refused: it makes no sense, for the reason in the message.
        Insufficient: the account has not got what it asks for.
    """
    _reasonable(intent, price)
    if intent.side is Side.SELL:
        free = purse.held.get(intent.ticker, _NOTHING) - promised(intent.ticker, working)
        if intent.quantity > free:
            raise Insufficient(f"insufficient qty available: asked {intent.quantity}, free {free}")
        return _NOTHING
    each = intent.limit_price or (price.ask if price else _NOTHING)
    reserve = intent.quantity * each * RESERVE
    free = purse.cash - sum((order.reserved for order in working), _NOTHING)
    if reserve > free:
        raise Insufficient(f"insufficient buying power: needs {reserve:.2f}, free {free:.2f}")
    return reserve


def promised(ticker: str, working: Sequence[Resting]) -> Decimal:
    """Return the shares of a ticker that open orders may sell; of legs of one order only one does."""
    most: dict[str, Decimal] = {}
    for order in working:
        if order.ticker == ticker and order.side is Side.SELL and not order.held:
            group = f"legs of {order.parent}" if order.parent else order.client_order_id
            most[group] = max(order.remaining, most.get(group, _NOTHING))
    return sum(most.values(), _NOTHING)


def _reasonable(intent: Intent, price: Price | None) -> None:
    if price is None:
        raise Refused(f"{intent.ticker} does not trade here")
    if intent.quantity <= 0 or intent.quantity != intent.quantity.to_integral_value():
        raise Refused(f"whole shares above zero only, not {intent.quantity}")
    if intent.time_in_force not in {"day", "gtc"}:
        raise Refused(f"time in force is day or gtc, not {intent.time_in_force}")
    for name, needed in _needed(intent).items():
        if needed is None or needed <= 0:
            raise Refused(f"a {intent.type} order needs a {name} price above zero")


def _needed(intent: Intent) -> dict[str, Decimal | None]:
    """Return the prices without which an order makes no sense, by name."""
    match intent.type:
        case OrderType.MARKET:
            return {}
        case OrderType.LIMIT:
            return {"limit": intent.limit_price}
        case OrderType.STOP:
            return {"stop": intent.stop_price}
        case OrderType.STOP_LIMIT:
            return {"stop": intent.stop_price, "limit": intent.limit_price}
        case OrderType.TRAILING_STOP:
            return {"trail": intent.trail_price or intent.trail_percent}
        case _:
            raise Refused(f"an order of type {intent.type} is not traded here")


def as_broker_order(order: Resting) -> BrokerOrder:
    """Return an order of the book as the port shows it."""
    return BrokerOrder(
        broker_order_id=f"px-{order.client_order_id}",
        client_order_id=order.client_order_id,
        ticker=order.ticker,
        side=order.side,
        quantity=order.quantity,
        kind=order.kind,
        reason=order.reason,
        at=order.ended_at or order.matched_at,
    )
