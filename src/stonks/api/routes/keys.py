"""Keys of the API; only a key with the scope admin may ask, on this machine too."""

from datetime import timedelta
from typing import Annotated

from litestar.params import JSONBody, PathParameter

from stonks.api.answers.keys import KeyAsked, KeyList
from stonks.api.reading import OpenPorts, read
from stonks.api.writing import GivenReason, OpenAct, write
from stonks.model.principal import Scope
from stonks.runtime.key_desk import Asking, KeyRow, NewKey, create_key, list_keys, revoke_key

_KEYED = {"scope": Scope.ADMIN, "keyed": True}


@read("/keys", "listKeys", "keys", opt=_KEYED)
async def get_keys(ports: OpenPorts) -> KeyList:
    """Every key there ever was, without its secret."""
    return KeyList(items=await list_keys(ports.store))


@write("POST", "/keys", "createKey", "keys", scope=Scope.ADMIN, opt={"keyed": True, "secret": True}, status_code=201)
async def make_key(act: OpenAct, data: JSONBody[KeyAsked]) -> NewKey:
    """Make a key; its token is in this answer and nowhere else."""
    expires = None if data.expires_days is None else timedelta(days=data.expires_days)
    return await create_key(act.commit, data.name, data.scopes, expires, _asking(act, data.reason))


@write("DELETE", "/keys/{key_id:str}", "revokeKey", "keys", scope=Scope.ADMIN, opt={"keyed": True})
async def end_key(
    act: OpenAct,
    key_id: Annotated[str, PathParameter(max_length=40)],
    reason: GivenReason,
) -> KeyRow:
    """Make a key good for nothing, from its next request on."""
    return await revoke_key(act.commit, key_id, _asking(act, reason))


def _asking(act: OpenAct, reason: str) -> Asking:
    return Asking(by=act.principal.name, reason=reason, now=act.ports.clock.now(), request_id=act.request_id)
