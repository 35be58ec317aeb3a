"""Whether what we depend on answers."""

from prometheus_client.parser import text_string_to_metric_families

from stonks.api.server import create_app
from stonks.model.errors import Unreachable
from stonks.ports.bundle import Ports
from tests.fakes.world import World, client_of


async def test_a_sound_installation_is_ready(world: World) -> None:
    answer = await world.client.get("/readyz")

    assert answer.status_code == 200
    assert {check["name"]: check["ok"] for check in answer.json()["checks"]} == {
        "database": True,
        "migrations": True,
        "queue": True,
        "objects": True,
    }


async def test_a_dependency_that_does_not_answer_is_named_and_we_are_not_ready(ports: Ports) -> None:
    async def gone() -> str:
        raise Unreachable("nobody is there")

    async with client_of(create_app(ports, checks={"elsewhere": gone})) as client:
        ready, alive = await client.get("/readyz"), await client.get("/healthz")

    assert (ready.status_code, alive.status_code) == (503, 200)
    failed = [check for check in ready.json()["checks"] if not check["ok"]]
    assert [(check["name"], check["detail"]) for check in failed] == [("elsewhere", "nobody is there")]


async def test_a_database_behind_this_version_is_not_ready(world: World) -> None:
    await world.connection.execute("DELETE FROM schema_migrations WHERE name = '0003_changes'")

    answer = await world.client.get("/readyz")

    assert answer.status_code == 503
    assert "lacks 0003_changes" in answer.text


async def test_metrics_tell_queues_sources_and_equity(world: World) -> None:
    text = (await world.client.get("/metrics")).text

    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert samples["stonks_queue_depth", "extraction"] == 7
    assert samples["stonks_dlq_depth", "parsing"] == 2
    assert samples["stonks_source_freshness_slo_seconds", "filings"] == 1800
    assert samples["stonks_equity_usd",] > 90_000
