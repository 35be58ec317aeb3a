"""Amazon SNS as boto3 speaks with it: a server of this machine answers. without boto3 little is tested."""

from collections.abc import AsyncIterator
from importlib.util import find_spec
from urllib.parse import parse_qs

import pytest
import pytest_asyncio
from aiohttp import web

from stonks.adapters.alerts import open_alerts
from stonks.model.alert import Severity
from stonks.model.errors import Refused, SettingError, Unreachable
from stonks.ports.alerts import Unanswered
from tests.fakes.alerts import alert
from tests.fakes.facts import NOW

NEWS = alert(1, Severity.WARNING, kind="order_rejected", text="buy 3 AAPL rejected: señor")
TOPIC = "arn:aws:sns:eu-central-1:123456789012:alerts"
TAKEN = (
    '<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>1</MessageId>'
    "</PublishResult><ResponseMetadata><RequestId>2</RequestId></ResponseMetadata></PublishResponse>"
)
with_boto3 = pytest.mark.skipif(find_spec("boto3") is None, reason="boto3 is not installed: stonks-oracle[sns]")


class Amazon:
    """What SNS was asked, and what it answers."""

    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []
        self.headers: list[dict[str, str]] = []
        self.status: int | None = 200
        self.code = ""
        self.port = 0

    async def answer(self, request: web.Request) -> web.Response:
        words = parse_qs((await request.read()).decode())
        self.asked.append({name: values[0] for name, values in words.items()})
        self.headers.append(dict(request.headers))
        if self.status is None:
            assert request.transport is not None
            request.transport.abort()
        error = f"<ErrorResponse><Error><Code>{self.code}</Code><Message>canary</Message></Error></ErrorResponse>"
        return web.Response(
            status=self.status or 200, text=TAKEN if self.status == 200 else error, content_type="text/xml"
        )

    def url(self, target: str = TOPIC) -> str:
        return f"sns://AKIAKEY:secret-canary@eu-central-1/{target}?endpoint=http://127.0.0.1:{self.port}"


@pytest_asyncio.fixture
async def amazon() -> AsyncIterator[Amazon]:
    amazon = Amazon()
    app = web.Application()
    app.router.add_post("/", amazon.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    amazon.port = runner.addresses[0][1]
    yield amazon
    await runner.cleanup()


@with_boto3
async def test_a_topic_gets_a_subject_and_the_whole_text(amazon: Amazon) -> None:
    await open_alerts(amazon.url()).send(NEWS, "sns", NOW)

    (asked,) = amazon.asked
    assert asked["Action"] == "Publish"
    assert asked["TopicArn"] == TOPIC
    assert asked["Subject"] == "[warning] order rejected: s1"
    assert NEWS.text in asked["Message"]
    assert str(NEWS.id) in asked["Message"]
    assert "AKIAKEY" in amazon.headers[0]["Authorization"]


@with_boto3
async def test_a_telephone_gets_one_short_line_and_a_fifo_topic_an_id_to_know_a_repetition_by(amazon: Amazon) -> None:
    await open_alerts(amazon.url("+4915112345678")).send(NEWS, "sns", NOW)
    await open_alerts(amazon.url(f"{TOPIC}.fifo")).send(NEWS, "sns", NOW)

    message, fifo = amazon.asked
    assert message["PhoneNumber"] == "+4915112345678"
    assert message["Message"] == f"[warning] order rejected: s1: {NEWS.text}"
    assert fifo["MessageDeduplicationId"] == str(NEWS.id)


@with_boto3
@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (503, "ServiceUnavailable", Unreachable),
        (400, "Throttling", Unreachable),
        (400, "InvalidParameter", Refused),
        (403, "InvalidClientTokenId", SettingError),
        (403, "AuthorizationError", SettingError),
        (404, "NotFound", SettingError),
        (None, "", Unanswered),
    ],
)
async def test_an_answer_says_what_to_do_and_is_asked_for_once(
    amazon: Amazon, status: int | None, code: str, error: type[Exception]
) -> None:
    amazon.status, amazon.code = status, code
    with pytest.raises(error) as raised:
        await open_alerts(amazon.url()).send(NEWS, "sns", NOW)

    assert type(raised.value) is error
    assert "canary" not in str(raised.value)
    assert len(amazon.asked) == 1


@with_boto3
async def test_nobody_at_the_endpoint_is_unreachable_and_has_heard_nothing(
    amazon: Amazon, unused_tcp_port: int
) -> None:
    amazon.port = unused_tcp_port
    with pytest.raises(Unreachable) as raised:
        await open_alerts(amazon.url()).send(NEWS, "sns", NOW)

    assert type(raised.value) is Unreachable


@with_boto3
def test_an_address_shows_no_number() -> None:
    (channel,) = open_alerts("sns://eu-central-1/+4915112345678").channels

    assert channel.address == "a telephone that ends in 78 in eu-central-1"


@pytest.mark.skipif(find_spec("boto3") is not None, reason="boto3 is installed")
def test_without_boto3_the_start_stops_and_says_what_to_install() -> None:
    with pytest.raises(SettingError, match=r"stonks-oracle\[sns\]"):
        open_alerts(f"sns://eu-central-1/{TOPIC}")


@pytest.mark.parametrize(
    "wrong",
    ["sns://eu-central-1/alerts", "sns://eu-central-1/", f"sns:///{TOPIC}", f"sns://canary@eu-central-1/{TOPIC}"],
)
def test_what_names_no_target_stops_the_start(wrong: str) -> None:
    with pytest.raises(SettingError, match="STONKS_ALERTS_URL") as raised:
        open_alerts(wrong)
    assert "canary" not in str(raised.value)
