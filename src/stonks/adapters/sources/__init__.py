"""The outside world that is read: recorded tapes."""

from importlib.resources import files
from pathlib import Path
from urllib.parse import unquote, urlsplit

from stonks.model.errors import SettingError
from stonks.ports.market import MarketFeed
from stonks.ports.sources import Sources

BUNDLED = "april-2025"


def open_sources(url: str | None) -> Sources:
    """Return the sources at a ``tape:///directory`` URL; no URL means the tape that ships with the package.

    Raises:
        SettingError: the URL's scheme is no kind of source.
        Refused: there is no tape.
        Malformed: the tape is not what the format promises.
    """
    from stonks.adapters.sources.tape import open_tape

    return open_tape(tape_directory(url))


def open_market(url: str | None) -> MarketFeed:
    """Return the simulated market of the tape at a URL, for the paper exchange."""
    from stonks.adapters.sources.market import RecordedMarket
    from stonks.adapters.sources.tape import read_tape

    return RecordedMarket(read_tape(tape_directory(url)))


def tape_directory(url: str | None) -> Path:
    """Return where the tape of a ``tape:///directory`` URL is, or the bundled one for no URL."""
    if url is None:
        return Path(str(files("stonks.tapes"))) / BUNDLED
    parts = urlsplit(url)
    if parts.scheme != "tape" or parts.netloc:
        raise SettingError("STONKS_SOURCES_URL", f"no sources at {url!r}: use tape:///path")
    return Path(unquote(parts.path))


__all__ = ["open_market", "open_sources", "tape_directory"]
