"""What a call in the pool may do, well or badly; of a module that a child can import."""

import ctypes
import os
import signal
import sys
import time
from datetime import timedelta
from pathlib import Path

from stonks.model.errors import Malformed, SettingError, Throttled


def double(number: int) -> int:
    return 2 * number


def pid(nap: float = 0.0) -> int:
    """Say who does this, after a while: calls at the same time then are in different children."""
    time.sleep(nap)
    return os.getpid()


def signals_ignored() -> set[int]:
    return {number for number in signal.valid_signals() if signal.getsignal(number) is signal.SIG_IGN}


def session() -> int:
    return os.getsid(0)


def open_files() -> list[str]:
    """Name what is behind every open descriptor but the listing's own."""
    links = list(Path("/proc/self/fd").iterdir())
    return [str(link.readlink()) for link in links if link.is_symlink()]


def read_and_print() -> str:
    """Do what a careless library may: ask the user, and tell the terminal."""
    sys.stdout.write("something")
    sys.stdout.flush()
    return sys.stdin.read()


def chatter(size: int) -> None:
    """Print this many bytes."""
    line = b"a warning\n" * 1000
    for _ in range(size // len(line)):
        os.write(2, line)


def append(values: list[int]) -> list[int]:
    values.append(0)
    return values


def leave(code: int) -> None:
    os._exit(code)


def leave_politely() -> None:
    sys.exit("enough")


def kill_itself() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def read_nowhere() -> None:
    ctypes.string_at(0)


def allocate(size: int) -> int:
    return len(bytearray(size))


def grow(size: int) -> int:
    """Keep this much until the process ends."""
    sys.modules[f"leak {size}"] = b"x" * size  # type: ignore[assignment]
    return os.getpid()


def burn() -> None:
    while True:
        pass


def sleep(seconds: float, diary: str) -> None:
    """Write down who sleeps, so that a test knows when it began."""
    Path(diary).write_text(str(os.getpid()))
    time.sleep(seconds)


def be_throttled() -> None:
    raise Throttled("slowly", timedelta(seconds=7))


def miss_a_setting() -> None:
    raise SettingError("STONKS_X", "is missing")


def refuse_the_input() -> None:
    raise Malformed("not a page")


def divide_by_zero() -> float:
    return 1 / 0


class Twofold(Exception):
    """An error that a pickle cannot bring back: it asks for two arguments and keeps one."""

    def __init__(self, one: str, other: str) -> None:
        super().__init__(f"{one} and {other}")


def fail_twofold() -> None:
    raise Twofold("this", "that")
