"""What runs in a child of the pool: one call after another from a pipe, within limits. Imports nothing of ours.

Started as ``python -m stonks.runtime.pool_program PARENT MEMORY CPU GROWN``, with calls on its standard input, answers
on its standard output, and its last words on standard error.
"""

import ctypes
import faulthandler
import os
import pickle
import resource
import signal
import sys
import time
import traceback
from struct import Struct
from typing import Any, BinaryIO

CALL = Struct("<Q")
"""Before each call: its length in bytes. The first is no call but the module search path."""

ANSWER = Struct("<?Q")
"""Before each answer: whether it is this child's last, and its length in bytes."""

OUT_OF_MEMORY = 112
"""Exit code of a child that was refused memory."""

_PR_SET_PDEATHSIG = 1
_PAGE = os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    """Answer calls until the pipe ends or this process has grown too large."""
    parent, memory, cpu, grown = map(int, sys.argv[1:])
    _die_with(parent)
    calls, answers = _taken_pipes()
    _prepare(memory)
    sys.path[:] = pickle.loads(_read(calls) or b"")  # noqa: S301 - from our own parent
    while (call := _read(calls)) is not None:
        _allow(cpu)
        answer, last = _answer(call), _resident() > grown
        del call
        os.lseek(2, 0, os.SEEK_SET)  # forget its words: the last are those of the call that does not end well
        answers.write(ANSWER.pack(last, len(answer)))
        answers.write(answer)
        answers.flush()
        if last:
            return


def _die_with(parent: int) -> None:
    """Have the kernel kill this process the moment its parent dies, however that dies."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))
    if os.getppid() != parent:  # it died before that line
        os._exit(1)


def _taken_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Take both pipes from where a library might read or print, and leave it nothing to read and the last words."""
    calls, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return calls, answers


def _prepare(memory: int) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # the parent decides; the end of the pipe is its word
        signal.signal(number, signal.SIG_IGN)
    faulthandler.enable()
    # Address space would be the wrong measure: allocators reserve a gigabyte of it and use little.
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for library in ("OPENBLAS", "OMP", "POLARS", "RAYON"):  # there are as many children as there are cores
        os.putenv(f"{library}_{'MAX' if library == 'POLARS' else 'NUM'}_THREADS", "1")


def _read(calls: BinaryIO) -> bytes | None:
    """Return the next call, or None when nobody will ask any more."""
    head = calls.read(CALL.size)
    return calls.read(CALL.unpack(head)[0]) if len(head) == CALL.size else None


def _allow(seconds: int) -> None:
    """Let the next call use this much CPU time; then the kernel ends this process with SIGXCPU."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    limit = int(time.process_time()) + 1 + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))


def _answer(call: bytes) -> bytes:
    """Return (True, result) or (False, error), pickled."""
    try:
        function, arguments = pickle.loads(call)  # noqa: S301 - from our own parent
        return pickle.dumps((True, function(*arguments)), protocol=pickle.HIGHEST_PROTOCOL)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except Exception as error:  # noqa: BLE001 - it is the caller's, who is in another process
        return _packed(error)


def _packed(error: Exception) -> bytes:
    """Return an error with the story of its way here; one that cannot be sent is told in words."""
    error.add_note("".join(traceback.format_exception(error)))
    try:
        packed = pickle.dumps((False, error), protocol=pickle.HIGHEST_PROTOCOL)
        pickle.loads(packed)  # noqa: S301 - an error may be writable and not readable
    except (pickle.PickleError, TypeError, AttributeError, ValueError):
        told: Any = RuntimeError(f"{type(error).__name__}: {error}")
        return pickle.dumps((False, told), protocol=pickle.HIGHEST_PROTOCOL)
    return packed


def _resident() -> int:
    """Return how much memory this process holds, in bytes."""
    with open("/proc/self/statm", "rb", buffering=0) as file:  # noqa: PTH123 - read after every call
        return int(file.read().split()[1]) * _PAGE


if __name__ == "__main__":
    main()
