"""What moves an account's cash without a trade, as Alpaca's activities tell: fees, dividends, interest, transfers."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

import msgspec

from stonks.adapters.broker.alpaca.exact import exact
from stonks.adapters.broker.alpaca.wire import Purpose, Wire
from stonks.model.errors import Unreachable
from stonks.ports.broker import CashMove

KINDS = (
    "FEE,CFEE,PTC,PTR,DIV,DIVCGL,DIVCGS,DIVFEE,DIVFT,DIVNRA,DIVROC,DIVTW,DIVTXEX,INT,INTNRA,INTTW,"
    "SPLIT,SPIN,MA,REORG,NC,CSD,CSW,JNLC,ACATC,MISC"
)
"""Every kind of activity that is no trade and may move cash."""

TRANSFERS = {"CSD", "CSW", "JNLC", "ACATC"}
"""Those by which the owner puts money in or takes it out: deposits, withdrawals, and moves from account to account."""

PAGE = 100
_MOST_PAGES = 500
_DONE = {None, "executed"}


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """One activity that is no trade; it has a day and no time."""

    id: str
    activity_type: str
    date: date
    net_amount: Decimal = Decimal(0)
    symbol: str | None = None
    status: str | None = None


async def moves(wire: Wire, since: date | None) -> Sequence[CashMove]:
    """Return what moved cash from a day on, or ever, oldest first; what was cancelled, or moved none, is left out.

    Raises:
        Transient, Permanent: as ``Wire.ask`` and ``Reply.read``. What was not read whole is not returned in part.
    """
    asked = {"activity_types": KINDS, "direction": "asc", "page_size": str(PAGE)}
    if since is not None:
        asked["after"] = (since - timedelta(days=1)).isoformat()
    read: dict[str, Move] = {}
    for _ in range(_MOST_PAGES):
        token = {"page_token": next(reversed(read))} if read else {}
        reply = await wire.ask("GET", "/v2/account/activities", Purpose.QUERY, parameters=asked | token)
        page, before = reply.read(list[Move]), len(read)
        read.update((move.id, move) for move in page)
        if len(page) < PAGE:
            return [_told(move) for move in read.values() if move.status in _DONE and move.net_amount]
        if len(read) == before:
            break
    raise Unreachable(f"{wire.base} does not come to the end of its activities")


def _told(move: Move) -> CashMove:
    return CashMove(
        id=move.id,
        kind=move.activity_type,
        ticker=move.symbol or None,
        amount=exact(move.net_amount),
        day=move.date,
        transfer=move.activity_type in TRANSFERS,
    )
