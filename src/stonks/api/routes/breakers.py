"""Circuit breakers: what has opened and why, and resets by hand."""

from litestar.params import FromPath, JSONBody

from stonks.api.answers.asked import Asked
from stonks.api.reading import OpenPorts, read
from stonks.api.writing import OpenAct, write
from stonks.app import open_breakers
from stonks.model.principal import Scope
from stonks.risk.breaker_view import BreakerView, Reset, ResetDone


@read("/risk/breakers", "listBreakers", "risk")
async def list_breakers(ports: OpenPorts) -> list[BreakerView]:
    """Every circuit breaker that ever opened: what was measured, what it stops, how it ends and what a reset does."""
    return await open_breakers(ports).all()


@write("POST", "/risk/breakers/{place:str}/{kind:str}/reset", "resetBreaker", "risk", scope=Scope.ADMIN)
async def reset_breaker(act: OpenAct, place: FromPath[str], kind: FromPath[str], data: JSONBody[Asked]) -> ResetDone:
    """Close an open breaker and measure anew from now on; the answer says what that does and does not do."""
    wish = Reset(
        scope=place, kind=kind, by=act.principal.name, reason=data.reason, now=act.now, request_id=act.request_id
    )
    return await open_breakers(act.ports).reset(act.commit, wish)
