"""The exchange's own books in PostgreSQL: one account's cash, shares, orders and executions."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import msgspec

from stonks.adapters.broker.matching import Floor, Played
from stonks.adapters.broker.resting import Purse, Resting, Trade
from stonks.model.adjustment import Adjustment
from stonks.model.order import Intent
from stonks.ports.store import Reader, Store, Transaction
from stonks.risk.corporate_actions import Action


class Holding(msgspec.Struct, frozen=True):
    """Signed shares of a ticker."""

    ticker: str
    quantity: Decimal


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where an order stands on the book: dollars held back for it, and the orders it belongs to."""

    reserved: Decimal = Decimal(0)
    replaces: str | None = None
    parent: str | None = None
    held: bool = False
    peak: Decimal | None = None


class Books:
    """Reads and writes one account's books; its row is the lock, so that several processes may keep them."""

    def __init__(self, store: Store, account: str, starting_cash: Decimal) -> None:
        """Keep this account's books; it is opened with its starting cash at the first look."""
        self.store = store
        self.account = account
        self._starting_cash = starting_cash
        self._opened = False

    # -------------------------------------------------------------------------------------------- the account

    async def cash(self) -> Decimal:
        """Return the account's cash."""
        if not self._opened:
            async with self.store.transaction() as transaction:
                await transaction.run("exchange.open_account", account=self.account, cash=self._starting_cash)
            self._opened = True
        cash: Decimal = await self.store.value("exchange.cash", account=self.account)
        return cash

    async def held(self, reader: Reader, before: datetime | None = None) -> dict[str, Decimal]:
        """Return signed shares by ticker, now or right before an instant."""
        rows = await reader.rows(Holding, "exchange.holdings", account=self.account, before=before)
        return {row.ticker: row.quantity for row in rows}

    async def purse(self, transaction: Transaction) -> Purse:
        """Lock the account and return what it has."""
        await transaction.run("exchange.open_account", account=self.account, cash=self._starting_cash)
        cash = await transaction.value("exchange.lock", account=self.account)
        return Purse(cash=cash, held=await self.held(transaction))

    async def set_cash(self, transaction: Transaction, cash: Decimal) -> None:
        """Keep the account's cash."""
        await transaction.run("exchange.set_cash", account=self.account, cash=cash)

    # -------------------------------------------------------------------------------------------- orders

    async def open_orders(self, reader: Reader) -> list[Resting]:
        """Return the orders on the book, as they were accepted."""
        return await reader.rows(Resting, "exchange.open_orders", account=self.account)

    async def find(self, reader: Reader, client_order_id: str) -> Resting | None:
        """Return the order under a client's id, or None."""
        return await reader.row(Resting, "exchange.order", client_order_id=client_order_id, account=self.account)

    async def accept(self, transaction: Transaction, intent: Intent, place: Place, now: datetime) -> None:
        """Put an order on the book; one whose id is taken is left out."""
        await transaction.run(
            "exchange.accept",
            client_order_id=intent.client_order_id,
            account=self.account,
            ticker=intent.ticker,
            side=intent.side,
            type=intent.type,
            quantity=intent.quantity,
            limit_price=intent.limit_price,
            stop_price=intent.stop_price,
            trail_price=intent.trail_price,
            trail_percent=intent.trail_percent,
            time_in_force=intent.time_in_force,
            now=now,
            **msgspec.structs.asdict(place),
        )

    async def save_orders(self, transaction: Transaction, orders: Sequence[Resting]) -> None:
        """Keep what became of orders."""
        await transaction.run("exchange.save_orders", orders=orders)

    # -------------------------------------------------------------------------------------------- trades

    async def trades(self, transaction: Transaction, floor: Floor) -> tuple[Trade, ...]:
        """Return what was traded in the bars of a floor."""
        begins = [bar.starts_at for bars in floor.bars.values() for bar in bars]
        if not begins:
            return ()
        tickers = sorted(floor.bars)
        return tuple(
            await transaction.rows(
                Trade, "exchange.trades_since", account=self.account, tickers=tickers, since=min(begins)
            )
        )

    async def save(self, transaction: Transaction, played: Played) -> None:
        """Keep what meeting the market did."""
        if played.orders:
            await self.save_orders(transaction, played.orders)
        if played.trades:
            await transaction.run("exchange.save_trades", account=self.account, trades=played.trades)
            await self.set_cash(transaction, played.purse.cash)

    # -------------------------------------------------------------------------------------------- corporate actions

    async def due(self, now: datetime) -> list[Action]:
        """Return dividends and splits that are known and not yet in the books of what the account trades."""
        return await self.store.rows(Action, "exchange.due_actions", account=self.account, now=now)

    async def adjust(self, transaction: Transaction, adjustment: Adjustment) -> bool:
        """Keep what a corporate action did; return whether it was not there."""
        values = msgspec.structs.asdict(adjustment)
        return bool(await transaction.run("exchange.adjust", account=self.account, **values))
