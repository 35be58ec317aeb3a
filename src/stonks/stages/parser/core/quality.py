"""How good a document is: features of its text and publisher, a score from them, and what makes it worthless."""

import math
import re
from string import ascii_letters, ascii_uppercase, digits

from stonks.stages.parser.core.folding import is_disguised
from stonks.stages.parser.core.phrases import INJECTION, LAW_FIRM, PAYWALL, TEMPLATE
from stonks.stages.parser.core.reading import Reading

LOWEST = 0.2
"""A document under this quality is rejected."""

_AUTHORITIES = r"\b(?:SEC|EDGAR|Securities and Exchange|Federal Reserve|Bureau of|Department of|White House|Treasury)"
_WIRES = r"\b(?:Reuters|Bloomberg|Associated Press|AP|Dow ?Jones|MT Newswires|Finnhub)"
_MAJORS = (
    r"\b(?:CNBC|CNN|BBC|Wall Street Journal|WSJ|Financial Times|FT|Barron|MarketWatch|New York Times|Washington Post|"
    r"Fortune|Forbes|Yahoo|TechCrunch|Economist|Guardian|NPR|Axios|Politico|USA Today|Business Insider|Verge)"
)
_RELEASES = r"\b(?:Business ?Wire|PR ?Newswire|Globe ?Newswire|Accesswire|Company)"
_BLOGS = (
    r"\b(?:Seeking ?Alpha|Motley Fool|Zacks|Insider Monkey|Benzinga|Simply Wall|TipRanks|GuruFocus|Fintel|"
    r"InvestorPlace)"
)
_SOCIAL = r"\b(?:Reddit|StockTwits|Twitter|X\.com)"
_TIERS = tuple(
    (tier, re.compile(names, re.IGNORECASE))
    for tier, names in (
        (1.0, _AUTHORITIES),
        (0.9, _WIRES),
        (0.8, _MAJORS),
        (0.6, _RELEASES),
        (0.5, _BLOGS),
        (0.3, _SOCIAL),
    )
)
_UNKNOWN_TIER = 0.6

_STUB = 800
_SENTENCE = re.compile(r"[^.!?\n]+([.!?])?")
_SCANNED = 20_000
_LETTERS, _CAPITALS, _DIGITS = ascii_letters.encode(), ascii_uppercase.encode(), digits.encode()
_BLOB = re.compile(r"[A-Za-z0-9+/]{160}")
_BLOB_LENGTH = 160

_WEIGHTS = {
    "tier": 2.4,
    "length": 1.2,
    "complete": 0.5,
    "byline": 0.3,
    "dated": 0.2,
    "shouting": -1.5,
    "digits": -1.5,
    "crowd": -1.0,
    "template": -1.0,
    "misread": -0.3,
}
_BIAS = -1.2
_INJECTION_FACTOR = 0.3


def tier_of(publisher: str) -> float:
    """Return how much a publisher is worth before anything is read: 1 the authorities, .3 social media."""
    return next((tier for tier, names in _TIERS if names.search(publisher)), _UNKNOWN_TIER)


def features_of(reading: Reading, publisher: str, companies: int) -> dict[str, float]:
    """Return the features of a text, all but ``chars`` in [0, 1]; the ones in ``_WEIGHTS`` make the score."""
    text = f"{reading.title}\n{reading.body}"[:_SCANNED]
    ascii_text = text.encode("ascii", "ignore")
    letters = _count(ascii_text, _LETTERS) or 1
    sentences = _SENTENCE.findall(reading.body[:_SCANNED])
    words = text.count(" ") + 1
    chars = len(reading.title) + len(reading.body)
    return {
        "chars": float(chars),
        "tier": tier_of(publisher),
        "length": min(1.0, chars / 600, 8_000 / max(chars, 1) + 0.5),
        "complete": sum(map(bool, sentences)) / len(sentences) if sentences else 0.0,
        "byline": float(reading.author),
        "dated": float(reading.published_at is not None),
        "shouting": max(0.0, _count(ascii_text, _CAPITALS) / letters - 0.2),
        "digits": max(0.0, _count(ascii_text, _DIGITS) / len(text) - 0.15),
        "crowd": min(1.0, max(0.0, companies * 100 / words - 3) / 5) if companies > 3 else 0.0,  # noqa: PLR2004 - a list
        "template": float(TEMPLATE.found_in(text)),
        "misread": float("misread_encoding" in reading.flags),
        "injection": float(INJECTION.found_in(text) or _holds_blob(text)),
        "disguised": float(is_disguised(text)),
    }


def _count(text: bytes, characters: bytes) -> int:
    """Return how many of a text's characters are among these."""
    return len(text) - len(text.translate(None, characters))


def _holds_blob(text: str) -> bool:
    """Whether something is encoded in a text, as an order to a model may be."""
    words = text.split()
    if max(map(len, words), default=0) < _BLOB_LENGTH:
        return False
    return any(len(word) >= _BLOB_LENGTH and _BLOB.search(word) for word in words)


def score(features: dict[str, float]) -> float:
    """Return the quality in [0, 1] (signals.md 3.2); a text made to mislead machines keeps less than a third.

    Such a text gives orders to a model, or writes words with letters of two alphabets.
    """
    total = _BIAS + sum(weight * features[name] for name, weight in _WEIGHTS.items())
    quality = 1 / (1 + math.exp(-total))
    return quality * _INJECTION_FACTOR if features["injection"] or features["disguised"] else quality


def is_solicitation(reading: Reading) -> bool:
    """Whether a law firm looks for plaintiffs."""
    return LAW_FIRM.found_in(f"{reading.title}\n{reading.body[:3000]}")


def is_paywall(reading: Reading) -> bool:
    """Whether what was read is the stub in front of a paywall."""
    return len(reading.body) < _STUB and PAYWALL.found_in(reading.body)
