"""An account as its rows and the exchange's say, added up by hand: what no sequence of calls may break."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from tests.fakes.rows import Database

STARTING_CASH = Decimal(100_000)
SECTORS = {
    "AAPL": "Information Technology",
    "JPM": "Financials",
    "MSFT": "Information Technology",
    "UNH": "Health Care",
}
DEFAULT_CAPS = {"name_cap": 0.05, "sector_cap": 0.25, "gross_cap": 0.80, "net_cap": 0.60}
"""Of the moderate tier before anybody changes it."""
OVER = {"denied", "filled", "canceled", "expired", "rejected", "replaced"}
SLACK = Decimal("1.002")
"""Room for half a spread: what is bought costs the ask, what is held is worth the middle."""

Row = dict[str, Any]

_QUERIES = {
    "state": "SELECT state FROM trading_state WHERE account = 'paper'",
    "cash": "SELECT cash FROM exchange_accounts WHERE account = 'paper'",
    "sent": "SELECT * FROM exchange_orders ORDER BY seq",
    "executions": "SELECT execution_id, client_order_id, ticker, side, quantity, price, fee FROM exchange_executions"
    " ORDER BY seq",
    "fills": "SELECT f.execution_id, o.client_order_id, f.ticker, f.side, f.quantity, f.price, f.fee FROM fills AS f"
    " JOIN orders AS o ON o.id = f.order_id",
    "orders": "SELECT o.*, coalesce(o.limit_price, o.decided_price, (d.sizing ->> 'price')::numeric) AS price"
    " FROM orders AS o LEFT JOIN trading_decisions AS d ON d.id = o.decision_id ORDER BY o.created_at, o.id",
    "claims": "SELECT order_id FROM order_events WHERE kind = 'claimed'",
    "breakers": "SELECT scope, kind, opener FROM breakers WHERE state = 'open'",
    "policies": "SELECT body FROM policy_versions WHERE tier = 'moderate' ORDER BY version DESC LIMIT 1",
    "approvals": "SELECT *, order_body ->> 'id' AS order_id FROM approvals",
    "consumed": "SELECT object FROM audit WHERE action = 'approval.consumed'",
    "answers": "SELECT order_id, verdict FROM risk_evaluations WHERE subject_kind = 'request' AND order_id IS NOT NULL",
}

SENT = "SELECT (SELECT count(*) FROM exchange_orders), (SELECT count(*) FROM order_events WHERE kind = 'claimed') AS n"
"""How many orders arrived, and how many were about to."""

CHAIN = """
SELECT seq FROM (
    SELECT seq, hash, prev_hash, lag(hash, 1, '') OVER (ORDER BY seq) AS before_it,
           encode(sha256(convert_to((
               jsonb_build_array(prev_hash, extract(epoch FROM at), actor, action, object, before, after)
               || CASE WHEN reason IS NULL AND request_id IS NULL THEN '[]'
                       ELSE jsonb_build_array(reason, request_id) END)::text, 'UTF8')), 'hex') AS expected
    FROM audit
) AS chain WHERE hash <> expected OR prev_hash <> before_it
"""
"""Entries of the audit that are not what their hash says, or do not follow the one before."""


class Books(msgspec.Struct, frozen=True, kw_only=True):
    """All that was written about the account and at its exchange, at one moment."""

    state: list[Row]
    cash: list[Row]
    sent: list[Row]
    executions: list[Row]
    fills: list[Row]
    orders: list[Row]
    claims: list[Row]
    breakers: list[Row]
    policies: list[Row]
    approvals: list[Row]
    consumed: list[Row]
    answers: list[Row]

    @property
    def halted(self) -> bool:
        return bool(self.state[0]["state"] == "halted")

    @property
    def active(self) -> bool:
        return bool(self.state[0]["state"] == "active")

    @property
    def held(self) -> dict[str, Decimal]:
        """Shares by what is booked."""
        return folded(self.fills)

    @property
    def working(self) -> list[Row]:
        """Orders that have not ended, protective stops aside, with what is left of them."""
        traded: dict[str, Decimal] = defaultdict(Decimal)
        for fill in self.fills:
            traded[fill["client_order_id"]] += fill["quantity"]
        return [
            order | {"left": order["quantity"] - traded[order["client_order_id"]]}
            for order in self.orders
            if order["status"] not in OVER and order["leg"] != "stop"
        ]

    def since(self, before: "Books", table: str, key: str) -> list[Row]:
        """Return the rows of a table that were not there before."""
        known = {row[key] for row in getattr(before, table)}
        return [row for row in getattr(self, table) if row[key] not in known]


async def read(database: Database) -> Books:
    """Return the books as they are now."""
    return Books(**{name: await database.rows(statement) for name, statement in _QUERIES.items()})


def folded(trades: Iterable[Row]) -> dict[str, Decimal]:
    """Return shares by ticker; never sold short on the way."""
    shares: dict[str, Decimal] = defaultdict(Decimal)
    for trade in sorted(trades, key=lambda trade: str(trade["side"])):
        shares[trade["ticker"]] += trade["quantity"] if trade["side"] == "buy" else -trade["quantity"]
    assert all(count >= 0 for count in shares.values()), f"sold short: {dict(shares)}"
    return shares


# ------------------------------------------------------------------------------------------------ laws


def check(before: Books, after: Books, middle: Callable[[str], Decimal]) -> None:
    """Hold a step to every law; ``middle`` is what a share of a ticker is worth."""
    check_exchange(before, after)
    check_entries(before, after, middle)
    check_exits(before, after)
    check_once(after)
    check_approvals(after)
    check_booked(after)


def check_exchange(before: Books, after: Books) -> None:
    """Nothing arrives at the exchange that may not, and what is there is paid for and held."""
    arrived = after.since(before, "sent", "client_order_id")
    if before.halted:
        assert not arrived, "an order reached the exchange while the account was halted"
        assert len(after.claims) == len(before.claims), "an order was claimed while the account was halted"
    if not before.active and not after.active:
        assert {order["side"] for order in arrived} <= {"sell"}, "an entry reached the exchange while paused"
    for order in arrived:
        if order["side"] == "buy":
            assert not stopped(before, after, order["ticker"]), "an entry reached the exchange past a breaker"
    assert all(row["cash"] >= 0 for row in after.cash)
    position: dict[str, Decimal] = defaultdict(Decimal)
    for trade in after.executions:
        position[trade["ticker"]] += trade["quantity"] if trade["side"] == "buy" else -trade["quantity"]
        assert position[trade["ticker"]] >= 0, f"the exchange sold short: {trade}"
    there = [order for order in after.sent if order["ended_at"] is None]
    for ticker in SECTORS:
        selling = [o for o in there if o["ticker"] == ticker and o["side"] == "sell"]
        assert sum(o["quantity"] - o["filled_quantity"] for o in selling) <= position[ticker]
    if arrived:
        held_back = sum(o["reserved"] * (1 - o["filled_quantity"] / o["quantity"]) for o in there)
        assert held_back <= after.cash[0]["cash"] + 1, "open purchases need more than there is"


def check_entries(before: Books, after: Books, middle: Callable[[str], Decimal]) -> None:
    """An entry is made only where one may be, within every cap in force, and is paid for."""
    made = [order for order in after.since(before, "orders", "id") if order["leg"] == "entry"]
    if not made:
        return
    assert before.active or after.active, f"an entry was made while the account was not active: {made}"
    for order in made:
        assert not stopped(before, after, order["ticker"]), f"an entry was made past a breaker: {order}"
    cash = STARTING_CASH - sum(cost(fill) for fill in after.fills)
    worth = {ticker: shares * middle(ticker) for ticker, shares in after.held.items()}
    equity = cash + sum(worth.values())
    waiting = [order for order in after.working if order["side"] == "buy"]
    for order in waiting:
        worth[order["ticker"]] = worth.get(order["ticker"], Decimal(0)) + order["left"] * order["price"]
    caps = caps_of(after)
    for ticker in {order["ticker"] for order in made}:
        sector = sum(value for name, value in worth.items() if SECTORS[name] == SECTORS[ticker])
        assert worth.get(ticker, 0) <= caps["name_cap"] * equity * SLACK, (
            f"{ticker} is above its cap: {worth}, {equity}"
        )
        assert sector <= caps["sector_cap"] * equity * SLACK, f"{SECTORS[ticker]} is above its cap: {worth}, {equity}"
    most = min(caps["gross_cap"], caps["net_cap"])
    assert sum(worth.values()) <= most * equity * SLACK, f"all is above the cap: {worth}, {equity}"
    asked = sum(order["left"] * order["price"] for order in waiting) * Decimal("1.03")
    assert asked <= cash * SLACK, f"entries of {asked} are asked for with {cash}"


def check_exits(before: Books, after: Books) -> None:
    """Of what is held no share is promised to two sales."""
    for order in after.since(before, "orders", "id"):
        assert not (before.halted and after.halted and order["leg"] != "stop"), f"made while halted: {order}"
        if order["side"] == "sell":
            assert order["reduce_only"]
            promised = sum(o["left"] for o in after.working if (o["ticker"], o["side"]) == (order["ticker"], "sell"))
            assert promised <= after.held[order["ticker"]], f"more is to be sold than is held: {order}"


def check_once(after: Books) -> None:
    """One decision's leg and attempt is one order, and so is one request; nothing arrives that we did not make."""
    legs = Counter((o["decision_id"], o["leg"], o["attempt"]) for o in after.orders if o["decision_id"] is not None)
    assert set(legs.values()) <= {1}, legs
    by_hand = {order["id"] for order in after.orders if order["source"] == "manual"}
    asked = Counter(answer["order_id"] for answer in after.answers)
    assert by_hand <= asked.keys()
    assert all(asked[order] == 1 for order in by_hand)
    assert {order["client_order_id"] for order in after.sent} <= {order["client_order_id"] for order in after.orders}
    claims = Counter(claim["order_id"] for claim in after.claims)
    assert set(claims.values()) <= {1}, claims


def check_approvals(after: Books) -> None:
    """What waits for a person goes once, for no more than he allowed, and by somebody else's yes."""
    orders = {str(order["id"]): order for order in after.orders}
    consumed = Counter(row["object"] for row in after.consumed)
    assert set(consumed.values()) <= {1}, f"an approval was used twice: {consumed}"
    for approval in after.approvals:
        if approval["state"] in {"approved", "consumed"} and approval["kind"] == "override":
            assert approval["decided_by"] != approval["requested_by"]
        order = orders.get(approval["order_id"])
        assert (order is not None) == (approval["state"] == "consumed")
        assert order is None or order["quantity"] <= approval["quantity"]


def check_booked(after: Books) -> None:
    """What is booked happened, and each thing once."""
    assert len({fill["execution_id"] for fill in after.fills}) == len(after.fills)
    happened = {row["execution_id"]: row for row in after.executions}
    assert all(happened.get(fill["execution_id"]) == fill for fill in after.fills)
    assert not [row for row in after.breakers if row["kind"] == "RECON_MISMATCH"], "the books came to differ"


def check_all_booked(after: Books) -> None:
    """Nothing that happened at the exchange is missing in our books."""
    assert len(after.fills) == len(after.executions)
    check_booked(after)


# ------------------------------------------------------------------------------------------------ sums


def cost(trade: Row) -> Decimal:
    """Return the dollars that a trade took, fee included; what it brought is negative."""
    value: Decimal = trade["quantity"] * trade["price"]
    return trade["fee"] + (value if trade["side"] == "buy" else -value)  # type: ignore[no-any-return]


def caps_of(books: Books) -> dict[str, Decimal]:
    """Return the caps in force by the newest version of the policy."""
    limits = books.policies[0]["body"]["limits"] if books.policies else DEFAULT_CAPS
    return {name: Decimal(str(limits[name])) for name in DEFAULT_CAPS}


def stopped(before: Books, after: Books, ticker: str) -> bool:
    """Return whether a breaker kept entries in a ticker back all the while."""

    def places(rows: Sequence[Row]) -> set[str]:
        return {row["scope"] for row in rows if row["opener"] == "test"}

    return bool(places(before.breakers) & places(after.breakers) & {"global", f"ticker:{ticker}"})
