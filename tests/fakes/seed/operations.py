"""The ledger, alerts, the lake and the queues."""

from datetime import UTC, date, datetime, timedelta

from stonks.model.identity import alert_id
from stonks.ports.queue import Push, Queue
from tests.fakes.seed.sower import NOW, Sower, at


def sow_operations(s: Sower) -> None:
    s.add(
        "replay_clock",
        tape="april-2025",
        starts_at=at(date(2025, 3, 31), 4),
        ends_at=at(date(2025, 5, 1), 4),
        now=NOW,
        stage="aggregation",
    )
    wall = datetime.now(UTC)  # noqa: TID251 - the ledger is kept in wall time
    kinds = [
        "ingestion",
        "parsing",
        "extraction",
        "macro_classification",
        "aggregation",
        "recommendation",
        "broker_orders",
        "lake_publish",
        "notifications",
    ]
    for number in range(1200):
        queue, done = kinds[number * 7 % len(kinds)], number > 25
        made = wall - timedelta(seconds=number)
        s.add(
            "jobs",
            job_id=f"{queue}:seed-{number}",
            queue=queue,
            subject=f"seed-{number}",
            payload={},
            created_at=made,
            done_at=made + timedelta(seconds=1) if done else None,
        )
    for stage in ("scheduler", "trading", "broker", "notifications"):
        s.add("poll_turns", stage=stage, polled_at=NOW)
    for number, (kind, severity, text) in enumerate(
        (
            ("order_filled", "info", "Bought 16 AAPL at 211.45"),
            ("source_stale", "warning", "filings: no success for 3 h"),
            ("breaker_open", "critical", "Four losses in a row in BA: no new entries"),
        )
    ):
        raised = NOW - timedelta(minutes=17 * number)
        s.add(
            "alerts",
            id=alert_id(kind, number, raised),
            kind=kind,
            severity=severity,
            subject=kind,
            text=text,
            raised_at=raised,
            routed_at=raised if number else None,
        )
        if number:
            s.add(
                "alert_deliveries",
                alert_id=alert_id(kind, number, raised),
                channel="log",
                state="sent",
                routed_at=raised,
                sent_at=raised,
            )
    for day in range(1, 30):
        s.add(
            "lake_batches",
            table_name="signals",
            day=date(2025, 4, day),
            object_key=f"lakehouse/signals/year=2025/month=04/day={day:02}/part-0.parquet",
            rows=40 + day,
            bytes=9000 + day,
            published_at=NOW,
        )


async def sow_queue(queue: Queue) -> None:
    """Leave some jobs waiting, one in hand, and two dead."""
    for name, number in (("extraction", 7), ("aggregation", 3), ("parsing", 3)):
        pushes = [
            Push(
                queue=name,
                payload=b'{"document_id":"0b7c2d6e-0000-4000-8000-%012d"}' % n,
                subject=f"{name}-{n}",
                ledger_id=f"{name}:{n}",
            )
            for n in range(number)
        ]
        await queue.enqueue(pushes, high_water=1000)
    hour = timedelta(hours=1)
    for claimed in await queue.claim("parsing", 2, hour):
        await queue.bury("parsing", claimed.token, reason="malformed", error="document_id: expected a UUID")
    await queue.claim("aggregation", 1, hour)
