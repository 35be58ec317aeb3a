"""Trends, recommendations and decisions."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from stonks.model.identity import decision_id, evaluation_id, input_hash, recommendation_id, trend_id
from tests.fakes.seed.sower import ACCOUNT, NOW, Sower, at
from tests.fakes.seed.trades import sow_orders

WINDOWS = {"intraday": 1, "1d": 2, "7d": 7, "30d": 30, "90d": 90}


GATES: list[tuple[str, str, float | str, float | str, float | str]] = [
    ("state", "TRADING_HALTED", "active", "active", "halted"),
    ("breaker", "BREAKER_OPEN", "none open", "none open", "DAILY_LOSS@global"),
    ("age", "REC_STALE", 3.0, 60.0, 95.0),
    ("window", "OUTSIDE_WINDOW", "14:32 UTC", "13:35-19:50 UTC", "20:04 UTC"),
    ("confidence", "CONFIDENCE_LOW", 0.74, 0.65, 0.58),
    ("confidence", "SOURCES_FEW", 3.0, 2.0, 1.0),
    ("confidence", "CONTRADICTION_HIGH", 0.12, 0.35, 0.48),
    ("liquidity", "ADV_CAP", 0.031, 0.0, 0.0),
    ("name", "NAME_CAP", 0.05, 0.0, 0.0),
    ("sector", "SECTOR_CAP", 0.118, 0.0, 0.0),
    ("gross_net", "GROSS_CAP", 0.41, 0.0, 0.0),
    ("correlation", "CORR_HIGH", 0.33, 0.65, 0.81),
    ("earnings", "EARNINGS_BLACKOUT", "6 sessions ahead", "not within 2 before, 1 after", "1 session ahead"),
    ("cooldown", "COOLDOWN", "3 sessions", "1 session", "0 sessions"),
    ("positions", "MAX_POSITIONS", 6.0, 25.0, 25.0),
    ("buying_power", "INSUFFICIENT_BP", 0.62, 0.0, 0.0),
]


FAILURES = [
    "CONFIDENCE_LOW",
    "SOURCES_FEW",
    "CONTRADICTION_HIGH",
    "EARNINGS_BLACKOUT",
    "COOLDOWN",
    "CORR_HIGH",
    "REC_STALE",
]


def sow_trends(s: Sower) -> None:
    days = sorted({day for closes in s.closes.values() for day in closes if day >= date(2025, 4, 1)})
    for ticker in s.tickers:
        for window, length in WINDOWS.items():
            newest = None
            for day in days[-1:] if window in {"intraday", "30d", "90d"} else days[2::2]:
                newest = sow_trend(s, ticker, window, length, at(day, 20)) or newest
            if newest is not None:
                s.add("trend_windows", ticker=ticker, window_name=window, trend_id=newest["id"], as_of=newest["as_of"])


def sow_trend(s: Sower, ticker: str, window: str, length: int, as_of: datetime) -> dict[str, Any] | None:
    known = [row for row in s.by_ticker[ticker] if as_of - timedelta(days=length) < row["known_at"] <= as_of]
    if not known:
        return None
    weights = {row["id"]: row["direction"] * row["strength"] * row["confidence"] * row["relevance"] for row in known}
    total = sum(abs(weight) for weight in weights.values()) or 1.0
    score = round(sum(weights.values()) / total, 4)
    ranked = sorted(known, key=lambda row: (-abs(weights[row["id"]]), row["id"]))[:8]
    layers: dict[str, float] = defaultdict(float)
    for row in known:
        layers[row["layer"]] += round(weights[row["id"]] / total, 4)
    ident = trend_id(ticker, window, as_of)
    row = {
        "id": ident,
        "ticker": ticker,
        "window_name": window,
        "as_of": as_of,
        "score": score,
        "direction": "bullish" if score > 0.15 else "bearish" if score < -0.15 else "neutral",
        "strength": abs(score),
        "confidence": round(s.random.uniform(0.4, 0.9), 3),
        "p_sign": round(0.5 + abs(score) / 3, 3),
        "contradiction": round(s.random.uniform(0.0, 0.5), 3),
        "contradiction_entropy": round(s.random.uniform(0.0, 0.9), 3),
        "n_eff": round(len(known) * 0.7, 2),
        "weight": round(total, 3),
        "layer_scores": dict(layers),
        "momentum": round(s.random.uniform(-0.2, 0.2), 3),
        "acceleration": 0.0,
        "drivers": [
            {
                "signal_id": str(one["id"]),
                "contribution": round(weights[one["id"]] / total, 4),
                "weight_share": round(abs(weights[one["id"]]) / total, 4),
            }
            for one in ranked
        ],
        "suppressions": ["THIN_EVIDENCE"] if len(known) < 2 else [],
        "source_share": 0.5,
        "newest_known_at": max(one["known_at"] for one in known),
        "weights_version": "w1",
        "input_hash": input_hash(ticker, window, as_of),
    }
    s.add("trend_history", **row)
    s.seeded.trends.append(ident)
    for hours in (24, 120):
        s.add(
            "trend_projections",
            trend_id=ident,
            horizon=timedelta(hours=hours),
            value=score * 0.8,
            low=score - 0.3,
            high=score + 0.3,
            method="decay",
            coverage=None,
        )
    if window in {"1d", "7d"}:
        sow_recommendation(s, row, ranked)
    return row


def sow_recommendation(s: Sower, trend: dict[str, Any], ranked: list[dict[str, Any]]) -> None:
    ticker, made, score = trend["ticker"], trend["as_of"], trend["score"]
    ident = recommendation_id(ticker, trend["window_name"], trend["input_hash"])
    action = "buy" if score > 0.3 else "sell" if score < -0.3 else "watch" if abs(score) > 0.15 else "hold"
    held = [{"code": "thin", "observed": float(len(ranked)), "limit": 3.0}] if len(ranked) < 3 else []
    held += (
        [{"code": "contradictory", "observed": trend["contradiction"], "limit": 0.35}]
        if trend["contradiction"] > 0.35
        else []
    )
    held += (
        [{"code": "low_confidence", "observed": trend["confidence"], "limit": 0.5}] if trend["confidence"] < 0.5 else []
    )
    probability = round(0.5 + abs(score) / 4, 3)
    s.seeded.recommendations.append(ident)
    s.add(
        "recommendations",
        id=ident,
        ticker=ticker,
        window_name=trend["window_name"],
        trend_id=trend["id"],
        action=action,
        mode="informational" if held else "paper",
        probability=probability,
        probability_low=round(probability - 0.08, 3),
        probability_high=round(probability + 0.08, 3),
        confidence=trend["confidence"],
        expected_return=round(score * 0.03, 4),
        volatility=0.28,
        cost=0.0006,
        price=s.closes[ticker].get(made.date()),
        contradiction=trend["contradiction"],
        thesis_template=(
            f"{len(ranked)} signals on {ticker} over {trend['window_name']} add up to {score:+.2f}. "
            f"The strongest is {ranked[0]['event_type']} ({ranked[0]['layer']} layer)."
        ),
        suppressions=held,
        generated_at=made,
        input_hash=trend["input_hash"],
    )
    for driver, signal in zip(trend["drivers"], ranked, strict=True):
        s.add(
            "recommendation_evidence",
            recommendation_id=ident,
            signal_id=signal["id"],
            weight_share=driver["weight_share"],
            contribution=driver["contribution"],
            side="for" if driver["contribution"] * (score or 1) >= 0 else "against",
        )
    checks = [
        {
            "gate": "eligibility",
            "code": code,
            "passed": code not in {one["code"] for one in held},
            "hard": True,
            "observed": seen,
            "limit": limit,
            "data_as_of": made,
        }
        for code, seen, limit in (
            ("thin", float(len(ranked)), 3.0),
            ("contradictory", trend["contradiction"], 0.35),
            ("low_confidence", trend["confidence"], 0.5),
        )
    ]
    s.add(
        "risk_evaluations",
        id=evaluation_id(ident, "recommendation"),
        subject_kind="recommendation",
        subject_id=ident,
        verdict="denied" if held else "approved",
        checks=checks,
        clamps=[],
        policy_version="moderate-1",
        evaluated_at=made,
    )
    if action in {"buy", "sell"} and not held:
        sow_decision(s, ident, ticker, action, made)


def sow_decision(s: Sower, recommendation: UUID, ticker: str, action: str, made: datetime) -> None:
    ident, decided = decision_id(ACCOUNT, recommendation), made + timedelta(hours=17, minutes=40)
    failing = s.random.choice(FAILURES) if action == "sell" or s.random.random() < 0.6 else None
    checks = [
        {
            "gate": gate,
            "code": code,
            "passed": code != failing,
            "hard": True,
            "observed": bad if code == failing else seen,
            "limit": limit,
            "data_as_of": made,
        }
        for gate, code, seen, limit, bad in GATES
    ]
    price = s.closes[ticker].get(decided.date())
    acts = failing is None and price is not None and decided < NOW
    if not acts and failing is None:
        failing, checks[3] = "OUTSIDE_WINDOW", {**checks[3], "passed": False, "observed": "closed"}
    quantity = Decimal(int(Decimal(4000) / price)) if acts and price else Decimal(0)
    s.add(
        "trading_decisions",
        id=ident,
        account=ACCOUNT,
        recommendation_id=recommendation,
        ticker=ticker,
        verdict="act" if acts else "skip",
        primary_reason=None if acts else failing,
        checks=checks,
        clamps=[{"code": "NAME_CAP", "before": 0.083, "after": 0.05}] if acts else [],
        sizing={"kelly": 0.18, "kelly_share": 0.25, "vol_target": 0.083, "stop_risk": 0.09, "weight": 0.04}
        if acts
        else {},
        quantity=quantity,
        policy_version="moderate-1",
        decided_at=decided,
    )
    (s.seeded.acted if acts else s.seeded.skipped).append(ident)
    if acts and price:
        sow_orders(s, ident, ticker, quantity, price, decided)
