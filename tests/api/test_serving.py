"""The server inside our own loop."""

import socket

import pytest

from stonks.api.server import create_app, serve
from stonks.model.errors import SettingError
from stonks.ports.bundle import Ports


async def test_a_port_that_is_taken_is_named_with_a_way_out(ports: Ports) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(SettingError, match=f"STONKS_API_PORT: 127.0.0.1:{port}: Address already in use; --port 0"):
            await serve(create_app(ports), "127.0.0.1", port, lambda _: None)
