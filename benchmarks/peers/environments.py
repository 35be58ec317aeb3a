"""Who is compared, and the environments they run in: made once from locked requirements, then kept."""

import hashlib
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

_HERE = Path(__file__).parent
HOME = _HERE.parent / ".peers"
"""Where the environments are kept unless told."""


class Peer(NamedTuple):
    """One contender: its name, what it is, the share of the jobs it gets, and what it needs."""

    name: str
    label: str
    share: float
    environment: str = ""
    """Whose packages it runs with, where they are not the project's own."""
    database: bool = False
    many: bool = True
    """Whether it can do more than one job at a time."""

    @property
    def program(self) -> Path:
        """The program that enqueues and works in this contender's way."""
        return _HERE / "programs" / f"on_{self.name}.py"

    @property
    def lock(self) -> Path:
        """The packages of its environment."""
        return _HERE / "requirements" / f"{self.environment}.lock"


OURS = (
    Peer("stonks", "stonks, the queue alone", 1.0),
    Peer("runtime", "stonks, ledger and all", 0.1, database=True),
)
BARE = (
    Peer("blpop", "bare BLPOP, coroutines", 1.0, "blpop"),
    Peer("blocking", "bare BLPOP, blocking client", 1.0, "blpop", many=False),
)
LIBRARIES = tuple(Peer(name, name, share, name) for name, share in (("dramatiq", 0.1), ("saq", 0.05), ("celery", 0.05)))
OTHERS = (*BARE, *LIBRARIES)


def prepare(peer: Peer, home: Path) -> Path:
    """Return the interpreter of a contender's environment, which is made where it is missing or out of date.

    Raises:
        subprocess.CalledProcessError: its packages could not be installed.
    """
    if not peer.environment:
        return Path(sys.executable)
    digest = hashlib.sha256(peer.lock.read_bytes()).hexdigest()[:12]
    place = (home / f"{peer.environment}-{digest}").resolve()
    python, whole = place / "bin" / "python", place / "whole"
    if not whole.exists():
        print(f"Set-up: an environment for {peer.environment}", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(place)], check=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        subprocess.run([*install, "--require-hashes", "--requirement", str(peer.lock)], check=True)
        whole.touch()
    return python


def pins(peer: Peer) -> str:
    """Return what its environment holds of what matters here, as ``name version``."""
    names = {peer.name, "redis", "hiredis", "kombu", "uvloop", "nautilus-trader"}
    found = re.findall(r"^([\w-]+)==(\S+)", peer.lock.read_text(), re.MULTILINE)
    return ", ".join(f"{name} {version}" for name, version in found if name in names)
