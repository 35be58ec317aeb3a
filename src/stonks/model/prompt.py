"""Prompts: the words an agent asks with, each version in a file that is never changed, and which of them is in use."""

from collections.abc import Iterable, Mapping

import msgspec

from stonks.model.errors import Refused

_SUFFIX = ".txt"


class PromptFile(msgspec.Struct, frozen=True, kw_only=True):
    """One version of an agent's words: ``thesis-rewriter-2.txt`` holds version ``thesis-rewriter-2``."""

    agent: str
    number: int
    text: str

    @property
    def version(self) -> str:
        """The name that rows carry."""
        return f"{self.agent}-{self.number}"

    def ending_with(self, nonce: str) -> str:
        """Return the words with the nonce as their last line: what was cut at its head has neither."""
        return f"{self.text.strip()}\n\nNONCE={nonce}"


class Promoted(msgspec.Struct, frozen=True, kw_only=True):
    """Which version of its prompt somebody has made an agent use."""

    agent: str
    version: str


def read_prompts(files: Iterable[tuple[str, str]]) -> tuple[PromptFile, ...]:
    """Return the versions that files hold, given as (name, text), by agent and number.

    Raises:
        Refused: a file's name does not say which version of what it is.
    """
    found = []
    for name, text in files:
        agent, _, number = name.removesuffix(_SUFFIX).rpartition("-")
        if not (name.endswith(_SUFFIX) and agent and number.isdecimal()):
            raise Refused(f"{name}: a prompt's file is called AGENT-NUMBER{_SUFFIX}")
        found.append(PromptFile(agent=agent, number=int(number), text=text))
    return tuple(sorted(found, key=lambda one: (one.agent, one.number)))


def active_prompt(prompts: Iterable[PromptFile], agent: str, promoted: Mapping[str, str]) -> PromptFile:
    """Return the version of an agent's words in use: the one promoted, or the newest where that is none of the files.

    Raises:
        Refused: the agent has no words.
    """
    own = [prompt for prompt in prompts if prompt.agent == agent]
    if not own:
        raise Refused(f"no prompt of {agent}")
    chosen = next((prompt for prompt in own if prompt.version == promoted.get(agent)), None)
    return chosen or max(own, key=lambda prompt: prompt.number)
