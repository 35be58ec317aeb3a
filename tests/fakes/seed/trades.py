"""Orders, fills, positions and what the account is worth."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import msgspec

from stonks.model.identity import client_order_id, evaluation_id, fill_id, intent_id, request_id
from stonks.model.order import Side
from stonks.model.order_request import Asker, OrderRequest
from stonks.model.recommendation import Mode
from tests.fakes.seed.sower import ACCOUNT, NOW, Sower, at


def sow_orders(s: Sower, decision: UUID, ticker: str, quantity: Decimal, price: Decimal, decided: datetime) -> None:
    entry = sow_order(s, decision, ticker, "entry", "buy", "market", quantity, decided, filled=price)
    s.seeded.entries.append(entry)
    stopped = decided + timedelta(days=6)
    exits = stopped < NOW and s.random.random() < 0.5
    stop = sow_order(
        s,
        None,
        ticker,
        "stop",
        "sell",
        "stop",
        quantity,
        decided + timedelta(seconds=2),
        parent=entry,
        stop_price=(price * Decimal("0.94")).quantize(Decimal("0.01")),
        filled=price * Decimal("0.94") if exits else None,
        ends=stopped,
    )
    s.seeded.stops.append(stop)


def sow_order(  # noqa: PLR0913, PLR0917 - one argument a fact of the order
    s: Sower,
    decision: UUID | None,
    ticker: str,
    leg: str,
    side: str,
    kind: str,
    quantity: Decimal,
    made: datetime,
    *,
    parent: UUID | None = None,
    stop_price: Decimal | None = None,
    filled: Decimal | None = None,
    ends: datetime | None = None,
) -> UUID:
    ident = intent_id(ACCOUNT, decision or parent or UUID(int=0), leg, 1)
    client, done = client_order_id(ident), ends or made + timedelta(minutes=1)
    paid = filled.quantize(Decimal("0.01")) if filled else None
    s.add(
        "orders",
        id=ident,
        decision_id=decision,
        parent_id=parent,
        account=ACCOUNT,
        leg=leg,
        attempt=1,
        client_order_id=client,
        broker_order_id=f"px-{client[3:]}",
        ticker=ticker,
        side=side,
        type=kind,
        quantity=quantity,
        stop_price=stop_price,
        time_in_force="day" if kind == "market" else "gtc",
        reduce_only=leg != "entry",
        source="engine",
        status="filled" if paid else "accepted",
        filled_quantity=quantity if paid else Decimal(0),
        average_price=paid,
        version=4 if paid else 3,
        created_at=made,
        updated_at=done if paid else made,
    )
    happened = [("claimed", made), ("submitted", made), ("accepted", made), *([("fill", done)] if paid else [])]
    for seq, (event, when) in enumerate(happened, 1):
        s.add("order_events", order_id=ident, seq=seq, kind=event, dedupe_key=event, source="paper", at=when, detail={})
    s.add(
        "risk_evaluations",
        id=evaluation_id(ident, "broker"),
        subject_kind="order",
        subject_id=ident,
        verdict="approved",
        checks=[],
        clamps=[],
        policy_version="moderate-1",
        evaluated_at=made,
    )
    if paid:
        s.add(
            "fills",
            id=fill_id("paper", client),
            order_id=ident,
            account=ACCOUNT,
            execution_id=f"x-{client[3:]}",
            ticker=ticker,
            side=side,
            quantity=quantity,
            price=paid,
            fee=Decimal("0.02"),
            at=done,
        )
    return ident


def sow_account(s: Sower) -> None:
    held: dict[str, list[Decimal]] = {}
    for fill in sorted(s.rows["fills"], key=lambda row: row["at"]):
        quantity, average, realized = held.get(fill["ticker"], [Decimal(0)] * 3)
        if fill["side"] == "buy":
            average = (quantity * average + fill["quantity"] * fill["price"]) / (quantity + fill["quantity"])
            quantity += fill["quantity"]
        else:
            realized += fill["quantity"] * (fill["price"] - average)
            quantity -= fill["quantity"]
        held[fill["ticker"]] = [quantity, average, realized]
    for ticker, (quantity, average, realized) in held.items():
        s.add(
            "positions",
            account=ACCOUNT,
            ticker=ticker,
            quantity=quantity,
            average_price=round(average, 4),
            realized=round(realized, 2),
            updated_at=NOW,
        )
    sow_request(s)
    mark = Decimal(0)
    for day in sorted({day for closes in s.closes.values() for day in closes if day >= date(2025, 3, 31)}):
        mark = max(mark, sow_snapshot(s, day, mark))
    s.add(
        "trading_state",
        account=ACCOUNT,
        state="active",
        polled_until=NOW,
        day=NOW.date(),
        day_start_equity=Decimal("100350.25"),
        high_water_mark=mark,
        changed_by="engine",
        reason=None,
        changed_at=NOW,
    )
    for kind, observed, limit, state in (
        ("DAILY_LOSS", -0.004, -0.03, "closed"),
        ("DRAWDOWN", -0.021, -0.08, "closed"),
        ("LOW_PROFIT", -412.5, 0.0, "open"),
    ):
        s.add(
            "breakers",
            scope="ticker:BA" if state == "open" else "global",
            kind=kind,
            state=state,
            observed=observed,
            limit_=limit,
            opened_at=NOW if state == "open" else None,
            reason="LOW_PROFIT for BA alone: 4 trades of BA in 30 days brought -412.50 dollars"
            if state == "open"
            else None,
        )


def sow_request(s: Sower) -> None:
    """A person has asked whether ten shares of the first company may be bought, and was told no."""
    request = OrderRequest(
        intent_id="asked-1",
        account=ACCOUNT,
        mode=Mode.PAPER,
        source=Asker.MANUAL,
        ticker=s.tickers[0],
        side=Side.BUY,
        quantity=Decimal(10),
    )
    ident = request_id(ACCOUNT, "local", "evaluate", request.intent_id)
    s.seeded.requests.append(ident)
    s.add(
        "risk_evaluations",
        id=ident,
        subject_kind="request",
        subject_id=ident,
        account=ACCOUNT,
        source="manual",
        asked_by="local",
        key="asked-1",
        body=msgspec.to_builtins(request),
        body_hash=request.body_hash,
        verdict="denied",
        quantity=Decimal(0),
        primary_reason="TRADING_HALTED",
        checks=[],
        clamps=[],
        sizing={},
        policy_version="moderate-1",
        portfolio_hash="0" * 32,
        evaluated_at=NOW,
        expires_at=NOW + timedelta(seconds=30),
    )


def sow_snapshot(s: Sower, day: date, mark: Decimal) -> Decimal:
    cash, worth = Decimal(100_000), Decimal(0)
    for fill in s.rows["fills"]:
        if fill["at"] <= at(day, 20):
            sign = 1 if fill["side"] == "buy" else -1
            cash -= sign * fill["quantity"] * fill["price"] + fill["fee"]
            worth += sign * fill["quantity"] * s.closes[fill["ticker"]].get(day, fill["price"])
    equity = round(cash + worth, 2)
    s.add(
        "portfolio_snapshots",
        account=ACCOUNT,
        as_of=at(day, 20),
        cash=round(cash, 2),
        gross=round(worth, 2),
        net=round(worth, 2),
        equity=equity,
        high_water_mark=max(mark, equity),
    )
    return equity
