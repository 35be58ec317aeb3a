"""Where log lines go: one JSON object a line in a file or on a pipe, coloured text on a terminal.

What must not be read there is taken out of every line: passwords of URLs, keys, and the rows that PostgreSQL quotes.
"""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic
from typing import TextIO, cast

import structlog
from structlog.types import EventDict, Processor, WrappedLogger

_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}
_SECRETS = (
    (re.compile(r"(://[^/\s:@]*):[^@\s]*@"), r"\1:***@"),
    (re.compile(r"(?i)\b(password|passwd|secret|token|api_?key|secret_access_key)=[^&\s'\"]+"), r"\1=***"),
    (re.compile(r"(?i)\b(bearer|basic) [\w.~+/=-]+"), r"\1 ***"),
    (re.compile(r"\bstk_(\w+?)_[\w-]+"), r"stk_\1_***"),
    (re.compile(r"\nDETAIL: .*?(?=\n\n|\Z)", re.DOTALL), ""),
)
"""What is not for the log, and what stands there instead."""
_log = structlog.get_logger()


def configure_logs(level: str, file: Path | None = None) -> None:
    """Send what is at least this loud to a file, or to standard error where none is given."""
    out: TextIO = sys.stderr
    if file is not None:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        out = file.open("a", buffering=1, encoding="utf-8")
    plain = structlog.dev.plain_traceback  # the other ones print local variables
    shown: Processor = (
        structlog.dev.ConsoleRenderer(exception_formatter=plain)
        if out.isatty()
        else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            redact,
            shown,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.WriteLoggerFactory(file=cast("TextIO", _Lossy(out))),
        cache_logger_on_first_use=True,
    )


class _Lossy:
    """A file that drops what it cannot write, as on a full disk: nobody may die of what he has to say."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def write(self, text: str) -> None:
        with suppress(OSError):
            self._out.write(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._out.flush()


def redact(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    """Take out of a line what must not be read in a log."""
    for name, value in line.items():
        if isinstance(value, str):
            line[name] = redacted(value)
    return line


def redacted(text: str) -> str:
    """Return a text without passwords, keys and quoted rows."""
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return text


@contextmanager
def process_logged(verb: str, **facts: object) -> Iterator[None]:
    """Log that a process runs, with these facts and its id, and when the block is over how it ended."""
    began = monotonic()
    _log.info("process.started", verb=verb, pid=os.getpid(), **facts)
    how = "done"
    try:
        yield
    except BaseException as error:
        how = type(error).__name__
        raise
    finally:
        _log.info("process.ended", verb=verb, pid=os.getpid(), how=how, seconds=round(monotonic() - began, 3))
