"""Events as the stream sends them."""

from datetime import datetime
from typing import Any

import msgspec


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What an event of the stream carries: the newest state of ``key`` within ``type``."""

    v: int
    type: str
    at: datetime
    key: str
    data: dict[str, Any]
