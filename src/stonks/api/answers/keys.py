"""Keys of the API, and what is asked for them."""

from typing import Annotated

import msgspec

from stonks.api.answers.asked import Asked
from stonks.model.principal import Scope
from stonks.runtime.key_desk import KeyRow


class KeyAsked(Asked, frozen=True, kw_only=True):
    """A key that somebody wants."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=40, description="Whose or what for it is.")]
    scopes: Annotated[list[Scope], msgspec.Meta(min_length=1, max_length=4)]
    expires_days: Annotated[int, msgspec.Meta(ge=1, le=3650)] | None = None
    """After how many days it is good for nothing; None: never."""


class KeyList(msgspec.Struct, frozen=True, kw_only=True):
    """Every key, the newest first; nothing of a secret."""

    items: list[KeyRow]
