"""What every model behind the Llm port promises, whichever protocol its server speaks."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
import pytest_asyncio

from stonks.adapters.llm import open_llm
from stonks.model.errors import Permanent, Refused, SettingError, Throttled, Transient, Unreachable
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
