"""``stonks alerts`` as a user runs it, against a mail server of this machine."""

import asyncio
import json
import os
import sys

import pytest

from tests.fakes.smtp import AUTHORITY, Post, post_office

SECRET = "app-password-canary"  # noqa: S105 - of a server that ends with its test


async def stonks(channels: str, *arguments: str) -> tuple[int | None, str]:
    """Exit code and all that was printed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "stonks", "alerts", *arguments),
        env=dict(os.environ) | {"STONKS_ALERTS_URL": channels},  # noqa: TID251 - what a user sets
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await process.communicate()
    return process.returncode, printed.decode()


def mail(post: Post) -> str:
    return f"smtp://me%40example.com:{SECRET}@localhost:{post.port}/?to=a@b.example&ca={AUTHORITY}#severity=critical"


async def test_a_test_goes_through_every_channel_past_its_rules() -> None:
    async with post_office(Post()) as post:
        code, printed = await stonks(f"log: {mail(post)}", "test")

    assert code == 0
    assert "log: sent to this process's log" in printed
    assert "smtp: sent to a@b.example through localhost" in printed
    assert b"Subject: [info] test: this channel" in post.mails[0]
    assert SECRET not in printed


async def test_a_channel_that_does_not_answer_is_a_problem_and_only_it_is_asked_where_it_is_named() -> None:
    async with post_office(Post({"RCPT": "550 no"})) as post:
        code, printed = await stonks(f"log: {mail(post)}", "test", "--channel", "smtp", "--json")

    assert code == 1
    assert json.loads(printed) == [
        {
            "channel": "smtp",
            "address": "a@b.example through localhost",
            "error": f"Refused: localhost:{post.port} refuses the message (550)",
        }
    ]


@pytest.mark.parametrize(
    ("channels", "arguments", "said"),
    [
        ("log:", ("test", "--channel", "mail"), "no channel mail: there are log"),
        (f"smtp://me:{SECRET}@host/", ("list",), "STONKS_ALERTS_URL: the channel smtp is smtp://"),
    ],
)
async def test_what_is_wrong_is_said_in_a_line(channels: str, arguments: tuple[str, ...], said: str) -> None:
    code, printed = await stonks(channels, *arguments)

    assert code
    assert said in printed
    assert SECRET not in printed
    assert "Traceback" not in printed


async def test_a_channel_is_listed_with_its_rules() -> None:
    hook = "webhook+https://:canary@h.example/x#name=hook&events=breaker_*&per_minute=5"
    code, printed = await stonks(f"log: {hook}", "list")

    assert code == 0
    assert printed.splitlines() == [
        "log  this process's log: info and louder, events *",
        "hook  https://h.example: info and louder, events breaker_*, the same words once in 10 min, up to 5 a minute",
    ]
