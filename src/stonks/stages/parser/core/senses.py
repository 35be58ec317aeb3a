"""Names that mean other things too: which they are, and whether the company is meant where one stands."""

import re
from collections.abc import Callable
from functools import partial

Sense = Callable[[str, int, int], bool | None]
"""Whether a name between two offsets is meant as the company: True surely, False if the text says so elsewhere, None
never."""

WORDS: dict[str, frozenset[str]] = {
    word: frozenset(following.split())
    for word, following in {
        "alexa": "",
        "allstate": "",
        "alphabet": "soup letters of",
        "amazon": "rainforest river basin forest forests jungle deforestation delta region tribe tribes",
        "apple": "pie pies juice cider orchard orchards tree trees sauce grower growers picking crop harvest podcasts",
        "azure": "sky skies sea coast",
        "ball": "game games park",
        "best buy": "now right today list ideas for",
        "block": "party of on the",
        "booking": "a your for fees",
        "cadence": "of",
        "carnival": "of parade season ride rides float floats",
        "carrier": "pigeon oil bag strike group wave",
        "charter": "school schools flight flights member members of boat bus bill",
        "chase": "for after the a his her down up may",
        "coherent": "",
        "corning": "",
        "crown": "prince princess jewel jewels",
        "copilot": "and seat",
        "delta": "variant force wave state blues hedge hedging neutral region of between rays",
        "discover": "the how why what your more",
        "emerson": "",
        "flex": "time fuel your space",
        "ford": "foundation",
        "fox": "hunt hunting",
        "gap": "between in year of up down widens narrows",
        "global payments": "system systems landscape market infrastructure",
        "intel": "report reports officials agency agencies on from chief",
        "key": "takeaways points to facts things",
        "match": "made up day point the",
        "meta": "analysis",
        "microchip": "in your implant shortage",
        "micron": "thick",
        "mosaic": "of",
        "oracle": "of",
        "paramount": "importance to",
        "pool": "of party",
        "progressive": "democrats caucus tax policies lawmakers",
        "prudential": "regulation regulator regulators authority policy standards",
        "public storage": "facility facilities unit units",
        "regions": "of in across",
        "snap": "election elections judgment up",
        "square": "miles feet root",
        "tableau": "vivant",
        "tapestry": "of",
        "target": "date dates range ranges price prices rate rates audience of for is was",
        "travelers": (
            "face faced to from at in on with who are were can could may might should need heading arriving flying "
            "stranded check championship"
        ),
        "twitch": "of in",
        "uber": "rich cool",
        "vertex": "of",
        "visa": (
            "applicant applicants holder holders application applications rule rules restriction restrictions fee fees "
            "program programs revocation revocations waiver waivers ban bans bulletin free requirement requirements "
            "policy status sponsorship appointment appointments processing lottery overstay overstays"
        ),
        "waste management": "facility facilities practices system systems plan plans services in",
        "workday": "",
        "zoom": "call calls meeting meetings in out",
    }.items()
}
"""Names that are ordinary words, each with the words after which they are that and no company."""

NAMESAKES = frozenset(
    (
        "abbott|apollo|baxter|casey's|cooper|cummins|devon|dominion|dover|duke|eaton|edison|everest|f5|gallagher|"
        "grainger|hartford|hershey|hilton|hubbell|jacobs|lennox|lilly|linde|marriott|marshalls|mccormick|merrill|"
        "old dominion|otis|rollins|ross|schwab|southern|southwest|state street|tyson|waters|williams|wynn|aes|apa|bd|"
        "bms|bny|cdw|cf|crh|dte|eqt|fis|idex|ptc|rtx|tko|udr|ups|wm|3m"
    ).split("|")
)
"""Names that people, places and other bodies have as well: that they are capitalised says nothing."""

INDICES = frozenset({"dow", "msci", "nasdaq"})
"""Names under which texts hardly ever mean the company: they count where it is named otherwise."""

_VERBS = frozenset({"block", "chase", "discover", "match", "snap", "target"})
_WITH_ARTICLE = frozenset({"amazon"})  # the Amazon is a river
_POSSESSIVE = re.compile(r"^['’]s?\b|^s['’]")
_NEXT_WORD = re.compile(r"^[^\w\n.!?]{1,3}(\w+)")
_IN_TEXT = re.compile(r"(?:(?:^|[\s(])[a-z]+['’,]?|[A-Z]\w+,)\s[\"'“‘(]?$")
_VERBAL = re.compile(r"\b(?:to|will|can|could|should|price|its|their|your) $", re.IGNORECASE)
_ARTICLE = re.compile(r"\bthe $", re.IGNORECASE)
_SENTENCE_START = re.compile(r"(?:^|[.!?:;\n|—–]\s*|\s-\s)[\"'“‘(\[]*$")
_VERB = re.compile(r"(?:to|is|has|will|said|plans|\w{2,}(?:s|ed))$", re.IGNORECASE)
_LISTED = re.compile(r"^(?:\s?:|,\s[A-Z]|\sand\s[A-Z]|\s[-+]?\d+(?:\.\d+)?%)")
_FIRST_NAME = re.compile(r"(?:^|[\s(\"“])[A-Z][a-z]*\.?\s$")
_FINANCE = re.compile(
    r"\b(?:shares?|stocks?|earnings|revenues?|sales|profits?|quarter(?:ly)?|Q[1-4]|CEO|CFO|chief executive|Inc|Corp|"
    r"Co\.|analysts?|upgrade[sd]?|downgrade[sd]?|price target|dividends?|investors?|guidance|outlook|forecasts?|"
    r"results|buyback|valuation|market cap|trading|rall(?:y|ies)|plunge[sd]?|insurer|retailer|Dow|S&P|Nasdaq|NYSE|"
    r"antitrust|lawsuit|payments?|iPhone|cloud|Buffett|portfolio|holdings?)\b",
    re.IGNORECASE,
)
_BUSINESS = re.compile(
    r"^(?:['’]s?)?\s(?:shares?|stock|earnings|revenue|profits?|Q[1-4]|(?:first|second|third|fourth)[- ]quarter|"
    r"quarterly|CEO|CFO|beats?|misses|tops?|reports?|posts?|raises?|cuts?|announce[sd]?|acquires?|to (?:acquire|buy|"
    r"sell|report)|dividend|guidance|outlook|price target|upgraded|downgraded|stake|Inc\b|Corp\b)",
    re.IGNORECASE,
)


def sense_of(name: str) -> Sense | None:
    """Return what tells the sense of a name wherever it stands; None for a name that only the company has."""
    word = name.lower()
    if word in INDICES:
        return _as_index
    if word in NAMESAKES:
        return _as_namesake
    return partial(_as_word, word) if word in WORDS else None


def _as_index(_text: str, _start: int, _end: int) -> bool:
    return False


def _as_namesake(text: str, start: int, end: int) -> bool:
    after = text[end : end + 60]
    if _BUSINESS.match(after):
        return True
    before = text[max(0, start - 40) : start]
    if _FIRST_NAME.search(before):
        return False
    return bool(_FINANCE.search(after) or _FINANCE.search(before))


def _as_word(word: str, text: str, start: int, end: int) -> bool | None:
    after = text[end : end + 60]
    following = _NEXT_WORD.match(after)
    next_word = following.group(1).lower() if following else ""
    if next_word in WORDS[word]:
        return None
    if word in _VERBS and _VERBAL.search(text, max(0, start - 8), start):
        return None
    if word in _WITH_ARTICLE:
        return None if _ARTICLE.search(text, max(0, start - 5), start) else True
    if _POSSESSIVE.match(after) or _FINANCE.search(after) or _FINANCE.search(text, max(0, start - 40), start):
        return True
    if _SENTENCE_START.search(text, max(0, start - 6), start):
        return bool(_VERB.fullmatch(next_word) or _LISTED.match(after))
    return bool(_IN_TEXT.search(text, max(0, start - 24), start))
