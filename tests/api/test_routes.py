"""Every route keeps the promises that all of them share."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from stonks.api.server import description
from tests.fakes.world import World

DOCUMENT: dict[str, Any] = msgspec.json.decode(description())
EVERY = [
    (path, method, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
    if path.startswith("/api/v1")
]
ROUTES = [(path, operation) for path, method, operation in EVERY if method == "get"]
NEED_KEYS = {"/api/v1/keys"}
"""What is answered to keys only."""
LISTS = {
    "/documents": "known_at",
    "/events": "known_at",
    "/recommendations": "generated_at",
    "/decisions": "decided_at",
    "/orders": "created_at",
    "/alerts": "raised_at",
    "/companies/AAPL/signals": "known_at",
}


def test_every_route_has_an_operation_id_and_a_tag() -> None:
    ids = [operation["operationId"] for *_, operation in EVERY]

    assert len(set(ids)) == len(ids) >= 28
    assert all(operation["tags"] for *_, operation in EVERY)


def test_every_route_documents_its_problems() -> None:
    for path, _, operation in EVERY:
        for status in ("400", "401", "403", "404", "500", "503"):
            content = operation["responses"][status]["content"]
            assert content["application/problem+json"]["schema"] == {"$ref": "#/components/schemas/Problem"}, path


def examples(world: World) -> Iterator[str]:
    """One address of every route that has something to show."""
    seeded = world.seeded
    filled = {
        "{document_id}": seeded.documents[0],
        "{event_id}": seeded.events[0],
        "{trend_id}": seeded.trends[0],
        "{recommendation_id}": seeded.recommendations[0],
        "{decision_id}": seeded.acted[0],
        "{order_id}": seeded.entries[0],
        "{evaluation_id}": seeded.requests[0],
        "{ticker}": "AAPL",
        "{queue}": "parsing",
    }
    for path, _ in ROUTES:
        for name, value in filled.items():
            path = path.replace(name, str(value))  # noqa: PLW2901 - the path is what is being filled in
        yield path + ("?q=apple" if path.endswith("/search") else "")


async def test_every_route_answers_with_what_it_describes(world: World) -> None:
    for path in examples(world):
        if path.endswith("/stream") or path in NEED_KEYS:
            continue
        answer = await world.client.get(path)
        assert answer.status_code == 200, (path, answer.text)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert len(answer.content) > 10, path


async def test_what_is_not_there_is_a_problem_with_the_requests_id(world: World) -> None:
    nobody = "00000000-0000-4000-8000-000000000000"
    for path in ("documents", "events", "trends", "recommendations", "decisions", "orders"):
        answer = await world.client.get(f"/api/v1/{path}/{nobody}", headers={"x-request-id": "mine-1"})

        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["x-request-id"] == "mine-1"
        problem = answer.json()
        assert (problem["status"], problem["request_id"]) == (404, "mine-1")
        assert nobody in problem["detail"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/documents?limit=201", 400),
        ("/documents?limit=0", 400),
        ("/documents?status=nonsense", 400),
        ("/documents?cursor=bm9uc2Vuc2U=", 400),
        ("/documents?ticker=A%00B", 400),
        ("/documents/not-an-id", 404),
        ("/stream?topics=weather", 400),
        ("/dlq/nonsense", 404),
        ("/companies/NOPE", 404),
        ("/nothing", 404),
        ("/portfolio/equity?since=yesterday", 400),
    ],
)
async def test_what_a_client_gets_wrong_is_a_problem_and_never_a_bug(world: World, path: str, status: int) -> None:
    answer = await world.client.get(f"/api/v1{path}")

    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status


async def test_a_write_where_there_is_none_is_refused(world: World) -> None:
    answer = await world.client.put("/api/v1/orders", json={})

    assert answer.status_code == 405
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", LISTS)
async def test_pages_put_together_are_the_whole_list_newest_first(world: World, path: str) -> None:
    whole = (await world.get(path, limit=200))["items"]

    pieces, cursor = [], None
    for _ in range(100):
        page = await world.get(path, limit=7, **({"cursor": cursor} if cursor else {}))
        pieces += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break

    assert len(whole) > 2
    assert pieces[: len(whole)] == whole
    assert [row[LISTS[path]] for row in pieces] == sorted((row[LISTS[path]] for row in pieces), reverse=True)
    assert len({row["id"] for row in pieces}) == len(pieces)
