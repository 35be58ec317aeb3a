import asyncio
import email
import email.policy
from email.message import EmailMessage

import pytest

from stonks.adapters.alerts import open_alerts
from stonks.adapters.alerts.thread import SILENCE
from stonks.model.alert import Severity
from stonks.model.errors import Refused, SettingError, Unreachable
from stonks.ports.alerts import Unanswered
from tests.fakes.alerts import alert
from tests.fakes.facts import NOW
from tests.fakes.smtp import AUTHORITY, PASSWORD, USER, Post, post_office

NEWS = alert(1, Severity.CRITICAL, kind="breaker_opened", text="Daily loss über 2 %;\nno entries")


def url(post: Post, *, host: str = "localhost", password: str = PASSWORD, ca: str = f"&ca={AUTHORITY}") -> str:
    return f"smtp://{USER.replace('@', '%40')}:{password}@{host}:{post.port}/?to=a@b.example,c@d.example{ca}"


async def send(channel: str) -> None:
    await open_alerts(channel).send(NEWS, "smtp", NOW)


def read(mail: bytes) -> EmailMessage:
    message = email.message_from_bytes(mail.removesuffix(b".\r\n"), policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


async def test_a_mail_goes_to_everybody_after_tls_and_a_login() -> None:
    async with post_office(Post()) as post:
        await send(url(post))

    message = read(post.mails[0])
    assert post.verbs == "EHLO STARTTLS EHLO AUTH MAIL RCPT RCPT DATA QUIT".split()
    assert (message["To"], message["From"]) == ("a@b.example, c@d.example", USER)
    assert message["Subject"] == "[critical] breaker opened: s1"
    assert message["Message-ID"] == f"<{NEWS.id}@stonks-oracle>"
    assert b"\n" not in post.mails[0].replace(b"\r\n", b""), "servers refuse lines that end in half a line end"
    assert post.mails[0].isascii()
    assert NEWS.text in message.get_content().replace("\r\n", "\n")


@pytest.mark.parametrize("trust", ["ca", "name"])
async def test_a_certificate_of_a_stranger_or_for_another_name_is_refused_before_a_password_is_sent(trust: str) -> None:
    async with post_office(Post()) as post:
        channel = url(post, ca="") if trust == "ca" else url(post, host="127.0.0.1")
        with pytest.raises(SettingError, match="certificate"):
            await send(channel)

    assert post.verbs == ["EHLO", "STARTTLS"]


async def test_a_server_without_tls_is_told_nothing() -> None:
    async with post_office(Post(starttls=False)) as post:
        with pytest.raises(SettingError, match="STARTTLS"):
            await send(url(post))

    assert post.verbs == ["EHLO"]


async def test_a_wrong_password_is_a_wrong_setting_and_stands_in_no_error() -> None:
    async with post_office(Post()) as post:
        with pytest.raises(SettingError, match=r"refuses the user or password \(535\)") as raised:
            await send(url(post, password="wrong-canary"))  # noqa: S106 - of nobody

    assert "canary" not in str(raised.value)
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ({"MAIL": "451 later"}, Unreachable),
        ({"RCPT": "550 nobody of that name"}, Refused),
        ({"DATA": "554 no"}, Refused),
        ({"MAIL TEXT": "452 full"}, Unreachable),
        ({"EHLO": ""}, Unreachable),
        ({"RCPT": ""}, Unreachable),
        ({"AUTH": "454 later"}, Unreachable),
        ({"MAIL TEXT": ""}, Unanswered),
    ],
)
async def test_an_answer_says_what_to_do(answers: dict[str, str], error: type[Exception]) -> None:
    async with post_office(Post(answers)) as post:
        with pytest.raises(error) as raised:
            await send(url(post))

    assert type(raised.value) is error


@pytest.mark.parametrize("answers", [{"QUIT": "500 what"}, {"QUIT": ""}])
async def test_a_mail_that_was_taken_was_sent_whatever_is_said_then(answers: dict[str, str]) -> None:
    async with post_office(Post(answers)) as post:
        await send(url(post))

    assert len(post.mails) == 1


async def test_nobody_at_the_port_is_unreachable() -> None:
    async with post_office(Post()) as post:
        pass
    with pytest.raises(Unreachable, match="breaks off"):
        await send(url(post))


@pytest.mark.parametrize("verb", ["EHLO", "MAIL TEXT"])
async def test_a_server_that_falls_silent_holds_up_nobody_who_has_given_up_on_it(verb: str) -> None:
    async with post_office(Post(silent_at=verb)) as post:
        mail = open_alerts(url(post))
        hanging = asyncio.create_task(mail.send(NEWS, "smtp", NOW))
        await post.silent.wait()
        hanging.cancel()
        await asyncio.wait({hanging})

        post.silent_at = None
        async with asyncio.timeout(SILENCE.total_seconds() / 2):
            await mail.send(NEWS, "smtp", NOW)  # on the same thread, which is free again before the silence is too long
    assert post.mails


@pytest.mark.parametrize(
    "wrong",
    [
        "smtp://host/",
        "smtp://user:canary@host/?to=a",
        "smtp://user:canary@host/?to=a@b.example",
        "smtp://host/?to=ä@b.example&from=c@d.example",
        "smtp://me%40b.example@host/?to=a@b.example",
        "smtp://:canary@host/?to=a@b.example&from=c@d.example",
        "smtp://host/?to=a@b.example&from=c@d.example&ca=/nowhere.pem",
        "smtp://host/?to=a@b.example&from=c@d.example&tls=no",
        "smtp://host/?to=a@b.example&from=c@d.example%0d%0aBcc:x@y.example",
    ],
)
def test_what_cannot_be_a_mailbox_or_a_login_stops_the_start(wrong: str) -> None:
    with pytest.raises(SettingError, match="STONKS_ALERTS_URL") as raised:
        open_alerts(wrong)
    assert "canary" not in str(raised.value)
