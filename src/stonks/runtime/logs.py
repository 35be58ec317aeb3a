"""Where log lines go: one JSON object a line in a file or on a pipe, coloured text on a terminal."""

import sys
from pathlib import Path
from typing import TextIO

import structlog
from structlog.types import Processor

_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}


def configure_logs(level: str, file: Path | None = None) -> None:
    """Send what is at least this loud to a file, or to standard error where none is given."""
    out: TextIO = sys.stderr
    if file is not None:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        out = file.open("a", buffering=1, encoding="utf-8")
    shown: list[Processor] = (
        [structlog.dev.ConsoleRenderer()]
        if out.isatty()
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *shown,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.WriteLoggerFactory(file=out),
        cache_logger_on_first_use=True,
    )
