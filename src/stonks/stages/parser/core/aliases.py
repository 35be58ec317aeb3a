"""The names under which texts speak of a company, and how they are spelled."""

import re
from collections import defaultdict
from collections.abc import Iterable

from stonks.model.company import Company

_LEGAL = re.compile(
    r"(?:,?\s+(?:Inc|Incorporated|Corp|Corporation|Co|Company|Companies|Cos|Ltd|Limited|plc|PLC|Group|Holdings|"
    r"International|N\.V|S\.A)\.?|\s*(?:&|and)\s+Co(?:\.|mpany)?)$"
)
_JOINED = re.compile(r"\b([A-Z])\.(?=[A-Z]\b|\s|$)")
_INNER = re.compile(r"(?<=[a-z])[A-Z].*")  # McDonald's is McDONALD'S in capitals
_SIGNS = tuple(str.maketrans(dict.fromkeys(signs, "?")) for signs in ("", "'", "-", "'-"))  # curly, and long
_SHORTEST = 2
_INITIALS = 5  # letters up to which a name in capitals is initials

WORD_TICKERS = frozenset(
    (
        "ADP ALL AMP ANY APA APP ARE ARES BALL BEN BIG BRO CAN CARR CAT CEO CMS CNC COIN COO COP COR COST CPT CRM DASH "
        "DAY DECK DOC DOW EAT ECHO ELV EXE FAST FIX FLEX FOR FOX GAP GEN GIS HAS HON HOOD HUM IBM ICE IRM IT KEY KEYS "
        "KIM LITE LOW MAN MAR MAS MET META MSI NOW ONE OPEN OUT PAY PEG PODD POOL PSA REAL REG RES SEE SNAP SOLV SPG "
        "SRE STE SUN TAP TEAM TECH TEL TRIP TXT UPS URI USA USB VICI WAT WELL WEST WM XYZ"
    ).split()
)
"""Tickers that are also words or common abbreviations: alone they name no company (IBM is named by its alias)."""

COMMON_TICKERS = frozenset(
    "A AI ALL AM AN ANY ARE AS AT BE BIG CAN CEO COO DAY DO ED EL ES FOR GO HAS I IN IP IR IT KEY LOW MAN ME MY NOW ON "
    "ONE OPEN OR OUT PAY PM REG RES SEE SO TV UN UP URI US USA USB WE WELL WEST XYZ".split()
)
"""Tickers that as words of their own say nothing even where their company is named."""

OTHERS = (
    "Apollo Hospitals|Apollo Tyres|Apple Hospitality|Apple Records|Delta Electronics|Dow Jones|Duke University|"
    "Ford Foundation|Gillette India|Hershey Park|Merck KGaA|Old Dominion University|Owens Corning|Pfizer India|"
    "Prudential plc|Target Hospitality|Visa Steel"
).split("|")
"""Names that have a company's name in them and are another's."""

_STOP = frozenset(
    "africa|alabama|alaska|america|american|april|argentina|arizona|arkansas|asia|atlantic|august|australia|austria|"
    "boston|brazil|britain|british|california|canada|canadian|capital|central|charlotte|chicago|chile|china|chinese|"
    "citizens|colombia|colorado|columbia|connecticut|consolidated|consumer|continental|dallas|december|delaware|denver|"
    "detroit|digital|east|eastern|egypt|energy|england|enterprise|europe|european|federal|fidelity|financial|first|"
    "florida|france|friday|general|georgia|germany|global|gold|greece|hawaii|hong kong|houston|idaho|illinois|india|"
    "indiana|indonesia|international|iowa|ireland|israel|italy|january|japan|july|june|kansas|kentucky|kenya|london|"
    "los angeles|louisiana|maine|march|maryland|massachusetts|mexico|michigan|minnesota|mississippi|missouri|monday|"
    "montana|national|nebraska|netherlands|nevada|new england|new jersey|new mexico|new york|new zealand|news|nigeria|"
    "north|north carolina|northern|norway|november|october|ohio|oklahoma|old|oregon|pacific|peru|philadelphia|"
    "philippines|poland|portland|portugal|public|republic|russia|saturday|scotland|seattle|september|service|services|"
    "simon|singapore|south|south africa|south carolina|south korea|spain|standard|state|sunday|sweden|switzerland|"
    "taiwan|technology|tennessee|texas|thailand|thursday|tokyo|toronto|tuesday|turkey|uk|ukraine|united|"
    "united kingdom|united states|universal|us|utah|vermont|vietnam|virginia|wales|washington|wednesday|west|western|"
    "wisconsin|world|wyoming".split("|")
)
"""What may be left of a name without its legal form and is none: places, days and what many companies are called."""


def owners_of(companies: Iterable[Company]) -> dict[str, str]:
    """Return each name that only one company has, with its ticker."""
    owners: dict[str, set[str]] = defaultdict(set)
    for company in companies:
        for name in variants(company):
            owners[name].add(company.ticker)
    return {name: tickers.pop() for name, tickers in owners.items() if len(tickers) == 1}


def variants(company: Company) -> frozenset[str]:
    """Return every name of a company: no article, with and without legal form, ``&`` as a word, initials joined."""
    names: set[str] = set()
    for name in (company.name, *company.aliases):
        names |= _shortened(name.removeprefix("The "))
    names |= set(_respelled(names))
    return frozenset(name for name in names if len(name) >= _SHORTEST and name.lower() not in _STOP)


def spellings(name: str) -> set[str]:
    """Return a name as texts write it: in capitals, with a capital to each word, with signs that ``fold`` cannot tell.

    Initials are written only as they are.
    """
    if name.isupper() and len(name) <= _INITIALS:
        return {name}
    words = name.split(" ")
    cases = {
        name,
        name.upper(),
        _INNER.sub(lambda found: found[0].upper(), name),
        " ".join(word[:1].upper() + word[1:].lower() for word in words),
        " ".join(word[:1].upper() + word[1:] for word in words),
        " ".join(word[:1] + word[1:].lower() for word in words),
    }
    return {spelled.translate(signs) for spelled in cases for signs in _SIGNS}


def _shortened(name: str) -> set[str]:
    names = {name}
    while (shorter := _LEGAL.sub("", name).rstrip(" ,&")) != name and shorter:
        names.add(shorter)
        name = shorter
    return names


def _respelled(names: Iterable[str]) -> Iterable[str]:
    for name in names:
        if " & " in name:
            yield name.replace(" & ", " and ")
        if " and " in name:
            yield name.replace(" and ", " & ")
        if "-" in name:
            yield name.replace("-", " ")
        if _JOINED.search(name):
            yield _JOINED.sub(r"\1", name)
