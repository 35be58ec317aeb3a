import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiohttp import web

from stonks.adapters.alerts import open_alerts
from stonks.model.alert import Severity
from stonks.model.errors import Refused, SettingError, Unreachable
from stonks.ports.alerts import Unanswered
from tests.fakes.alerts import alert
from tests.fakes.facts import NOW

NEWS = alert(1, Severity.WARNING, kind="stop_loss_reached", text="AAPL reached its stop")
SECRET = "canary/+ "  # noqa: S105 - of nobody


class Receiver:
    """A server that keeps what is posted to it, and answers with a status or not at all."""

    def __init__(self) -> None:
        self.status: int | None = 204
        self.posts: list[tuple[web.Request, bytes]] = []
        self.port = 0

    async def take(self, request: web.Request) -> web.Response:
        self.posts.append((request, await request.read()))
        if self.status is None:
            assert request.transport is not None
            request.transport.abort()
        headers = {"Location": "/elsewhere"} if self.status in {302, 307} else {}
        return web.Response(status=self.status or 200, headers=headers)

    @property
    def url(self) -> str:
        return f"webhook+http://:canary%2F%2B%20@127.0.0.1:{self.port}/path-canary?key=query-canary"


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", receiver.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.port = runner.addresses[0][1]
    yield receiver
    await runner.cleanup()


async def test_an_alert_is_posted_as_json_that_is_signed(receiver: Receiver) -> None:
    await open_alerts(receiver.url).send(NEWS, "webhook", NOW)

    ((request, body),) = receiver.posts
    assert (request.method, request.path_qs) == ("POST", "/path-canary?key=query-canary")
    assert json.loads(body) == {
        "id": str(NEWS.id),
        "kind": "stop_loss_reached",
        "severity": "warning",
        "subject": "s1",
        "text": NEWS.text,
        "raised_at": NEWS.raised_at.isoformat().replace("+00:00", "Z"),
        "sent_at": NOW.isoformat().replace("+00:00", "Z"),
    }
    at, signed = (part.partition("=")[2] for part in request.headers["X-Stonks-Signature"].split(","))
    assert at == str(int(NOW.timestamp()))
    assert signed == hmac.new(SECRET.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    assert request.headers["Idempotency-Key"] == str(NEWS.id)
    assert "Authorization" not in request.headers


async def test_without_a_secret_nothing_is_signed(receiver: Receiver) -> None:
    await open_alerts(f"webhook+http://127.0.0.1:{receiver.port}").send(NEWS, "webhook", NOW)

    assert "X-Stonks-Signature" not in receiver.posts[0][0].headers


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (503, Unreachable),
        (429, Unreachable),
        (400, Refused),
        (413, Refused),
        (401, SettingError),
        (404, SettingError),
        (302, SettingError),
        (307, SettingError),
        (None, Unanswered),
    ],
)
async def test_an_answer_says_what_to_do_and_nothing_secret_and_no_redirect_is_followed(
    receiver: Receiver, status: int | None, error: type[Exception]
) -> None:
    receiver.status = status
    with pytest.raises(error) as raised:
        await open_alerts(receiver.url).send(NEWS, "webhook", NOW)

    assert type(raised.value) is error
    assert "canary" not in str(raised.value)
    assert len(receiver.posts) == 1


async def test_nobody_at_the_port_is_unreachable_and_has_heard_nothing(unused_tcp_port: int) -> None:
    with pytest.raises(Unreachable) as raised:
        await open_alerts(f"webhook+https://127.0.0.1:{unused_tcp_port}/").send(NEWS, "webhook", NOW)

    assert type(raised.value) is Unreachable


async def test_a_server_without_tls_where_tls_is_due_hears_no_word(unused_tcp_port: int) -> None:
    heard = bytearray()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.extend(await reader.read(1000))
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(listen, "127.0.0.1", unused_tcp_port):
        with pytest.raises(Unreachable):
            await open_alerts(f"webhook+https://127.0.0.1:{unused_tcp_port}/").send(NEWS, "webhook", NOW)

    assert b"AAPL" not in heard
