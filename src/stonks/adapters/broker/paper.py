"""The paper exchange: a broker with a cash account whose books are in PostgreSQL and whose market is a feed of bars."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

import msgspec

from stonks.adapters.broker.deeds import Deed, accepted, deeds, left
from stonks.adapters.broker.matching import Floor, Played, Purse, Resting, Trade, due, ended, legs_after, play
from stonks.adapters.broker.quotes import ADV_DAYS, quote, spread
from stonks.model.errors import Conflict, Refused
from stonks.model.market import Asset, Bar, Price
from stonks.model.order import Intent, OrderEventKind as Kind, OrderType, Side
from stonks.ports.broker import Account, BrokerOrder, Execution
from stonks.ports.market import MarketFeed
from stonks.ports.store import Reader, Store, Transaction

RESERVE = Decimal("1.03")
"""Dollars held back for each dollar of an open purchase, as brokers do."""
_ENOUGH_DAYS = timedelta(days=2 * ADV_DAYS)
_SESSION = timedelta(days=1)


class Holding(msgspec.Struct, frozen=True):
    """Signed shares of a ticker."""

    ticker: str
    quantity: Decimal


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

    Whatever is asked for an instant first lets open orders meet the market up to it.
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
        self._store = store
        self._feed = feed
        self._account = account
        self._starting_cash = Decimal(starting_cash)
        self._heard = heard
        self._opened = False

    async def submit(self, intent: Intent, now: datetime, legs: Sequence[Intent] = ()) -> BrokerOrder:
        """Accept an order for bars that begin after ``now``, and legs that wait for its end: all or none.

        Raises:
            Refused: the account cannot pay for it or does not hold it, or the order makes no sense.
            Conflict: the client_order_id was used before.
        """
        await self.meet(now)
        price = await self.price(intent.ticker, now)
        async with self._store.transaction() as transaction:
            purse = await self._purse(transaction)
            order = await self._admit(transaction, intent, Offer(price, purse), now)
            for leg in legs:
                _reasonable(leg, price)
                await self._accept(transaction, leg, Decimal(0), now, parent=intent.client_order_id, held=True)
        self._heard([accepted(order)])
        return _as_broker_order(order)

    async def replace(self, client_order_id: str, intent: Intent, now: datetime) -> BrokerOrder:
        """Put an order in the place of one that is open and has not traded; both or neither happen.

        Raises:
            Refused: there is no such order, it has ended or traded, or the account cannot pay for the new one.
            Conflict: the new client_order_id was used before.
        """
        await self.meet(now)
        price = await self.price(intent.ticker, now)
        async with self._store.transaction() as transaction:
            purse = await self._purse(transaction)
            old = await self._find(transaction, client_order_id)
            if old is None or old.ended_at is not None or old.filled_quantity:
                raise Refused(f"order {client_order_id} is not open, or has traded")
            gone = ended(old, now, Kind.REPLACED, f"by {intent.client_order_id}")
            gone = msgspec.structs.replace(gone, replaced_by=intent.client_order_id)
            await transaction.run("exchange.save_orders", orders=[gone])
            order = await self._admit(transaction, intent, Offer(price, purse, old), now)
            legs = [leg for leg in await self._open_orders(transaction) if leg.parent == client_order_id]
            if legs:
                moved = [msgspec.structs.replace(leg, parent=intent.client_order_id) for leg in legs]
                await transaction.run("exchange.save_orders", orders=moved)
        self._heard([left(gone, now), accepted(order)])
        return _as_broker_order(order)

    async def order(self, client_order_id: str) -> BrokerOrder | None:
        """Return the order under this id, or None when it was never accepted."""
        order = await self._find(self._store, client_order_id)
        return None if order is None else _as_broker_order(order)

    async def cancel(self, client_order_id: str, now: datetime) -> BrokerOrder:
        """Take what is not yet filled of an order off the book; one that has ended stays as it is.

        Raises:
            Refused: there is no such order.
        """
        await self.meet(now)
        async with self._store.transaction() as transaction:
            await self._purse(transaction)
            order = await self._find(transaction, client_order_id)
            if order is None:
                raise Refused(f"no order {client_order_id}")
            changed: list[Resting] = []
            if order.ended_at is None:
                order = ended(order, now, Kind.CANCELED, "on request")
                book = await self._open_orders(transaction)
                changed = [order, *legs_after(order, book, now, Decimal(0)).values()]
                await transaction.run("exchange.save_orders", orders=changed)
        self._heard([left(each, now) if each.ended_at else accepted(each) for each in changed])
        return _as_broker_order(order)

    async def executions(self, after: str | None, now: datetime) -> Sequence[Execution]:
        """Return executions up to ``now`` that come after this execution id, as they happened."""
        await self.meet(now)
        return await self._store.rows(Execution, "exchange.executions", account=self._account, after=after, now=now)

    async def orders(self, now: datetime) -> Sequence[BrokerOrder]:
        """Return the orders that are open, or that ended within a day, as of ``now``."""
        await self.meet(now)
        rows = await self._store.rows(Resting, "exchange.orders", account=self._account, since=now - _SESSION)
        return [_as_broker_order(row) for row in rows]

    async def account(self, now: datetime) -> Account:
        """Return cash and positions as of ``now``."""
        await self.meet(now)
        await self._open()
        cash = await self._store.value("exchange.cash", account=self._account)
        return Account(name=self._account, cash=cash, positions=await self._held(self._store))

    async def price(self, ticker: str, now: datetime) -> Price | None:
        """Return the price at ``now``: the day's open while the session runs, the last close otherwise."""
        return quote(await self._feed.bars(ticker, now - _ENOUGH_DAYS, now), now)

    async def asset(self, ticker: str, now: datetime) -> Asset | None:
        """Return that whole shares of anything are traded here, and nothing is sold short."""
        return Asset(ticker=ticker, tradable=True, halted=False, fractionable=False, shortable=False, known_at=now)

    # -------------------------------------------------------------------------------------------- the market

    async def meet(self, now: datetime) -> None:
        """Match open orders with every moment up to ``now``; nothing is locked where none is due."""
        orders = await self._open_orders(self._store)
        if not orders or not due(await self._floor(orders, now), now):
            return
        async with self._store.transaction() as transaction:
            purse = await self._purse(transaction)
            floor = await self._floor(await self._open_orders(transaction), now)
            floor = msgspec.structs.replace(floor, purse=purse, trades=await self._trades(transaction, floor))
            played = play(floor, now)
            await self._save(transaction, played)
        self._heard(deeds(floor, played))

    async def _floor(self, orders: Sequence[Resting], now: datetime) -> Floor:
        first = {order.ticker: order.accepted_at for order in reversed(orders)}
        bars = {ticker: await self._feed.bars(ticker, since, now) for ticker, since in first.items()}
        return Floor(
            orders=tuple(orders),
            bars=bars,
            half_spreads={ticker: await self._half_spread(run, first[ticker]) for ticker, run in bars.items() if run},
            purse=Purse(cash=Decimal(0), held={}),
        )

    async def _half_spread(self, run: Sequence[Bar], accepted_at: datetime) -> Decimal:
        return spread(await self._feed.bars(run[0].ticker, accepted_at - _ENOUGH_DAYS, accepted_at)) / 2

    async def _trades(self, transaction: Transaction, floor: Floor) -> tuple[Trade, ...]:
        begins = [bar.starts_at for bars in floor.bars.values() for bar in bars]
        if not begins:
            return ()
        tickers = sorted(floor.bars)
        return tuple(
            await transaction.rows(
                Trade, "exchange.trades_since", account=self._account, tickers=tickers, since=min(begins)
            )
        )

    async def _save(self, transaction: Transaction, played: Played) -> None:
        if played.orders:
            await transaction.run("exchange.save_orders", orders=played.orders)
        if played.trades:
            await transaction.run("exchange.save_trades", account=self._account, trades=played.trades)
            await transaction.run("exchange.set_cash", account=self._account, cash=played.purse.cash)

    # -------------------------------------------------------------------------------------------- the books

    async def _open(self) -> None:
        if not self._opened:
            async with self._store.transaction() as transaction:
                await transaction.run("exchange.open_account", account=self._account, cash=self._starting_cash)
            self._opened = True

    async def _purse(self, transaction: Transaction) -> Purse:
        """Lock the account and return what it has."""
        await transaction.run("exchange.open_account", account=self._account, cash=self._starting_cash)
        cash = await transaction.value("exchange.lock", account=self._account)
        return Purse(cash=cash, held=await self._held(transaction))

    async def _held(self, reader: Reader) -> dict[str, Decimal]:
        rows = await reader.rows(Holding, "exchange.holdings", account=self._account)
        return {row.ticker: row.quantity for row in rows}

    async def _open_orders(self, reader: Reader) -> list[Resting]:
        return await reader.rows(Resting, "exchange.open_orders", account=self._account)

    async def _find(self, reader: Reader, client_order_id: str) -> Resting | None:
        return await reader.row(Resting, "exchange.order", client_order_id=client_order_id, account=self._account)

    async def _admit(self, transaction: Transaction, intent: Intent, offer: Offer, now: datetime) -> Resting:
        """Put an order on the book if the account, which is locked, can pay for it beside what is open."""
        if await self._find(transaction, intent.client_order_id) is not None:
            raise Conflict(f"client_order_id must be unique: {intent.client_order_id}")
        old, working = offer.replaces, await self._open_orders(transaction)
        if old is not None and old.parent is not None:
            _reasonable(intent, offer.price)
            reserve = Decimal(0)  # a leg is for what its order buys, and so is what takes its place
        else:
            reserve = admit(intent, offer.price, offer.purse, working)
        place = {"replaces": old.client_order_id, "parent": old.parent, "held": old.held} if old else {}
        await self._accept(transaction, intent, reserve, now, **place)
        order = await self._find(transaction, intent.client_order_id)
        if order is None:
            raise Conflict(f"client_order_id must be unique: {intent.client_order_id}")
        return order

    async def _accept(
        self, transaction: Transaction, intent: Intent, reserve: Decimal, now: datetime, **place: str | bool | None
    ) -> None:
        await transaction.run(
            "exchange.accept",
            client_order_id=intent.client_order_id,
            account=self._account,
            ticker=intent.ticker,
            side=intent.side,
            type=intent.type,
            quantity=intent.quantity,
            limit_price=intent.limit_price,
            stop_price=intent.stop_price,
            time_in_force=intent.time_in_force,
            reserved=reserve,
            now=now,
            **{"replaces": None, "parent": None, "held": False, **place},
        )


def admit(intent: Intent, price: Price | None, purse: Purse, working: Sequence[Resting]) -> Decimal:
    """Return the dollars to hold back for an order that may be placed.

    Raises:
        Refused: it makes no sense, for the reason in the message.
        Insufficient: the account has not got what it asks for.
    """
    _reasonable(intent, price)
    if intent.side is Side.SELL:
        free = purse.held.get(intent.ticker, Decimal(0)) - promised(intent.ticker, working)
        if intent.quantity > free:
            raise Insufficient(f"insufficient qty available: asked {intent.quantity}, free {free}")
        return Decimal(0)
    each = intent.limit_price or (price.ask if price else Decimal(0))
    reserve = intent.quantity * each * RESERVE
    free = purse.cash - sum((order.reserved for order in working), Decimal(0))
    if reserve > free:
        raise Insufficient(f"insufficient buying power: needs {reserve:.2f}, free {free:.2f}")
    return reserve


def promised(ticker: str, working: Sequence[Resting]) -> Decimal:
    """Return the shares of a ticker that open orders may sell; of legs of one order only one does."""
    most: dict[str, Decimal] = {}
    for order in working:
        if order.ticker == ticker and order.side is Side.SELL and not order.held:
            group = f"legs of {order.parent}" if order.parent else order.client_order_id
            most[group] = max(order.remaining, most.get(group, Decimal(0)))
    return sum(most.values(), Decimal(0))


def _reasonable(intent: Intent, price: Price | None) -> None:
    if price is None:
        raise Refused(f"{intent.ticker} does not trade here")
    if intent.quantity <= 0 or intent.quantity != intent.quantity.to_integral_value():
        raise Refused(f"whole shares above zero only, not {intent.quantity}")
    if intent.time_in_force not in {"day", "gtc"}:
        raise Refused(f"time in force is day or gtc, not {intent.time_in_force}")
    needed = {OrderType.LIMIT: intent.limit_price, OrderType.STOP: intent.stop_price}.get(intent.type, Decimal(1))
    if needed is None or needed <= 0:
        raise Refused(f"a {intent.type} order needs a {intent.type} price above zero")


def _as_broker_order(order: Resting) -> BrokerOrder:
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
