"""The dashboard's files and the headers they travel under."""

from pathlib import Path

import pytest

from stonks.api.headers import CONTENT_SECURITY_POLICY
from stonks.api.server import create_app
from stonks.ports.bundle import Ports
from tests.fakes.world import client_of

HTML = {"accept": "text/html,*/*"}


@pytest.fixture
def static(tmp_path: Path) -> Path:
    build = tmp_path / "static"
    (build / "assets").mkdir(parents=True)
    (build / "index.html").write_text("<title>built</title>")
    (build / "assets" / "app-1a2b.js").write_text("let a")
    (tmp_path / "secret.txt").write_text("secret")
    return build


async def test_every_address_a_browser_opens_is_the_page_asked_for_again_each_time(ports: Ports, static: Path) -> None:
    async with client_of(create_app(ports, static=static)) as client:
        for path in ("/", "/recommendations/1", "/trading/decisions/x"):
            answer = await client.get(path, headers=HTML)
            assert (answer.status_code, answer.text) == (200, "<title>built</title>")
            assert answer.headers["cache-control"] == "no-cache"
            assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY


async def test_a_hashed_asset_is_kept_for_ever(ports: Ports, static: Path) -> None:
    async with client_of(create_app(ports, static=static)) as client:
        answer = await client.get("/assets/app-1a2b.js")

    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"].startswith("text/javascript")


@pytest.mark.parametrize("path", ["/assets/gone.js", "/api/v1/nothing", "/favicon.ico"])
async def test_a_missing_file_is_missing(ports: Ports, static: Path, path: str) -> None:
    async with client_of(create_app(ports, static=static)) as client:
        answer = await client.get(path, headers=HTML if path.startswith(("/assets", "/api")) else {})

    assert answer.status_code == 404


@pytest.mark.parametrize(
    "path", ["/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/assets/..%2f..%2fsecret.txt"]
)
async def test_nothing_outside_the_build_is_served(ports: Ports, static: Path, path: str) -> None:
    async with client_of(create_app(ports, static=static)) as client:
        answer = await client.get(path)

    assert "secret" not in answer.text.replace(path, "").replace("/secret.txt", "")
    assert answer.status_code == 404


async def test_without_a_build_the_page_says_how_to_make_one(ports: Ports, tmp_path: Path) -> None:
    async with client_of(create_app(ports, static=tmp_path / "none")) as client:
        answer = await client.get("/", headers=HTML)

    assert answer.status_code == 200
    assert "make dashboard" in answer.text
