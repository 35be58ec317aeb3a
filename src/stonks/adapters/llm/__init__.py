"""Language models behind a URL; its scheme chooses the protocol."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from stonks.model.errors import SettingError
from stonks.ports.llm import Llm

SETTING = "STONKS_LLM_URL"

_FORMS = "use ollama://host:port/model or openai+https://host/v1?model=NAME"


@asynccontextmanager
async def open_llm(url: str, key: str | None = None) -> AsyncIterator[Llm]:
    """Open the model at ``ollama://host:port/model``, or at ``openai+http(s)://host/base?model=NAME``.

    Nothing is sent yet, and nothing ever to another host. The key is sent as a bearer's token.

    Raises:
        SettingError: the URL is none of these.
    """
    from stonks.adapters.llm.asking import open_asking

    parts = _parts(url)
    match parts.scheme:
        case "ollama":
            from stonks.adapters.llm.ollama import Ollama

            async with open_asking(f"http://{parts.netloc}", key) as asking:
                yield Ollama(asking, _named(unquote(parts.path.strip("/"))))
        case "openai+http" | "openai+https":
            from stonks.adapters.llm.openai import OpenAi

            base = f"{parts.scheme.partition('+')[2]}://{parts.netloc}{parts.path.rstrip('/')}"
            models = parse_qs(parts.query).get("model", [""])
            async with open_asking(base, key) as asking:
                yield OpenAi(asking, _named(models[-1]))
        case scheme:
            raise SettingError(SETTING, f"cannot open {scheme}://; {_FORMS}")


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as wrong:
        raise SettingError(SETTING, f"is no URL: {wrong}") from None
    if parts.username is not None or parts.password is not None:
        raise SettingError(SETTING, "carries a name or a password; a key goes into STONKS_LLM_KEY")
    if not parts.hostname:
        raise SettingError(SETTING, f"names no host; {_FORMS}")
    return parts


def _named(model: str) -> str:
    if not model:
        raise SettingError(SETTING, f"names no model; {_FORMS}")
    return model


__all__ = ["open_llm"]
