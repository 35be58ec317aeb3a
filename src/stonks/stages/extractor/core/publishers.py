"""How far a publisher is trusted before anything is known of its record: the tiers of signals.md 3.2, as data."""

from enum import Enum

from stonks.model.document import DocumentType


class Tier(Enum):
    """A kind of publisher with its trust in [0, 1]."""

    OFFICIAL = 1.0
    WIRE = 0.9
    MAJOR = 0.8
    PRESS_RELEASE = 0.6
    BLOG = 0.5
    SOCIAL = 0.3


_NAMES: tuple[tuple[Tier, str], ...] = (
    (
        Tier.OFFICIAL,
        """
        sec|edgar|sec edgar|federal reserve|fomc|us treasury|treasury|bls|bea|ecb|fda|white house
        """,
    ),
    (
        Tier.WIRE,
        """
        reuters|bloomberg|associated press|ap|ap news|dow jones|dow jones newswires|mt newswires|afp|newswire
        rtt news|rttnews|alliance news
        """,
    ),
    (
        Tier.MAJOR,
        """
        cnbc|the wall street journal|wall street journal|wsj|financial times|ft|marketwatch|barron's|barrons
        the new york times|new york times|nyt|washington post|fortune|forbes|bbc|bbc news|cnn|cnn business
        the economist|the guardian|usa today|los angeles times|nikkei|nikkei asia|axios|politico
        business insider|techcrunch|the verge|cbs news|nbc news|abc news|fox business|investor's business daily
        yahoo finance|seattle times|npr|time|variety
        """,
    ),
    (
        Tier.PRESS_RELEASE,
        """
        business wire|businesswire|pr newswire|prnewswire|globenewswire|globe newswire|accesswire|newsfile
        """,
    ),
    (Tier.SOCIAL, "twitter|x|stocktwits|reddit|facebook|youtube"),
)
_TIERS = {
    name.strip(): tier
    for tier, names in _NAMES
    for line in names.split("\n")
    for name in line.split("|")
    if name.strip()
}

LEAST, MOST = 0.1, 1.5


def tier_of(publisher: str, document_type: DocumentType) -> Tier:
    """Return the tier of a publisher; one we do not know counts as a blog, what a company files as official."""
    if document_type is DocumentType.FILING:
        return Tier.OFFICIAL
    known = _TIERS.get(publisher.strip().casefold())
    if known is not None:
        return known
    return Tier.PRESS_RELEASE if document_type is DocumentType.PRESS_RELEASE else Tier.BLOG


def credibility(publisher: str, document_type: DocumentType) -> float:
    """Return the trust in a publisher on the scale [.1, 1.5] on which outcomes will correct it."""
    return LEAST + (MOST - LEAST) * tier_of(publisher, document_type).value
