"""Sockets to listen on, and how their addresses are written."""

import contextlib
import socket
from collections.abc import Iterator

from stonks.model.errors import SettingError


@contextlib.contextmanager
def listening(host: str, port: int, *, setting: str = "STONKS_API_PORT") -> Iterator[socket.socket]:
    """Give a socket that is bound to this address; port 0 takes a free one.

    Raises:
        SettingError: the address is taken, or is not ours.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind((host, port))
        except OSError as error:
            raise SettingError(setting, f"{host}:{port}: {error.strerror}; --port 0 takes a free one") from error
        yield bound


def address_of(bound: socket.socket) -> str:
    """Return the URL at which a bound socket can be reached."""
    name, number = bound.getsockname()[:2]
    return f"http://[{name}]:{number}" if ":" in name else f"http://{name}:{number}"
