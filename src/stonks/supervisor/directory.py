"""The data directory: who holds it, where its sockets lie, and what an earlier holder left running in it."""

import asyncio
import fcntl
import hashlib
import os
import signal
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from stonks.model.errors import Refused
from stonks.supervisor.identity import NOBODY, Identity

_LONGEST_SOCKET = 107  # bytes that a unix socket's address holds, less its final zero
_LONGEST_NAME = ".s.PGSQL.5432"
_PATIENCE = 30.0  # seconds that a leftover server gets before it is killed; both recover from their logs
_GLANCES, _GLANCE = 10, 0.02  # how often a held lock is looked at again, and after how many seconds


class DirectoryInUse(Refused):
    """Raised when another live supervisor holds the directory; carries its process id."""

    def __init__(self, directory: Path, pid: int) -> None:
        """Name the holder, so that the reader can stop it."""
        super().__init__(f"{directory} is held by process {pid}: stop that one, or choose another data directory")
        self.pid = pid


@dataclass(frozen=True)
class Place:
    """A directory that we hold, and whom the servers in it run as."""

    directory: Path
    identity: Identity

    def home(self, name: str) -> Path:
        """Private directory for one server's files, made when it is missing."""
        home = private(self.directory / name)
        self.identity.own(home)
        return home

    def log(self, name: str) -> Path:
        """File for a server's words; its directory is made when it is missing."""
        return private(self.directory / "log") / f"{name}.log"

    def sockets(self) -> Path:
        """Private directory for the servers' sockets, made when it is missing."""
        run = socket_directory(self.directory)
        self.identity.own(run)
        return run


@contextmanager
def held(directory: Path) -> Iterator[Path]:
    """Hold a directory alone while inside, making it (mode 0700) when it is missing; its resolved path is given.

    The kernel drops the lock when its holder dies, so a stale lock cannot be seen; the process id in the file is only
    for the message to the next one.

    Raises:
        DirectoryInUse: another process holds it.
        Refused: it cannot be made or written.
    """
    try:
        directory = directory.resolve()
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise unusable(directory, error) from error
    try:
        if not _locked(descriptor):
            raise DirectoryInUse(directory, int(os.pread(descriptor, 20, 0) or b"0"))
        try:
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        except OSError as error:
            raise unusable(directory, error) from error
        yield directory
    finally:
        os.close(descriptor)


def unusable(directory: Path, error: OSError) -> Refused:
    """Return what to say of a directory in which we cannot work, such as one on a full disk."""
    return Refused(f"{directory} cannot be used: {error.strerror}; choose another data directory, or put that right")


def _locked(descriptor: int) -> bool:
    """Whether the lock is now ours; one that is held for a moment is only being looked at."""
    for _ in range(_GLANCES):
        with suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        time.sleep(_GLANCE)
    return False


def is_held(directory: Path) -> bool:
    """Return whether a live process holds a directory."""
    try:
        descriptor = os.open(directory / "lock", os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)  # shared: two that look do not see each other
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def private(directory: Path) -> Path:
    """Make a directory that only its owner may enter, if it is missing."""
    directory.mkdir(mode=0o700, exist_ok=True)
    return directory


def discard_empty(directory: Path) -> None:
    """Remove a directory unless something lies in it still."""
    with suppress(OSError):
        directory.rmdir()


def socket_directory(directory: Path) -> Path:
    """Private directory for a data directory's sockets: its `run`, or a short one under /tmp where that is too long.

    Raises:
        Refused: the short one exists and belongs to somebody else.
    """
    run = directory / "run"
    if len(os.fsencode(run / _LONGEST_NAME)) > _LONGEST_SOCKET:
        digest = hashlib.sha256(os.fsencode(directory)).hexdigest()[:16]
        run = Path("/tmp") / f"stonks-{digest}"  # noqa: S108 - short is the point, and the owner is checked below
    private(run)
    owners = {os.geteuid(), NOBODY} if os.geteuid() == 0 else {os.geteuid()}
    if run.is_symlink() or run.stat().st_uid not in owners:
        message = f"{run} belongs to somebody else: remove it, or choose a shorter data directory"
        raise Refused(message)
    return run


async def stop_leftovers(directory: Path, program: str, stop_with: signal.Signals) -> None:
    """End every process of a program that still works in a directory, kindly at first.

    A server is known by its working directory and its program, which, unlike a process id on disk, no later process
    can have taken over. Only the caller's lock makes this safe.
    """
    deadline = time.monotonic() + _PATIENCE
    _signal(_roots(_working_in(directory, program)), stop_with)
    while living := _working_in(directory, program):
        if time.monotonic() > deadline:
            _signal(living, signal.SIGKILL)
        await asyncio.sleep(_GLANCE)


def _signal(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):  # it ended meanwhile
            os.kill(pid, number)


def _working_in(directory: Path, program: str) -> dict[int, int]:
    """Process id to parent's id of each process of the program whose working directory this is."""
    found: dict[int, int] = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink() == directory and (process / "exe").readlink().name == program:
                found[int(process.name)] = int((process / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:  # it ended meanwhile, or it is another user's
            continue
    return found


def _roots(parents: dict[int, int]) -> list[int]:
    # To PostgreSQL's own children SIGINT means something else: only the first of them is told.
    return [pid for pid, parent in parents.items() if parent not in parents]
