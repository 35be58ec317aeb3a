"""The probes of a process that serves nothing else, over a real socket."""

import socket

import httpx
import pytest
from prometheus_client import CollectorRegistry

from stonks.cli.probing import probing
from stonks.model.errors import SettingError
from stonks.ports.stage import Stage, Worker
from stonks.runtime.telemetry import Telemetry
from tests.fakes.world import World


async def test_who_asks_before_the_web_server_is_loaded_waits_and_is_answered(world: World) -> None:
    telemetry = Telemetry(CollectorRegistry())
    async with (
        probing(world.ports, telemetry, ["parser"]) as address,
        httpx.AsyncClient(base_url=address, timeout=30) as client,
    ):
        alive, starting = await client.get("/healthz"), await client.get("/readyz")
        telemetry.opened([Stage(name="parser", open=lambda _: Worker())])
        metrics = await client.get("/metrics")

    assert address.startswith("http://127.0.0.1:")
    assert (alive.text, starting.status_code) == ("ok\n", 503)
    assert 'stonks_workers{stage="parser"} 4.0' in metrics.text
    assert "server" not in metrics.headers


async def test_the_port_is_free_again_afterwards_and_a_taken_one_is_named(world: World) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingError, match=f"--port: 127.0.0.1:{port}: Address already in use"):
            async with probing(world.ports, port=port):
                pass

    async with probing(world.ports, port=port) as first:
        pass
    async with probing(world.ports, port=port) as second:
        pass

    assert first == second == f"http://127.0.0.1:{port}"


async def test_an_error_of_the_work_passes_and_is_not_hidden_by_the_probes(world: World) -> None:
    with pytest.raises(ExceptionGroup) as found:
        async with probing(world.ports):
            raise ValueError("the work")

    assert [str(error) for error in found.value.exceptions] == ["the work"]
