"""Both sides' books of one case: how they stand before it, and whether they agree after it."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import msgspec
from aiohttp import ClientSession

from benchmarks.deaths.cases import ACCOUNT, SHARES, TICKER, Kind, intent_for
from stonks.model.identity import fill_id
from stonks.model.order import Intent, Side
from stonks.ports.broker import Execution
from stonks.risk.policy import POLICIES
from stonks.risk.policy_body import body_of
from tests.fakes.rows import Database

KEYS = {"APCA-API-KEY-ID": "any", "APCA-API-SECRET-KEY": "key"}
CASH = Decimal(100_000)
_TIER = "moderate"
_PRICE = Decimal(100)
_VOLUME = 2_000_000
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_REFERENCE = {"schema_migrations", "companies", "market_sessions", "bar_versions"}
_OTHERS = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
_IN_ORDER = ["claimed", "submitted", "accepted"]
_ODD = {"order_unknown", "order_odd_event", "order_denied", "order_rejected"}


class Books:
    """The databases of one trader and one exchange."""

    def __init__(self, ours: Database, theirs: Database) -> None:
        """Keep both through these connections."""
        self.ours, self.theirs = ours, theirs
        self.address = ""
        """Where the exchange is served."""
        self._stateful: list[str] = []

    async def furnish(self) -> None:
        """Put down what never changes; the tables of ours that are empty now are emptied before each case."""
        now = datetime.now(UTC)
        tables = await self.ours.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for name in sorted({row["tablename"] for row in tables} - _REFERENCE):
            if not await self.ours.value(f"SELECT EXISTS (SELECT FROM {name})"):  # noqa: S608 - our schema's names
                self._stateful.append(name)
        for side in (self.ours, self.theirs):
            await side.rows("SET session_replication_role = replica")  # no foreign keys: only what a case needs
            await side.insert("companies", {"ticker": TICKER, "name": "Apple Inc.", "sector": "Information Technology"})
            for back in (2 * _DAY, 2 * _HOUR):
                await _add_bar(side, now - back, _PRICE, _VOLUME)
            for day in (-1, 0, 1):
                opens = now - 2 * _HOUR + day * _DAY
                session = {"day": opens.date(), "opens_at": opens, "closes_at": opens + 8 * _HOUR}
                await side.insert("market_sessions", session)
        await self.theirs.insert("exchange_accounts", {"account": ACCOUNT, "cash": CASH})

    async def trade(self, price: Decimal, begins: datetime, volume: int) -> None:
        """Have the exchange's market open once more, at a price and with so much to trade."""
        await _add_bar(self.theirs, begins, price, volume)

    # -------------------------------------------------------------------------------------------- before

    async def reset(self, kind: Kind) -> Intent:
        """Forget every order on both sides, give the account what the case needs, and decide; return the order."""
        await self.cut_off()
        emptied = "; ".join(f"DELETE FROM {name}" for name in self._stateful)  # noqa: S608 - our schema's names
        await self.ours.rows(f"DO $$ BEGIN {emptied}; END $$")
        await self.forget_theirs()
        if kind is not Kind.ENTRY:
            await self._hold()
        return await self.decide(kind)

    async def cut_off(self) -> None:
        """End every other connection to our database, and what its owner left undone."""
        await self.ours.rows(f"SELECT pg_terminate_backend(pid) {_OTHERS}")
        while await self.ours.value(f"SELECT count(*) {_OTHERS}"):
            await self.ours.rows("SELECT pg_sleep(0.005)")

    async def forget_theirs(self) -> None:
        """Empty the exchange's book and give the account its first cash back."""
        for table in ("exchange_executions", "exchange_orders"):
            await self.theirs.rows(f"DELETE FROM {table}")  # noqa: S608
        await self.theirs.rows("DELETE FROM bars WHERE starts_at > now() - interval '90 minutes'")
        await self.theirs.rows("UPDATE exchange_accounts SET cash = $1", CASH)

    async def allow(self, orders: int) -> None:
        """Put a policy in force that lets so many orders go in a minute and in a day."""
        body = body_of(POLICIES[_TIER])
        limits = {**msgspec.convert(body["limits"], dict[str, Any]), "orders_a_minute": orders, "orders_a_day": orders}
        version = {"tier": _TIER, "version": 1, "body": body | {"limits": limits}}
        await self.ours.insert(
            "policy_versions", version | {"author": "storm", "reason": "more than in a usual minute"}
        )

    async def decide(self, kind: Kind, shares: Decimal = SHARES) -> Intent:
        """Keep a decision and the order that it leads to, and return the order."""
        now, recommendation = datetime.now(UTC), uuid4()
        intent = intent_for(kind, recommendation, shares)
        await self._keep_decision(intent, recommendation, now)
        row = msgspec.structs.asdict(intent) | {"side": str(intent.side), "type": str(intent.type)}
        await self.ours.insert("orders", row | {"status": "initialized", "created_at": now, "updated_at": now})
        snapshot = {"account": ACCOUNT, "as_of": now, "cash": await self._cash(), "gross": 0, "net": 0}
        await self.ours.insert("portfolio_snapshots", snapshot | {"equity": CASH, "high_water_mark": CASH})
        return intent

    async def _keep_decision(self, intent: Intent, recommendation: UUID, at: datetime) -> None:
        await self.ours.insert(
            "trading_decisions",
            {
                "id": intent.decision_id,
                "account": ACCOUNT,
                "recommendation_id": recommendation,
                "ticker": TICKER,
                "verdict": "act",
                "checks": [],
                "clamps": [],
                "sizing": {"price": float(_PRICE), "stop_distance": 5.0},
                "quantity": intent.quantity,
                "policy_version": "any",
                "decided_at": at,
            },
        )

    async def _cash(self) -> Decimal:
        cash: Decimal = await self.theirs.value("SELECT cash FROM exchange_accounts")
        return cash

    async def _hold(self) -> None:
        """Give the account shares that it bought an hour ago, in both books."""
        at, recommendation = datetime.now(UTC) - _HOUR, uuid4()
        bought = intent_for(Kind.ENTRY, recommendation)
        await self._keep_decision(bought, recommendation, at)
        name = bought.client_order_id
        execution = Execution(
            execution_id=f"{name}-1",
            client_order_id=name,
            ticker=TICKER,
            side=Side.BUY,
            quantity=SHARES,
            price=_PRICE,
            fee=Decimal(0),
            at=at,
        )
        trade = msgspec.structs.asdict(execution) | {"side": "buy", "account": ACCOUNT}
        order = {"ticker": TICKER, "side": "buy", "type": "market", "quantity": SHARES, "time_in_force": "day"}
        order |= {"account": ACCOUNT, "client_order_id": name, "filled_quantity": SHARES}
        met = {"kind": "fill", "accepted_at": at, "matched_at": at, "ended_at": at}
        await self.theirs.insert("exchange_orders", order | met)
        await self.theirs.insert("exchange_executions", trade)
        await self.theirs.rows("UPDATE exchange_accounts SET cash = $1", CASH - SHARES * _PRICE)
        own = {"id": bought.id, "decision_id": bought.decision_id, "leg": "entry", "attempt": 0, "reduce_only": False}
        kept = {"source": "engine", "status": "filled", "broker_order_id": f"{name}-b", "average_price": _PRICE}
        await self.ours.insert("orders", order | own | kept | {"created_at": at, "updated_at": at})
        cursor = await self._told()
        fill = {"id": fill_id(ACCOUNT, cursor), "order_id": bought.id, "execution_id": cursor}
        await self.ours.insert("fills", {key: trade[key] for key in trade if key != "client_order_id"} | fill)
        held = {"account": ACCOUNT, "ticker": TICKER, "quantity": SHARES, "average_price": _PRICE, "realized": 0}
        await self.ours.insert("positions", held | {"opened_at": at, "updated_at": at})
        state = {"account": ACCOUNT, "state": "active", "execution_cursor": cursor, "changed_at": at}
        await self.ours.insert("trading_state", state)

    async def _told(self) -> str:
        """Return the id under which the exchange tells of its one execution."""
        url = f"{self.address}/v2/account/activities/FILL"
        async with ClientSession(headers=KEYS) as session, session.get(url) as answer:
            (told,) = await answer.json()
        return str(told["id"])

    # -------------------------------------------------------------------------------------------- meanwhile

    async def open_jobs(self) -> int:
        """Return how many jobs are neither done nor dead."""
        count: int = await self.ours.value("SELECT count(*) FROM jobs WHERE done_at IS NULL AND dead_at IS NULL")
        return count

    async def traded(self) -> Decimal:
        """Return how many shares of orders that are not seeded the exchange has executed."""
        query = "SELECT coalesce(sum(quantity), 0) FROM exchange_executions WHERE at > now() - interval '50 minutes'"
        shares: Decimal = await self.theirs.value(query)
        return shares

    async def booked(self) -> Decimal:
        """Return how many shares of orders that are not seeded our books have as filled."""
        query = "SELECT coalesce(sum(quantity), 0) FROM fills WHERE at > now() - interval '50 minutes'"
        shares: Decimal = await self.ours.value(query)
        return shares

    async def unsettled(self, intents: Sequence[Intent]) -> int:
        """Return how much is still to come: jobs, ends of these orders, answers to others, and a count of the cash."""
        ids = [intent.id for intent in intents]
        orders: int = await self.ours.value(_UNFILLED, ids) + await self.ours.value(_ON_THE_WAY)
        newest = await self.ours.value("SELECT cash FROM portfolio_snapshots ORDER BY as_of DESC LIMIT 1")
        return orders + await self.open_jobs() + int(newest != await self._cash())

    async def ends(self) -> Counter[str]:
        """Return how the decided orders stand that are no stops: filled, or in which other state and why."""
        query = "SELECT status, status_reason FROM orders WHERE leg <> 'stop' AND created_at > $1"
        rows = await self.ours.rows(query, datetime.now(UTC) - _HOUR)
        return Counter(" ".join(filter(None, row.values())) for row in rows)

    async def filled(self, intents: Sequence[Intent]) -> list[Intent]:
        """Return those of the orders that are filled."""
        rows = await self.ours.rows("SELECT id FROM orders WHERE status = 'filled'")
        ids = {row["id"] for row in rows}
        return [intent for intent in intents if intent.id in ids]

    async def working(self) -> int:
        """Return how many orders that are no stops have not ended."""
        ended = "('filled', 'canceled', 'denied', 'rejected', 'expired', 'replaced')"
        query = f"SELECT count(*) FROM orders WHERE leg <> 'stop' AND status NOT IN {ended}"  # noqa: S608
        count: int = await self.ours.value(query)
        return count

    # -------------------------------------------------------------------------------------------- after

    async def violations(self, intents: Sequence[Intent]) -> list[str]:
        """Return in words what is not as it must be after decisions that led to these orders."""
        gave_way = {row["client_order_id"] for row in await self.ours.rows(_GAVE_WAY)}
        names = {intent.client_order_id for intent in intents} - gave_way
        theirs = {row["client_order_id"] for row in await self.theirs.rows(_FRESH_ORDERS)}
        known = {row["client_order_id"]: row for row in await self.ours.rows(_ORDERS)}
        alerts = {row["kind"] for row in await self.ours.rows("SELECT kind FROM alerts")}
        decided = [known[name] for name in names if name in known]
        found = [
            ("duplicate order at the exchange", bool(theirs - known.keys())),
            ("lost order", bool(names - theirs)),
            ("order of ours that the exchange has not", any(known[n]["working"] for n in known.keys() - theirs)),
            ("order not filled", await self.ours.value(_UNFILLED, [intent.id for intent in intents]) > 0),
            ("order without the broker's id", any(row["broker_order_id"] is None for row in decided)),
            ("fills are not the executions", await self.ours.rows(_FILLS) != await self.theirs.rows(_TRADES)),
            ("positions differ", await self.ours.rows(_POSITIONS) != await self.theirs.rows(_HOLDINGS)),
            ("cash differs", CASH + await self.ours.value(_SPENT) != await self.theirs.value(_BEFORE_FEES)),
            ("stops are not for what is held", await self.theirs.value(_STOPS) != await self.theirs.value(_SHARES)),
            ("unsettled", await self.unsettled(intents) > 0),
            ("job dead", await self.ours.value("SELECT count(*) FROM jobs WHERE dead_at IS NOT NULL") > 0),
            ("breaker open", await self.ours.value("SELECT count(*) FROM breakers WHERE state <> 'closed'") > 0),
            ("odd events", not gave_way and bool(_ODD & alerts)),
            ("events out of order", any([await self._are_odd(row["id"]) for row in decided])),
        ]
        because = [" ".join(filter(None, row.values())) for row in await self.ours.rows(_STANDING)]
        broken = [words for words, wrong in found if wrong]
        return broken + because if broken else []

    async def _are_odd(self, order: Any) -> bool:  # noqa: ANN401 - a UUID of the driver's
        rows = await self.ours.rows("SELECT kind FROM order_events WHERE order_id = $1 ORDER BY seq", order)
        kinds = [row["kind"] for row in rows]
        return kinds != [*_IN_ORDER, *["fill"] * kinds.count("fill")]


_FRESH = "now() - interval '50 minutes'"
_FRESH_ORDERS = f"SELECT client_order_id FROM exchange_orders WHERE accepted_at > {_FRESH}"  # noqa: S608
_WORKING = "status NOT IN ('initialized', 'denied', 'filled', 'canceled', 'expired', 'rejected', 'replaced')"
_ORDERS = f"SELECT id, client_order_id, status, broker_order_id, {_WORKING} AS working FROM orders"  # noqa: S608
_GAVE_WAY = """SELECT client_order_id FROM orders WHERE leg = 'stop' AND status IN ('canceled', 'denied')
    AND EXISTS (SELECT FROM orders AS sale WHERE sale.leg = 'exit' AND sale.status = 'filled')"""
"""A stop that is not live in time gives way to a sale of what it was for."""
_UNFILLED = f"""SELECT count(*) FROM orders WHERE id = ANY ($1) AND status <> 'filled'
    AND client_order_id NOT IN ({_GAVE_WAY})"""  # noqa: S608
_STANDING = """SELECT o.leg, o.status, o.status_reason, s.state AS account, s.reason
    FROM orders AS o LEFT JOIN trading_state AS s ON s.account = o.account ORDER BY o.created_at"""
_ON_THE_WAY = """SELECT count(*) FROM orders
    WHERE status IN ('initialized', 'submitting', 'submitted', 'pending_cancel', 'pending_update')"""
_STOPS = """SELECT coalesce(sum(quantity - filled_quantity), 0) FROM exchange_orders
    WHERE ended_at IS NULL AND side = 'sell'"""
_FILLS = "SELECT quantity, price, at, side, ticker FROM fills ORDER BY at, quantity"
_TRADES = "SELECT quantity, price, at, side, ticker FROM exchange_executions ORDER BY at, quantity"
_POSITIONS = "SELECT ticker, quantity FROM positions WHERE quantity <> 0 ORDER BY ticker"
_SIGNED = "sum(CASE side WHEN 'buy' THEN quantity ELSE -quantity END)"
_SHARES = f"SELECT coalesce({_SIGNED}, 0) FROM exchange_executions"  # noqa: S608
_HOLDINGS = f"""SELECT ticker, {_SIGNED} AS quantity FROM exchange_executions GROUP BY ticker
    HAVING {_SIGNED} <> 0 ORDER BY ticker"""  # noqa: S608
_BEFORE_FEES = "SELECT cash + (SELECT coalesce(sum(fee), 0) FROM exchange_executions) FROM exchange_accounts"
"""No activity names a fee, so our books know of none."""
_SPENT = """SELECT coalesce(sum(CASE side WHEN 'buy' THEN -quantity * price ELSE quantity * price END - fee), 0)
    FROM fills"""


async def _add_bar(side: Database, begins: datetime, price: Decimal, volume: int) -> None:
    prices = {"open": price, "high": price + 1, "low": price - 1, "close": price, "volume": volume}
    span = {"starts_at": begins, "ends_at": begins + 12 * _HOUR, "known_at": begins}
    await side.insert("bars", {"ticker": TICKER, "resolution": "1d", **span, **prices})
