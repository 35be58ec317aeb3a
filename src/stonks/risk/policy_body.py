"""A policy as the JSON that is kept and shown of it, and what of such JSON is refused."""

import re
from datetime import timedelta

import msgspec

from stonks.model.errors import Refused
from stonks.risk.breaker_limits import BreakerLimits
from stonks.risk.policy import Limits, Policy, Sizes

_PLACE = re.compile(r" - at `\$\.?(?P<path>[^`]*)`$")
_UNKNOWN = re.compile(r"(?:unknown|missing required) field `(?P<field>[^`]+)`")
_LONGEST = timedelta(days=30)
_NESTED = (
    ("limits.name_cap", "limits.sector_cap"),
    ("limits.sector_cap", "limits.gross_cap"),
    ("limits.net_cap", "limits.gross_cap"),
    ("sizes.risk_per_trade", "limits.name_cap"),
    ("breakers.daily_flatten", "breakers.daily_loss"),
)
"""What must not exceed what."""


class PolicyRefused(Refused):
    """Raised when a body cannot become a policy; ``field`` is the path of what is wrong with it."""

    def __init__(self, field: str, why: str) -> None:
        """Name the field by its path in the body, such as limits.name_cap."""
        super().__init__(f"{field}: {why}")
        self.field = field
        self.why = why

    def __reduce__(self) -> tuple[type["PolicyRefused"], tuple[str, str]]:
        """Come through a pickle whole."""
        return type(self), (self.field, self.why)


class _Body(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    limits: Limits
    sizes: Sizes
    breakers: BreakerLimits


def body_of(policy: Policy) -> dict[str, object]:
    """Return limits, sizes and breakers as JSON has them; spans are ISO 8601 durations."""
    shown: dict[str, object] = msgspec.to_builtins(_body(policy))
    return shown


def policy_of(tier: str, version: int, body: object) -> Policy:
    """Return the policy that a body stands for.

    Raises:
        PolicyRefused: a field is unknown or missing, of the wrong kind, or out of its range.
    """
    try:
        read = msgspec.convert(body, _Body)
    except msgspec.ValidationError as error:
        raise _refusal(str(error)) from error
    _check_spans(read)
    _check_order(read)
    return Policy(tier=tier, version=f"{tier}-{version}", limits=read.limits, sizes=read.sizes, breakers=read.breakers)


def completed(body: dict[str, object], default: Policy) -> dict[str, object]:
    """Return a body with the default of every field that it lacks: those that a newer release brought."""
    return {name: _filled(body.get(name), value) for name, value in body_of(default).items()} | {
        name: value for name, value in body.items() if name not in _Body.__struct_fields__
    }


def _filled(kept: object, default: object) -> object:
    if isinstance(kept, dict) and isinstance(default, dict):
        return default | kept
    return default if kept is None else kept


def _body(policy: Policy) -> _Body:
    return _Body(limits=policy.limits, sizes=policy.sizes, breakers=policy.breakers)


def _refusal(message: str) -> PolicyRefused:
    """Turn the decoder's complaint into the path of the field and what is wrong with it."""
    place = _PLACE.search(message)
    path = (place["path"] if place else "").removesuffix("[...]")
    why = message[: place.start()] if place else message
    named = _UNKNOWN.search(why)
    if named is not None:
        return PolicyRefused(f"{path}.{named['field']}".strip("."), why.split(" field ")[0].lower() + " field")
    return PolicyRefused(path or "body", why.replace("`", "").lower())


def _check_spans(body: _Body) -> None:
    values = {f"{part}.{name}": value for part, fields in _fields(body).items() for name, value in fields.items()}
    for field, span in (values | {"limits.cooldown.time": body.limits.cooldown.time}).items():
        if isinstance(span, timedelta) and not timedelta(0) <= span <= _LONGEST:
            raise PolicyRefused(field, f"expected a span from 0 to {_LONGEST.days} days")


def _fields(body: _Body) -> dict[str, dict[str, object]]:
    return {part: msgspec.structs.asdict(getattr(body, part)) for part in _Body.__struct_fields__}


def _check_order(body: _Body) -> None:
    for smaller, larger in _NESTED:
        value, bound = (getattr(getattr(body, part), name) for part, name in (smaller.split("."), larger.split(".")))
        if value > bound:
            raise PolicyRefused(smaller, f"{value:g} exceeds {larger}, which is {bound:g}")
