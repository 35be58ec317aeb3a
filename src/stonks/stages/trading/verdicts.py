"""Answers whether an order may be traded that somebody asks for, and keeps each answer before it is given."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from stonks.model.errors import Conflict, Malformed, Refused
from stonks.model.identity import request_id
from stonks.model.order_request import Asker, OrderRequest, OrderVerdict, check_request
from stonks.model.recommendation import Mode
from stonks.ports.bundle import Ports
from stonks.ports.store import Reader, Transaction
from stonks.settings import Settings, trades_live
from stonks.stages.trading.core.desk import Candidate, Desk
from stonks.stages.trading.core.request import Docket, judge
from stonks.stages.trading.knowledge import Knowledge


class Judged(NamedTuple):
    """An answer that is not kept yet, and what it was found on; no desk where it was kept before."""

    verdict: OrderVerdict
    desk: Desk | None


EVALUATE = "evaluate"
PLACE = "place"


def mode_of(settings: Settings) -> Mode:
    """Return whose money the account trades.

    Raises:
        SettingError: the switches of real money do not agree.
    """
    return Mode.LIVE if trades_live(settings) else Mode.PAPER


class Verdicts:
    """Judges requests for one account through every gate; the same request has the same answer."""

    def __init__(self, ports: Ports, wish: str = EVALUATE) -> None:
        """Judge by the policy in force at each request; what is only asked about is kept apart from what is placed."""
        self._wish = wish
        self._store = ports.store
        self._account = ports.settings.account
        self._mode = mode_of(ports.settings)
        self._knowledge = Knowledge(ports)

    async def judge(self, request: OrderRequest, asked_by: str, now: datetime) -> Judged:
        """Return what every gate says to a request now, or what it was answered before; nothing is written.

        Raises:
            Malformed: the request makes no sense.
            Refused: it is for another account, or for a recommendation that there is not.
            Conflict: the same key was used for another request.
            Unreachable: something that has to be known cannot be: whoever asked must take it for a no.
        """
        check_request(request)
        if (request.account, request.mode) != (self._account, self._mode):
            raise Refused(f"this is the {self._mode} account {self._account}, not the {request.mode} {request.account}")
        if request.as_of is not None and request.as_of > now:
            raise Malformed("as_of lies in the future")
        known = await self._known(self._store, request, asked_by)
        if known is not None:
            return Judged(known, None)
        book = await self._store.value("requests.portfolio_hash", account=self._account)
        candidate = await self._candidate(request, now)
        state, held = await self._knowledge.state(now), await self._knowledge.held(now)
        desk = await self._knowledge.desk(now, state, held, [request.ticker])
        docket = Docket(self._id(request, asked_by), asked_by, book)
        return Judged(judge(desk, request, candidate, docket), desk)

    async def keep(self, transaction: Transaction, verdict: OrderVerdict) -> OrderVerdict | None:
        """Keep an answer and return None, or return the one that the request was given before.

        Raises:
            Conflict: the same key was used for another request.
        """
        values = {name: getattr(verdict, name) for name in verdict.__struct_fields__ if name != "request"}
        request = verdict.request
        kept = await transaction.run(
            "requests.answer",
            **values,
            account=request.account,
            source=request.source,
            key=request.intent_id,
            body=request,
            body_hash=request.body_hash,
        )
        return None if kept else await self._known(transaction, request, verdict.asked_by)

    async def find(self, evaluation: UUID) -> OrderVerdict | None:
        """Return an answer by its id, or None where there is none."""
        return await self._store.row(OrderVerdict, "requests.answered", id=evaluation)

    async def _known(self, reader: Reader, request: OrderRequest, asked_by: str) -> OrderVerdict | None:
        known = await reader.row(OrderVerdict, "requests.answered", id=self._id(request, asked_by))
        if known is not None and known.request.body_hash != request.body_hash:
            raise Conflict(f"{request.intent_id} was used for another request")
        return known

    def _id(self, request: OrderRequest, asked_by: str) -> UUID:
        return request_id(request.account, asked_by, self._wish, request.intent_id)

    async def _candidate(self, request: OrderRequest, now: datetime) -> Candidate | None:
        if request.source is not Asker.ENGINE:
            return None
        found = await self._store.row(
            Candidate, "requests.recommendation", account=self._account, id=request.recommendation_id, now=now
        )
        if found is None or (found.ticker, found.action.value) != (request.ticker, request.side.value):
            raise Refused(f"there is no recommendation {request.recommendation_id} to {request.side} {request.ticker}")
        return found
