"""What every model behind the Llm port promises, whichever protocol its server speaks."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest
import pytest_asyncio
from aiohttp import web

from stonks.adapters.llm import open_llm
from stonks.adapters.llm.asking import MOST_BYTES
from stonks.model.errors import Malformed, Permanent, Refused, SettingError, Throttled, Transient, Unreachable
from stonks.ports.llm import Llm, Request
from tests.fakes.ollama import DIGEST, MODEL, VERSION, Fault, Ollama, open_ollama

SCHEMA = {"type": "object", "properties": {"doc_check": {"type": "string"}}, "required": ["doc_check"]}


@dataclass(frozen=True)
class Pair:
    """A server and what asks it."""

    server: Ollama
    llm: Llm


def url_of(server: Ollama, scheme: str, model: str = MODEL) -> str:
    host = server.base.removeprefix("http://")
    return f"ollama://{host}/{model}" if scheme == "ollama" else f"openai+http://{host}/v1?model={model}"


@pytest_asyncio.fixture(params=["ollama", "openai"])
async def pair(request: pytest.FixtureRequest) -> AsyncIterator[Pair]:
    async with (
        open_ollama(Ollama(delay=30.0)) as server,
        open_llm(url_of(server, request.param), "a-secret-key") as llm,
    ):
        yield Pair(server, llm)


def asking(patience: timedelta = timedelta(seconds=10)) -> Request:
    return Request(
        system="Check.\nNONCE=0123abcd",
        prompt="Go.",
        schema=SCHEMA,
        seed=7,
        context=4096,
        longest_answer=64,
        patience=patience,
    )


async def test_an_answer_comes_with_its_tokens_and_whether_the_model_ended_by_itself(pair: Pair) -> None:
    reply = await pair.llm.generate(asking())

    assert reply.text == '{"doc_check": "0123abcd"}'
    assert reply.stopped
    assert (reply.tokens_in or 0) > 0
    assert (reply.tokens_out or 0) > 0
    assert reply.milliseconds > 0


async def test_schema_seed_and_bounds_are_sent(pair: Pair) -> None:
    await pair.llm.generate(asking())

    (said,) = pair.server.asked
    words = str(said)
    assert str(SCHEMA) in words
    assert "'seed': 7" in words
    assert "64" in words


async def test_an_answer_that_was_cut_off_says_so(pair: Pair) -> None:
    pair.server.script = [Fault.LENGTH]

    assert not (await pair.llm.generate(asking())).stopped


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.ERROR_LINE, Unreachable),
        (Fault.MISSING_MODEL, Refused),
        (Fault.THROTTLED, Throttled),
        (Fault.BROKEN, Unreachable),
        (Fault.CUT, Unreachable),
        (Fault.HTML, Unreachable),
        (Fault.EMPTY, Unreachable),
    ],
)
async def test_a_failure_is_an_error_that_says_what_to_do(
    pair: Pair, fault: Fault, error: type[Transient | Permanent]
) -> None:
    pair.server.script = [fault]

    with pytest.raises(error) as met:
        await pair.llm.generate(asking())

    assert "a-secret-key" not in str(met.value)


async def test_an_error_in_a_line_of_a_good_status_is_told_in_the_servers_words(pair: Pair) -> None:
    pair.server.script = [Fault.ERROR_LINE]

    with pytest.raises(Unreachable, match="failed: "):
        await pair.llm.generate(asking())


async def test_a_slow_server_is_not_waited_for(pair: Pair) -> None:
    pair.server.script = [Fault.SLOW]

    with pytest.raises(Unreachable, match="no whole answer"):
        await pair.llm.generate(asking(patience=timedelta(milliseconds=100)))


async def test_ollama_tells_the_digest_of_its_model() -> None:
    async with open_ollama(Ollama()) as server, open_llm(url_of(server, "ollama")) as llm:
        identity = await llm.identity()

    assert (identity.model, identity.server) == (MODEL, f"ollama {VERSION}")
    assert identity.digest == DIGEST.removeprefix("sha256:")


async def test_a_model_that_ollama_does_not_have_is_refused_with_what_to_do() -> None:
    async with open_ollama(Ollama()) as server, open_llm(url_of(server, "ollama", "hf.co/some/one:Q4")) as llm:
        with pytest.raises(Refused, match=r"ollama pull hf\.co/some/one:Q4"):
            await llm.identity()


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("ollama://localhost:11434", "names no model"),
        ("ollama:///model", "names no host"),
        ("openai+https://host/v1", "names no model"),
        ("http://host/model", "cannot open http://"),
        ("ollama://me:secret@host/model", "STONKS_LLM_KEY"),
        ("ollama://host:port/model", "is no URL"),
    ],
)
async def test_a_url_that_names_no_model_is_told_with_its_setting(url: str, why: str) -> None:
    with pytest.raises(SettingError, match=why) as met:
        async with open_llm(url):
            pass

    assert met.value.name == "STONKS_LLM_URL"
    assert "secret" not in str(met.value)


@asynccontextmanager
async def answering(response: web.Response) -> AsyncIterator[Llm]:
    """Serve one answer to whatever is asked, and a page that nobody may be led to."""
    led: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        led.append(request.path)
        return response if request.path == "/api/generate" else web.json_response({"response": "", "done": True})

    served = web.Application()
    served.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(served, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        async with open_llm(f"ollama://127.0.0.1:{runner.addresses[0][1]}/any", "a-secret-key") as llm:
            yield llm
    finally:
        await runner.cleanup()
    assert set(led) == {"/api/generate"}


async def test_an_answer_that_comes_line_by_line_is_put_together() -> None:
    lines = '{"response": "{\\"a\\"", "thinking": "Hm."}\n\n{"response": ": 1}"}\n{"done": true, "done_reason": "stop"}'
    async with answering(web.Response(text=lines)) as llm:
        reply = await llm.generate(asking())

    assert (reply.text, reply.thinking, reply.stopped) == ('{"a": 1}', "Hm.", True)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_nobody_is_led_to_another_address(status: int) -> None:
    async with answering(web.Response(status=status, headers={"Location": "/elsewhere"})) as llm:
        with pytest.raises(Refused, match=f"answers {status}"):
            await llm.generate(asking())


async def test_no_more_is_read_than_an_answer_may_have() -> None:
    flood = web.Response(body=b'{"response": "' + b"a" * MOST_BYTES + b'", "done": true}')
    async with answering(flood) as llm:
        with pytest.raises(Unreachable, match="more than 4 MB"):
            await llm.generate(asking())


@pytest.mark.parametrize(
    ("status", "error"), [(400, Malformed), (401, Refused), (403, Refused), (413, Malformed), (503, Unreachable)]
)
async def test_a_status_says_what_to_do_and_no_answer_repeats_the_key(
    status: int, error: type[Transient | Permanent]
) -> None:
    told = web.json_response({"error": "the key a-secret-key is not good"}, status=status)
    async with answering(told) as llm:
        with pytest.raises(error) as met:
            await llm.generate(asking())

    assert "a-secret-key" not in str(met.value)


async def test_a_server_that_asks_to_wait_says_how_long() -> None:
    async with answering(web.Response(status=429, headers={"Retry-After": "7"})) as llm:
        with pytest.raises(Throttled) as met:
            await llm.generate(asking())

    assert met.value.retry_after == timedelta(seconds=7)
