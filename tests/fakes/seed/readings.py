"""Documents and what was read from them: impacts, events, signals of all three layers."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from stonks.model.identity import content_hash, document_id, event_id, impact_id, intelligence_id, signal_id
from tests.fakes.seed.sower import VERSION, Sower, instant


def sow_documents(s: Sower) -> None:
    for number, entry in enumerate(s.feed):
        sow_document(s, entry, number)


def sow_document(s: Sower, entry: dict[str, Any], number: int) -> None:
    ident = document_id(entry["source"], entry["external_id"], entry["revision"])
    text = f"{entry['title']}\n\n{entry['body']}"
    raw, known = entry["body"].encode(), instant(entry["known_at"])
    status, reason = fate(entry, number)
    s.seeded.documents.append(ident)
    s.add(
        "documents",
        id=ident,
        source=entry["source"],
        external_id=entry["external_id"],
        revision=entry["revision"],
        action=entry["action"],
        document_type=entry["kind"],
        publisher=entry["publisher"],
        url=entry["url"],
        title=entry["title"],
        published_at=instant(entry["published_at"]) if entry["published_at"] else None,
        known_at=known,
        content_hash=content_hash(raw),
        raw_sha256=s.keep("raw", raw),
        content_type=entry["content_type"],
        feed_tickers=entry["tickers"],
        normalized_sha256=s.keep("normalized", text.encode()) if status != "stored" else None,
        story_cluster_id=ident,
        quality=round(s.random.uniform(0.55, 0.98), 3),
        quality_features={"words": float(len(text.split())), "sentences": float(entry["body"].count("."))},
        language="en",
        status=status,
        status_reason=reason,
        status_at=known + timedelta(seconds=4),
    )
    if status == "classified":
        sow_event(s, entry, ident, text)
    elif status == "extracted":
        sow_reading(s, entry, ident, text)


def fate(entry: dict[str, Any], number: int) -> tuple[str, str | None]:
    if entry["kind"] == "macro_event":
        return "classified", None
    match number % 23:
        case 7:
            return "duplicate", "near_duplicate"
        case 15:
            return "rejected", "low_quality"
        case 21 if number > 300:
            return "parsed", None
        case _:
            return "extracted", None


def sentences(text: str) -> list[dict[str, Any]]:
    """Every longer sentence of a text with its place."""
    found, start = [], text.index("\n\n") + 2
    for part in text[start:].split(". "):
        quote = part.rstrip(".")
        if len(quote) > 20:
            found.append({"quote": quote, "start": start, "end": start + len(quote)})
        start += len(part) + 2
    return found


def mentioned(text: str, company: dict[str, str]) -> list[dict[str, int]]:
    names = [company["name"], *company["aliases"].split("|"), company["name"].split()[0]]
    spans = {(text.find(name), text.find(name) + len(name)) for name in names if name in text}
    return [{"start": start, "end": end} for start, end in sorted(spans)]


def sow_reading(s: Sower, entry: dict[str, Any], ident: UUID, text: str) -> None:
    reading, known = intelligence_id(ident, VERSION), instant(entry["known_at"]) + timedelta(seconds=4)
    quotes = sentences(text)
    companies = [company for company in s.companies if company["ticker"] in entry["tickers"]]
    if not quotes or not companies:
        return
    s.add(
        "document_intelligence",
        id=reading,
        document_id=ident,
        extractor_version=VERSION,
        kind="news",
        summary=quotes[0]["quote"],
        numbers=[],
        degraded=False,
        verified_ratio=1.0,
        known_at=known,
    )
    for place, company in enumerate(companies):
        ticker, event = (
            company["ticker"],
            s.random.choice(["earnings_beat", "product", "guidance_cut", "litigation_regulatory", "rating_up"]),
        )
        direction = round(s.random.choice([1, 1, -1]) * s.random.uniform(0.25, 0.95), 3)
        said = {
            "direction": direction,
            "strength": round(s.random.uniform(0.3, 0.9), 3),
            "confidence": round(s.random.uniform(0.5, 0.95), 3),
            "relevance": 1.0 if place == 0 else 0.5,
            "novelty": round(s.random.uniform(0.4, 1.0), 3),
        }
        s.add(
            "mentions",
            document_id=ident,
            ticker=ticker,
            role="primary" if place == 0 else "secondary",
            spans=mentioned(text, company),
        )
        s.add(
            "document_impact_records",
            id=impact_id(reading, ticker),
            intelligence_id=reading,
            document_id=ident,
            ticker=ticker,
            event_types=[event],
            horizon="days",
            evidence=s.random.sample(quotes, min(len(quotes), 2)),
            known_at=known,
            **said,
        )
        sow_signal(s, "company", ident, ticker, event, known, document=ident, source=entry["source"], **said)


def sow_signal(  # noqa: PLR0913 - a fact of the signal each
    s: Sower,
    layer: str,
    origin: UUID,
    ticker: str,
    event: str,
    known: datetime,
    *,
    document: UUID | None,
    source: str,
    **said: float,
) -> UUID:
    ident = signal_id(layer, origin, ticker, event, VERSION)
    row = {
        "id": ident,
        "ticker": ticker,
        "layer": layer,
        "source": source,
        "cluster_id": document or origin,
        "document_id": document,
        "origin_id": origin,
        "event_type": event,
        "credibility": round(s.random.uniform(0.6, 1.0), 2),
        "quality": 0.9,
        "half_life": s.random.choice(["1d", "3d", "10d"]),
        "event_at": known - timedelta(minutes=3),
        "known_at": known,
        "extractor_version": VERSION,
        **said,
    }
    s.add("signals", **row)
    s.by_ticker[ticker].append(row)
    s.seeded.signals.append(ident)
    return ident


def sow_event(s: Sower, entry: dict[str, Any], ident: UUID, text: str) -> None:
    kind = s.random.choice(["tariff", "monetary_policy", "inflation", "employment", "geopolitics"])
    event, known = event_id(ident, kind, VERSION), instant(entry["known_at"]) + timedelta(seconds=3)
    quotes, direction = sentences(text), s.random.choice([-1, -1, 1])
    s.seeded.events.append(event)
    s.add(
        "global_events",
        id=event,
        document_id=ident,
        type=kind,
        stage="announced",
        regions=["US", "CN"] if kind == "tariff" else ["US"],
        severity=s.random.randint(1, 5),
        surprise=s.random.randint(-2, 2),
        direction=direction,
        duration="months",
        sectors={"Information Technology": -0.4},
        commodities={},
        currencies={"USD": 0.1},
        confidence=0.8,
        summary=quotes[0]["quote"] if quotes else entry["title"],
        evidence=quotes[:2],
        known_at=known,
        extractor_version=VERSION,
    )
    for company in s.companies:
        impact = round(direction * s.random.uniform(0.0, 0.4), 3)
        s.add(
            "macro_impact_records",
            event_id=event,
            ticker=company["ticker"],
            impact=impact,
            terms={"sector": round(impact * 0.6, 4), "geo:US": round(impact * 0.4, 4)},
            coverage=0.8,
            known_at=known,
        )
        if abs(impact) >= 0.25:
            said = {"direction": impact, "strength": abs(impact), "confidence": 0.8, "relevance": 0.5, "novelty": 0.9}
            sow_signal(
                s, "macro", event, company["ticker"], kind, known, document=ident, source=entry["source"], **said
            )


def sow_competitive(s: Sower) -> None:
    edges = defaultdict(list)
    for edge in s.rows["company_edges"]:
        edges[edge["src"]].append(edge["dst"])
    for origin in [row for row in s.rows["signals"] if row["layer"] == "company"][::4]:
        for ticker in edges[origin["ticker"]][:1]:
            said = {
                "direction": round(-0.3 * origin["direction"], 3),
                "strength": round(0.4 * origin["strength"], 3),
                "confidence": 0.6,
                "relevance": 0.5,
                "novelty": 0.8,
            }
            ident = sow_signal(
                s,
                "competitive",
                origin["id"],
                ticker,
                origin["event_type"],
                origin["known_at"],
                document=None,
                source=origin["source"],
                **said,
            )
            s.add(
                "competitive_signal_records",
                signal_id=ident,
                origin_signal_id=origin["id"],
                ticker=ticker,
                relation="sector_peer",
                hops=1,
                direction=said["direction"],
                strength=said["strength"],
                path=[
                    {
                        "src": origin["ticker"],
                        "dst": ticker,
                        "relation": "sector_peer",
                        "weight": 0.4,
                        "confidence": 0.7,
                        "source": "sectors",
                    }
                ],
                lag_expected_days=5.0,
                known_at=origin["known_at"],
            )
