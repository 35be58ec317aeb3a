"""Whether what we depend on answers, and what is said while it does not."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path

from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from stonks.adapters.store import migrate
from stonks.api.probes import create_probes
from stonks.api.server import create_app
from stonks.model.errors import Unreachable
from stonks.ports.bundle import Ports
from stonks.ports.stage import Stage, Worker
from stonks.runtime.telemetry import Telemetry
from stonks.supervisor import Supervisor
from tests.fakes.world import World, client_of, opened

PARSER = Stage(name="parser", open=lambda _: Worker())


def samples_of(text: str) -> dict[tuple[str, ...], float]:
    """Every sample by its name and the values of its labels, in the order of their names."""
    families = text_string_to_metric_families(text)
    return {(one.name, *one.labels.values()): one.value for family in families for one in family.samples}


@asynccontextmanager
async def ports_whose_servers_are_gone(directory: Path) -> AsyncIterator[Ports]:
    """Ports that were opened on servers of their own, which have been stopped since."""
    async with AsyncExitStack() as stack:
        async with Supervisor.start(directory, postgres=True, valkey=True, durable=False) as servers:
            assert servers.database_url is not None
            assert servers.redis_url is not None
            await migrate(servers.database_url)
            objects_url = f"file://{directory / 'objects'}"
            ports = await stack.enter_async_context(opened(servers.database_url, servers.redis_url, objects_url))
        yield ports


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


async def test_while_the_servers_are_down_metrics_tell_what_this_process_knows_and_readiness_who_is_missing(
    tmp_path: Path,
) -> None:
    telemetry = Telemetry(CollectorRegistry())
    telemetry.opened([PARSER])
    async with (
        ports_whose_servers_are_gone(tmp_path) as ports,
        client_of(create_probes(ports, telemetry, ["parser"])) as client,
    ):
        alive, ready, scraped = await client.get("/healthz"), await client.get("/readyz"), await client.get("/metrics")
        again = await client.get("/readyz")

    assert (alive.status_code, ready.status_code, scraped.status_code) == (200, 503, 200)
    samples = samples_of(scraped.text)
    assert (samples["stonks_up", "postgres"], samples["stonks_up", "redis"]) == (0, 0)
    assert samples["stonks_workers", "parser"] == PARSER.concurrency
    assert not any(name.startswith("stonks_queue_depth") for name, *_ in samples)
    checks = {check["name"]: check for check in again.json()["checks"]}
    assert {name for name, check in checks.items() if not check["ok"]} == {"database", "migrations", "queue"}
    assert checks["database"]["failing_seconds"] > 0
    assert checks["stages"]["failing_seconds"] is None


async def test_a_process_is_ready_once_its_stages_run(ports: Ports) -> None:
    telemetry = Telemetry(CollectorRegistry())
    async with client_of(create_probes(ports, telemetry, ["parser"])) as client:
        before = await client.get("/readyz")
        telemetry.opened([PARSER])
        after = await client.get("/readyz")
        while after.status_code != 200:  # an answer is given again for a fifth of a second
            after = await client.get("/readyz")

    assert before.status_code == 503
    assert "not running yet: parser" in before.text


async def test_the_probes_of_a_worker_are_as_closed_as_the_api(ports: Ports) -> None:
    app = create_probes(ports)
    async with client_of(app, name="evil.example") as web_page, client_of(app, peer="192.0.2.7") as stranger:
        rebound, remote = await web_page.get("/metrics"), await stranger.get("/metrics")
        probed = await stranger.get("/healthz")
    async with client_of(app) as client:
        nothing = await client.get("/api/v1/ui-config")

    assert (rebound.status_code, remote.status_code, probed.status_code, nothing.status_code) == (400, 401, 200, 404)
    assert nothing.headers["x-content-type-options"] == "nosniff"


async def test_metrics_tell_of_jobs_in_this_process_and_of_what_the_queues_counted(world: World) -> None:
    telemetry = Telemetry(CollectorRegistry())
    telemetry.started("parser", "parsing", timedelta(seconds=2), 1)
    async with client_of(create_app(world.ports, telemetry=telemetry)) as client:
        samples = samples_of((await client.get("/metrics")).text)

    assert samples["stonks_jobs_in_flight", "parser"] == 1
    assert samples["stonks_queue_delay_seconds_sum", "parsing"] == 2
    assert samples["stonks_queue_in_flight", "aggregation"] == 1
    assert 0 < samples["stonks_queue_lease_left_seconds", "aggregation"] <= 3600
    assert samples["stonks_queue_events_total", "dead", "parsing"] == 2
    assert samples["stonks_leases_expired_total", "parsing"] == 0
    assert samples["stonks_queue_oldest_age_seconds", "parsing"] > 0


async def test_metrics_tell_queues_sources_and_equity(world: World) -> None:
    samples = samples_of((await world.client.get("/metrics")).text)

    assert samples["stonks_queue_depth", "extraction"] == 7
    assert samples["stonks_dlq_depth", "parsing"] == 2
    assert samples["stonks_source_freshness_slo_seconds", "filings"] == 1800
    assert samples["stonks_equity_usd",] > 90_000
