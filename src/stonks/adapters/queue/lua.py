"""The scripts: every move of a job is one of them, run whole or not at all."""

import hashlib
from functools import cache
from importlib.resources import files
from typing import NamedTuple

_WITHOUT_JOBS = ("extend", "depths")
_NAMES = ("claim", "settle", "nack", "enqueue", "letters", "audit", *_WITHOUT_JOBS)


class Script(NamedTuple):
    """A script's text and the digest under which the server keeps it."""

    text: str
    digest: str


@cache
def load_scripts() -> dict[str, Script]:
    """Return every script by its name; those that handle jobs have ``job.lua`` in front."""
    folder = files("stonks.adapters.queue").joinpath("scripts")
    job = folder.joinpath("job.lua").read_text()
    scripts = {}
    for name in _NAMES:
        text = folder.joinpath(f"{name}.lua").read_text()
        text = text if name in _WITHOUT_JOBS else job + text
        scripts[name] = Script(text, hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest())
    return scripts
