"""The data directory: who holds it, where its sockets lie, and what an earlier holder left running in it."""

import fcntl
import hashlib
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stonks.model.errors import Refused
from stonks.supervisor.identity import NOBODY

_LONGEST_SOCKET = 107  # bytes that a unix socket's address holds, less its final zero
_LONGEST_NAME = ".s.PGSQL.5432"
_PATIENCE = 30.0  # seconds that a leftover server gets before it is killed; both recover from their logs


class DirectoryInUse(Refused):
    """Raised when another live supervisor holds the directory; carries its process id."""

    def __init__(self, directory: Path, pid: int) -> None:
        """Name the holder, so that the reader can stop it."""
        super().__init__(f"{directory} is held by process {pid}: stop that one, or choose another data directory")
        self.pid = pid


@contextmanager
def held(directory: Path) -> Iterator[Path]:
    """Hold a directory alone while inside, making it (mode 0700) when it is missing; its resolved path is given.

    The kernel drops the lock when its holder dies, so a stale lock cannot be seen; the process id in the file is only
    for the message to the next one.

    Raises:
        DirectoryInUse: another process holds it.
    """
    directory = directory.resolve()
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DirectoryInUse(directory, int(os.pread(descriptor, 20, 0) or b"0")) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield directory
    finally:
        os.close(descriptor)


def is_held(directory: Path) -> bool:
    """Return whether a live process holds a directory."""
    try:
        descriptor = os.open(directory / "lock", os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
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
    """Remove a directory that nothing lies in any more."""
    if not any(directory.iterdir()):
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


def stop_leftovers(directory: Path, program: str, stop_with: signal.Signals) -> None:
    """End every process of a program that still works in a directory, kindly at first.

    A server is known by its working directory and its program, which, unlike a process id on disk, no later process
    can have taken over. Only the caller's lock makes this safe.
    """
    deadline = time.monotonic() + _PATIENCE
    for pid in _roots(_working_in(directory, program)):
        os.kill(pid, stop_with)
    while living := _working_in(directory, program):
        if time.monotonic() > deadline:
            for pid in living:
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.02)


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
