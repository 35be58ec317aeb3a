"""All that a recommendation is a function of, as known at one instant."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from stonks.model.trend import Driver, Trend
from stonks.model.weights import PRIOR_WEIGHTS, WindowModel


class Voice(msgspec.Struct, frozen=True, kw_only=True):
    """The signal behind one driver of a trend: who said it, what of, when, and how well it stands."""

    signal_id: UUID
    publisher: str
    event_type: str
    known_at: datetime
    quality: float
    verified_ratio: float | None
    """Share of the extraction's claims that were found in the text; None where nothing was extracted from a text."""


class Flaw(msgspec.Struct, frozen=True, kw_only=True):
    """The breaker that a language model's answers have opened: the share that did not hold, and what is allowed."""

    observed: float | None
    limit: float | None


class Situation(msgspec.Struct, frozen=True, kw_only=True):
    """A trend with its voices, its market, the account's position, and what was recommended before."""

    trend: Trend
    company: str
    voices: tuple[Voice, ...] = ()
    closes: tuple[float, ...] = ()
    """Daily closes, oldest first; raw prices in dollars."""
    closed_at: tuple[datetime, ...] = ()
    """When each close became known."""
    price: Decimal | None = None
    """The last close."""
    dollar_volume: float | None = None
    """Mean dollars traded a day over the last twenty bars."""
    held: Decimal = Decimal(0)
    """Signed shares."""
    earnings_in_days: int | None = None
    """Days until the next known results."""
    acted_at: datetime | None = None
    """When a recommendation of this window was last acted on, in the last month."""
    bought_at: datetime | None = None
    """When buying this company was last recommended for trading."""
    sold_at: datetime | None = None
    """When selling it was."""
    model: WindowModel | None = None
    """What outcomes have taught of the window; None where too few have closed."""
    model_version: str = PRIOR_WEIGHTS.version
    """The version of the weights in force."""

    model_flaw: Flaw | None = None
    """Why what a language model reads is not to be traded on; None while its answers hold."""

    def voice(self, driver: Driver) -> Voice | None:
        """Return the voice of a driver."""
        return next((voice for voice in self.voices if voice.signal_id == driver.signal_id), None)
