"""An alert in words and as JSON: what a person reads, and what a program does."""

from datetime import datetime

import msgspec

from stonks.model.alert import Alert

_LONGEST_SUBJECT = 120


def subject_line(alert: Alert) -> str:
    """Return one line of printable characters: how loud, what, about whom."""
    line = f"[{alert.severity.value}] {alert.kind.replace('_', ' ')}: {alert.subject}"
    return "".join(character if character.isprintable() else " " for character in line)[:_LONGEST_SUBJECT]


def body_text(alert: Alert) -> str:
    """Return the whole of it as text; the id tells a repetition from news."""
    return (
        f"{alert.text}\n\n{alert.raised_at:%Y-%m-%d %H:%M:%S} UTC   {alert.kind}   {alert.subject}\nalert {alert.id}\n"
    )


def as_json(alert: Alert, now: datetime) -> bytes:
    """Return the whole of it as a JSON object, with the instant at which it is said."""
    return msgspec.json.encode(msgspec.structs.asdict(alert) | {"sent_at": now})
