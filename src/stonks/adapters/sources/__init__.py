"""The outside world that is read: recorded tapes, or live sources, as the URL says."""

from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from stonks.model.errors import SettingError
from stonks.ports.market import MarketFeed
from stonks.ports.sources import Sources
from stonks.ports.store import Reader

if TYPE_CHECKING:
    from stonks.adapters.sources.live import Surroundings

BUNDLED = "april-2025"


def open_sources(url: str | None, surroundings: "Surroundings | None" = None) -> Sources:
    """Return the sources at a URL: ``tape:///directory``, or ``live:`` for those that the settings turn on.

    No URL means the tape that ships with the package. Live sources need to know what they stand on.

    Raises:
        SettingError: the URL's scheme is no kind of source, or a setting of a live source is wrong.
        Refused: there is no tape.
        Malformed: the tape is not what the format promises.
    """
    if is_live(url) and surroundings is not None:
        return _open_live(surroundings)
    from stonks.adapters.sources.tape import open_tape

    return open_tape(tape_directory(url))


def _open_live(surroundings: "Surroundings") -> Sources:
    from stonks.adapters.sources.alpaca import AlpacaReader
    from stonks.adapters.sources.edgar import EdgarReader
    from stonks.adapters.sources.feed import FeedReader
    from stonks.adapters.sources.gdelt import GdeltReader
    from stonks.adapters.sources.live import LiveSources, Reader as LiveReader, outlets_of
    from stonks.adapters.sources.polygon import PolygonReader
    from stonks.adapters.sources.web_scrape import WebScrapeReader

    settings = surroundings.settings
    readers: list[LiveReader] = [EdgarReader(surroundings), FeedReader(surroundings), WebScrapeReader(surroundings)]
    if settings.gdelt_query:
        readers.append(GdeltReader(surroundings))
    if settings.polygon_key:
        readers.append(PolygonReader(surroundings))
    if settings.alpaca_key_id and settings.alpaca_secret:
        readers.append(AlpacaReader(surroundings))
    return LiveSources(readers, outlets_of(surroundings))


def is_live(url: str | None) -> bool:
    """Return whether a URL of sources means the real world, not a tape."""
    return url is not None and urlsplit(url).scheme == "live"


def open_market(url: str | None, store: Reader | None = None) -> MarketFeed:
    """Return the market of the paper exchange: that of the tape at a URL, or for ``live:`` the bars that are stored."""
    if is_live(url) and store is not None:
        from stonks.adapters.sources.stored import StoredMarket

        return StoredMarket(store)
    from stonks.adapters.sources.market import RecordedMarket
    from stonks.adapters.sources.tape import read_tape

    return RecordedMarket(read_tape(tape_directory(url)))


def tape_directory(url: str | None) -> Path:
    """Return where the tape of a ``tape:///directory`` URL is, or the bundled one for no URL."""
    if url is None:
        return Path(str(files("stonks.tapes"))) / BUNDLED
    parts = urlsplit(url)
    if parts.scheme != "tape" or parts.netloc:
        raise SettingError("STONKS_SOURCES_URL", f"no sources at {url!r}: use tape:///path or live:")
    return Path(unquote(parts.path))


__all__ = ["is_live", "open_market", "open_sources", "tape_directory"]
