"""The object store: bytes under a key, written once."""

from typing import Protocol


class Objects(Protocol):
    """Keeps bytes that are never changed, such as raw artifacts under their sha256."""

    async def put(self, key: str, data: bytes) -> None:
        """Keep these bytes; a key that exists already is left as it is."""
        ...

    async def get(self, key: str) -> bytes:
        """Return the bytes under a key.

        Raises:
            Refused: there is no such key.
        """
        ...
